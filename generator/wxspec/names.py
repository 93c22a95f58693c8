"""Python names as types: an `Identifier` can be printed where a name belongs.

A text that does not fit is a diagnostic, never a rename: a user writes the name that stands in the
specification.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys

from attrs import frozen

from wxspec.values import Text

__all__ = [
    "CLASS_SCOPE",
    "EVENT_SCOPE",
    "FIELD_SCOPE",
    "FUNCTION_SCOPE",
    "HEADER_SCOPE",
    "MAX_LENGTH",
    "MODULE_SCOPE",
    "PACKAGE_SCOPE",
    "PARAMETER_SCOPE",
    "STRATEGY_SCOPE",
    "ClassName",
    "ConstantName",
    "Identifier",
    "ModuleName",
    "Name",
    "Problem",
    "async_facade_name",
    "constant_name",
    "document_class_name",
    "facade_name",
    "is_reserved",
    "local_name",
    "pascal_case",
    "problem_with",
    "snake_case",
]

MAX_LENGTH = 40
"""The longest name, so that no printed line outgrows its width by names alone."""

_SNAKE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)

_KEYWORDS = frozenset(keyword.kwlist)

# What the templates themselves use in each scope, and may therefore not be called otherwise.
_TEMPLATE_NAMES = {
    *(
        "annotations",
        "builtins",
        "define",
        "field",
        "nothing",
        "partial",
        "split",
        "whole_file",
        "wire",
    ),
}
_BUILTIN_TYPES = {"bool", "bytes", "dict", "float", "int", "str", "type"}
MODULE_SCOPE = frozenset(
    {
        *("aio", "annotations", "callback", "catalog", "client", "converter", "errors"),
        *("events", "lazy", "replies", "strategies", "property"),
        # What a client has beside its properties.
        *("app_id", "close", "download", "send", "service", "with_options"),
    }
)
PACKAGE_SCOPE = frozenset(
    {
        *("attrs", "builtins", "cattrs", "hypothesis", "orjson", "urllib3"),
        *("wxruntime", "wxspec", "yaml", "jinja2", "typing_extensions"),
        *sys.stdlib_module_names,
    }
)
FUNCTION_SCOPE = frozenset({*_TEMPLATE_NAMES, *_BUILTIN_TYPES, "len", "property", "self", "super"})
PARAMETER_SCOPE = frozenset({*_TEMPLATE_NAMES, "self", "str", "int"})
FIELD_SCOPE = frozenset(
    {
        *("unknown", "self", "builtins", "field", "define", "mro", "property", "st", "wire"),
        *("event_type", "message_type", "reply_type"),
    }
)
HEADER_SCOPE = frozenset({*FIELD_SCOPE, "event", "fields", "kind"})
EVENT_SCOPE = frozenset({"unknown"})  # its class would be UnknownEvent
STRATEGY_SCOPE = frozenset({*_BUILTIN_TYPES, "annotations", "list", "st", "unknown_event"})
CLASS_SCOPE = frozenset(
    {
        *(name for name in dir(builtins) if name[0].isupper()),
        # Builtins of some versions of Python are reserved on all of them.
        *("BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError"),
        *("BaseAsyncClient", "BaseCallback", "BaseClient", "CODECS", "FORMAT", "SERVICE"),
        *("AsyncClient", "AsyncSender", "Call", "Callback", "ClassVar", "Client", "Codecs"),
        *("Event", "EventType", "File", "Form", "JsonObject", "JsonValue", "Literal", "Mapping"),
        *("AsyncIterator", "Callable", "Iterator", "Pages", "Sequence"),
        *("MessageType", "NoReturn", "OpenEnum", "OpenIntEnum", "PushFormat", "Reply"),
        *("ReplyFormat", "ReplyType", "Scanner", "Sender", "Service", "Timestamp"),
        *("TypeAlias", "UnknownEvent", "Upload", "Uploadable", "WindowsError"),
        *("ApiError", "DecodeError", "EncodeError", "HttpError", "SignatureError"),
        *("StoreError", "TransportError", "WeChatError"),
    }
)


class Name(Text):
    """Text that is a Python name."""

    __slots__ = ()


class Identifier(Name):
    """A name of a function, parameter or field: `kf_account`."""

    __slots__ = ()


class ClassName(Name):
    """A name of a class: `WaitCase`."""

    __slots__ = ()


class ModuleName(Name):
    """A name of a module or package: `kf_session`."""

    __slots__ = ()


class ConstantName(Name):
    """A name of a constant: `KF_CREATE_SESSION`."""

    __slots__ = ()


_FORMS: dict[type[Name], tuple[re.Pattern[str], str]] = {
    Identifier: (_SNAKE, "kf_account"),
    ModuleName: (_SNAKE, "kf_session"),
    ClassName: (_PASCAL, "WaitCase"),
    ConstantName: (_UPPER, "KF_CREATE_SESSION"),
}


@frozen
class Problem:
    """Why a text cannot be a name."""

    code: str
    """The code of the diagnostic: `bad-name` or `reserved-word`."""
    message: str
    """The name that was expected, and the text that came."""


def problem_with(kind: type[Name], text: str, reserved: frozenset[str]) -> Problem | None:
    """Return why a text cannot be a name of a kind; None when it can.

    Args:
        kind: The kind of name.
        text: The text.
        reserved: The names that generated code needs where this one would stand.
    """
    pattern, form = _FORMS[kind]
    if not pattern.fullmatch(text) or text.endswith("_") or "__" in text:
        return Problem("bad-name", f"expected a name like {form}, got {text!r}")
    if len(text) > MAX_LENGTH:
        message = f"expected a name of at most {MAX_LENGTH} characters, got {len(text)}"
        return Problem("bad-name", message)
    if text in _KEYWORDS:
        return Problem("reserved-word", f"{text!r} is a reserved word of Python")
    if text in reserved:
        return Problem("reserved-word", f"{text!r} is a name that the generated code needs itself")
    return None


def is_reserved(text: str, reserved: frozenset[str]) -> bool:
    """Return whether a text is a keyword of Python, or a name that generated code needs itself."""
    return text in _KEYWORDS or text in reserved


def snake_case(class_name: str) -> Identifier:
    """Turn a class's name into a function's: `WaitCase` → `wait_case`."""
    return Identifier(
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower()
    )


def pascal_case(name: str) -> ClassName:
    """Turn a snake-case name into a class's: `kf_session` → `KfSession`."""
    return ClassName("".join(part[:1].upper() + part[1:] for part in name.split("_")))


def facade_name(module: str) -> ClassName:
    """Name the class that has a module's calls: `kf_session` → `KfSession`."""
    return pascal_case(module)


def async_facade_name(module: str) -> ClassName:
    """Name the class that has a module's calls and awaits them: `AsyncKfSession`."""
    return ClassName(f"Async{pascal_case(module)}")


def document_class_name(wire: str, called: str) -> str:
    """Name the class of a push or a reply: `kf_create_session` → `KfCreateSessionEvent`.

    Args:
        wire: The wire name of the document.
        called: The word for such a document: `event`, `message` or `reply`.
    """
    return f"{pascal_case(wire.lower() if wire.isupper() else wire)}{pascal_case(called)}"


def constant_name(wire: str) -> str:
    """Name a member of an enumeration: `kf_create_session` → `KF_CREATE_SESSION`."""
    return wire.upper()


def local_name(field: str, taken: frozenset[str]) -> Identifier:
    """Name a local variable after a field, without hiding a name that is taken."""
    name = field
    while name in taken:
        name += "_"
    return Identifier(name)

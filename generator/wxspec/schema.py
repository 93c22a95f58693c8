"""The specification language: one attrs class per construct.

Each attribute is a key of the language, with its documentation beside it. From these classes
come the reader (cattrs), the JSON Schema for editors, and the table of keys in the
documentation; nothing of the language is written down a second time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from attrs import field, frozen

from wxspec.diagnostics import Span
from wxspec.values import EMPTY, Float, Int, Map, Seq, Text, Value, span_of

__all__ = [
    "EXPRESSIONS",
    "Endpoint",
    "Enumeration",
    "Envelope",
    "ErrorCode",
    "ErrorsFile",
    "Event",
    "Field",
    "Forcing",
    "Group",
    "Host",
    "Member",
    "Message",
    "Model",
    "ModuleFile",
    "Next",
    "Pages",
    "ParameterRef",
    "Push",
    "Query",
    "Reply",
    "RequestLine",
    "Returns",
    "Scalar",
    "Seconds",
    "ServiceFile",
    "Split",
    "Times",
    "Title",
    "Token",
    "TypeExpr",
    "Unexpected",
    "Union",
    "doc_of",
]


Scalar: TypeAlias = Text | Int | Float | bool


class Unexpected(Exception):
    """A value is not what its key asks for."""

    def __init__(self, span: Span, message: str, hint: str = "", code: str = "wrong-type") -> None:
        super().__init__(message)
        self.span = span
        self.message = message
        self.hint = hint
        self.code = code


StandIn: TypeAlias = "str | int | dict[str, str | int]"


def says(text: str, stand_in: StandIn | None = None) -> dict[str, object]:
    """Document a key of the language.

    Args:
        text: What it says.
        stand_in: What to read on with when a required key is missing or wrong, so that
            whatever else is wrong with the construct is found in the same run.
    """
    return {"doc": text, "stand_in": stand_in}


def doc_of(metadata: Mapping[str, object]) -> str:
    """Return the documentation of a key."""
    return str(metadata["doc"])


def shown(value: Value) -> str:
    """Name a value in YAML's terms."""
    if isinstance(value, Map):
        return "a mapping"
    if isinstance(value, Seq):
        return "a list"
    if isinstance(value, Text):
        return f"the text {str(value)!r}"
    return "nothing" if value is None else str(value).lower()


# Values with a syntax of their own. Each reads itself, and says its JSON Schema.


@frozen
class TypeExpr:
    """A type: the name of a scalar, model, enumeration or union, or a list `[T]` of one."""

    name: Text
    is_list: bool
    span: Span = field(eq=False)

    SCHEMA: ClassVar[dict[str, object]] = {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1},
        ]
    }

    @classmethod
    def parse(cls, value: Value, span: Span) -> TypeExpr:
        """Read `string` or `[Session]`."""
        if isinstance(value, Text):
            return cls(value, False, value.span)
        if isinstance(value, Seq) and len(value) == 1:
            item = value[0]
            if isinstance(item, Text):
                return cls(item, True, item.span)
        raise Unexpected(
            span_of(value, span),
            f"expected a type such as string, Session or [Session], got {shown(value)}",
        )


@frozen
class Returns:
    """What a call returns: the whole answer as a type, or one key of it."""

    key: Text | None
    type: TypeExpr

    SCHEMA: ClassVar[dict[str, object]] = {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": TypeExpr.SCHEMA,
            },
        ]
    }

    @classmethod
    def parse(cls, value: Value, span: Span) -> Returns:
        """Read `Session` or `{sessionlist: [Session]}`."""
        if isinstance(value, Text):
            return cls(None, TypeExpr.parse(value, span))
        if isinstance(value, Map) and len(value) == 1:
            ((name, item),) = value.items()
            if isinstance(name, Text):
                return cls(name, TypeExpr.parse(item, name.span))
        raise Unexpected(
            span_of(value, span),
            f"expected a model's name, or one key with its type, got {shown(value)}",
            "for example: returns: Session, or returns: {sessionlist: [Session]}",
        )


@frozen
class RequestLine:
    """A method and a path: `GET /customservice/kfsession/getsession`."""

    method: str
    path: str
    span: Span = field(eq=False)

    PATTERN: ClassVar[str] = r"^(GET|POST) (/[A-Za-z0-9._~-]+)+$"
    SCHEMA: ClassVar[dict[str, object]] = {"type": "string", "pattern": PATTERN}

    @classmethod
    def parse(cls, value: Value, span: Span) -> RequestLine:
        """Read a method and a path."""
        if isinstance(value, Text) and re.match(cls.PATTERN, value) and "\n" not in value:
            method, path = value.split(" ")
            return cls(method, path, value.span)
        raise Unexpected(
            span_of(value, span), f"expected GET or POST and a path, got {shown(value)}",
            "for example: request: GET /customservice/kfsession/getsession",
        )  # fmt: skip


@frozen
class ParameterRef:
    """A parameter of the same endpoint: `query.openid`, `body.openid`."""

    place: str
    name: str
    span: Span = field(eq=False)

    PATTERN: ClassVar[str] = r"^(query|body)\.[a-z][a-z0-9_]*$"
    SCHEMA: ClassVar[dict[str, object]] = {"type": "string", "pattern": PATTERN}

    @classmethod
    def parse(cls, value: Value, span: Span) -> ParameterRef:
        """Read a place and a name."""
        if isinstance(value, Text) and re.match(cls.PATTERN, value):
            place, name = value.split(".")
            return cls(place, name, value.span)
        raise Unexpected(
            span_of(value, span),
            f"expected a parameter such as query.openid, got {shown(value)}",
            "what fills a field stands under query: or body:",
        )


@frozen
class Next:
    """Where a page begins: `{offset: next}`, a parameter and the field that gives its value."""

    cursor: Text
    """The parameter for the beginning of a page."""
    found: Text
    """The field of a page with the beginning of the next one."""

    SCHEMA: ClassVar[dict[str, object]] = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"type": "string"},
    }

    @classmethod
    def parse(cls, value: Value, span: Span) -> Next:
        """Read one parameter with one field."""
        got = shown(value)
        if isinstance(value, Map):
            got = str(len(value))
            if len(value) == 1:
                ((cursor, found),) = value.items()
                if isinstance(cursor, Text) and isinstance(found, Text):
                    return cls(cursor, found)
                got = shown(found)
        raise Unexpected(
            span_of(value, span),
            f"expected one parameter that says where a page begins, got {got}",
            "for example: next: {offset: next}",
            code="bad-page",
        )


@frozen
class Seconds:
    """A length of time: `30`, `0.5`."""

    value: float

    SCHEMA: ClassVar[dict[str, object]] = {"type": "number", "exclusiveMinimum": 0}

    @classmethod
    def parse(cls, value: Value, span: Span) -> Seconds:
        """Read a number above zero."""
        if isinstance(value, (Int, Float)) and value > 0:
            return cls(float(value))
        raise Unexpected(
            span_of(value, span), f"expected a number of seconds above 0, got {shown(value)}"
        )


@frozen
class Times:
    """How often something may be done: `20`."""

    value: int

    SCHEMA: ClassVar[dict[str, object]] = {"type": "integer", "minimum": 1}

    @classmethod
    def parse(cls, value: Value, span: Span) -> Times:
        """Read a whole number above zero."""
        if isinstance(value, Int) and value > 0:
            return cls(int(value))
        raise Unexpected(
            span_of(value, span), f"expected a whole number above 0, got {shown(value)}"
        )


EXPRESSIONS = (TypeExpr, Returns, RequestLine, ParameterRef, Next, Seconds, Times)
"""The classes above: the reader and the JSON Schema treat them alike."""


# Keys that many constructs have.

SOURCE = says("The official page.")
SOURCE_INSIDE = says("The official page, where that is not the module's.")
UNDOCUMENTED = says("Whether no official page describes it, not even the module's.")
NOTES = says("What else a caller has to know.")
WHY = says("Why this differs from the documentation, or what is doubtful.")


# The constructs.


@frozen
class Title:
    """What a module or a service is called."""

    en: Text = field(metadata=says("The title in English."))
    zh: Text = field(default=EMPTY, metadata=says("The official title in Chinese."))


@frozen
class Field:
    """A field of a model, an event, a message or a reply, or a parameter of a call."""

    type: TypeExpr | None = field(
        default=None,
        metadata=says("Its type: a scalar, a model, an enumeration, a union, or a list `[T]`."),
    )
    doc: Text = field(default=EMPTY, metadata=says("What it is, in one sentence."))
    wire: Text | None = field(
        default=None, metadata=says("Its wire name, where that differs from its name.")
    )
    also: list[Text] = field(
        factory=list[Text],
        metadata=says(
            "Other names that the wire has used for it: read where the first is absent, and never "
            "written."
        ),
    )
    within: Text | None = field(
        default=None,
        metadata=says("The element around the field, which other fields may stand in as well."),
    )
    bare: Text | None = field(
        default=None,
        metadata=says(
            "With `within`, in a push: the form, `json`, in which it stands outside of that "
            "element; read in either place in either form."
        ),
    )
    item: Text | None = field(
        default=None,
        metadata=says("Of a list: the element around each item, inside of the list's own."),
    )
    optional: bool = field(
        default=False, metadata=says("Whether it may be absent; absent is `None`.")
    )
    default: Scalar | None = field(default=None, metadata=says("The value that its absence means."))
    as_text: bool = field(
        default=False,
        metadata=says(
            "Whether a model or a list is written as JSON inside of text; as an object or a list "
            "it is read as well."
        ),
    )
    const: Scalar | None = field(
        default=None,
        metadata=says("A value that is always sent; no argument gives it."),
    )
    secret: bool = field(
        default=False, metadata=says("Whether it must never be shown in a log or a repr.")
    )
    count: Text | None = field(
        default=None,
        metadata=says(
            "Instead of a type: the list of the same model, event, message or reply whose items "
            "it counts; with `wire`, the count is written there."
        ),
    )
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Model:
    """An object on the wire, a class in Python."""

    doc: Text = field(metadata=says("What it is, in one sentence.", stand_in="?"))
    fields: dict[Text, Field] = field(
        metadata=says("Its fields, in the order of the constructor.", stand_in={})
    )
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Member:
    """One value of an enumeration."""

    value: Scalar = field(metadata=says("The value on the wire, text or number."))
    doc: Text = field(default=EMPTY, metadata=says("What it means, in one sentence."))


@frozen
class Enumeration:
    """A value that is usually one of a few; others are kept as they come."""

    doc: Text = field(metadata=says("What the value means, in one sentence.", stand_in="?"))
    values: dict[Text, Member] = field(metadata=says("Its values, by the name they get in Python."))
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Union:
    """An object that is one of several models, told apart by a tag."""

    doc: Text = field(metadata=says("What it is, in one sentence.", stand_in="?"))
    tag: Text = field(metadata=says("The wire name of the tag, which tells the models apart."))
    of: dict[Text, Text] = field(
        metadata=says(
            "What the tag says → the model; the model's fields stand under a name of their own, "
            "which is what the tag says."
        )
    )
    inline: bool = field(
        default=False, metadata=says("Whether the model's fields stand beside the tag instead.")
    )
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Split:
    """How a call that covers a limited span of time is asked about a longer one."""

    since: Text = field(metadata=says("The parameter for the beginning of a span."))
    until: Text = field(metadata=says("The parameter for the end of a span."))
    seconds: Times = field(metadata=says("The longest span that one call covers, in seconds."))
    time: Text = field(
        metadata=says(
            "The field of an item that says when it happened: items of the second where two spans "
            "meet come once."
        )
    )


@frozen
class Pages:
    """A second function of a call whose answers come in pages: it goes through all items."""

    name: Text = field(metadata=says("The name of the function."))
    doc: Text = field(metadata=says("What it goes through, in one imperative sentence."))
    items: Text = field(metadata=says("The list that a page has its items in, a field of it."))
    next: Next = field(
        metadata=says(
            "The parameter that says where a page begins, and the field of the page before that "
            "says so; its default is the first page."
        )
    )
    size: Text | None = field(
        default=None,
        metadata=says("The parameter that says how many items a page has; the last one has fewer."),
    )
    most: Times | None = field(
        default=None, metadata=says("With `size`: how many items may be asked for at once.")
    )
    count: Text | None = field(
        default=None,
        metadata=says(
            "With `size`: the field of a page that says how many items it has, be they listed or "
            "not; else they are counted."
        ),
    )
    split: Split | None = field(
        default=None,
        metadata=says("How a period is split that is longer than one call covers."),
    )


@frozen
class Endpoint:
    """One call."""

    doc: Text = field(metadata=says("What it does, in one imperative sentence.", stand_in="?"))
    request: RequestLine = field(
        metadata=says("The method and the path below the host.", stand_in="POST /unknown")
    )
    source: Text = field(default=EMPTY, metadata=SOURCE_INSIDE)
    undocumented: bool = field(default=False, metadata=UNDOCUMENTED)
    query: dict[Text, Field] = field(
        factory=dict[Text, Field], metadata=says("The parameters of the query.")
    )
    body: dict[Text, Field] = field(
        factory=dict[Text, Field], metadata=says("The fields of the JSON body.")
    )
    form: dict[Text, Field] = field(
        factory=dict[Text, Field],
        metadata=says("Instead of a body: the fields of a form, files among them."),
    )
    raw: dict[Text, Field] = field(
        factory=dict[Text, Field],
        metadata=says("Instead of a body: one file that is sent as it is."),
    )
    returns: Returns | None = field(
        default=None,
        metadata=says("A model, one key of the answer with its type, or `file`; else nothing."),
    )
    fill: dict[Text, ParameterRef] = field(
        factory=dict[Text, ParameterRef],
        metadata=says(
            "Fields of what it returns that repeat a parameter, where the answer does not."
        ),
    )
    twin: RequestLine | None = field(
        default=None,
        metadata=says(
            "An older request with the same parameters, in the query where it is a GET: sent when "
            "the platform answers that the method is wrong."
        ),
    )
    pages: Pages | None = field(
        default=None,
        metadata=says("Where its answers come in pages: a function that goes through all of them."),
    )
    token: bool = field(default=True, metadata=says("Whether the call needs an access token."))
    idempotent: bool | None = field(
        default=None,
        metadata=says(
            "Whether sending it twice does the same as once; a GET is, unless it says no."
        ),
    )
    deprecated: Text = field(
        default=EMPTY, metadata=says("Why the call is deprecated, and what to use instead.")
    )
    errors: list[Int] = field(
        factory=list[Int], metadata=says("The error codes it answers with, by number.")
    )
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Document:
    """What is pushed or replied; on the wire, the header of all pushes comes first."""

    doc: Text = field(
        metadata=says("What happened, or what is sent, in one sentence.", stand_in="?")
    )
    name: Text | None = field(
        default=None,
        metadata=says(
            "The name in snake case that class and constant are named after, where the name on "
            "the wire reads badly."
        ),
    )
    source: Text = field(default=EMPTY, metadata=SOURCE_INSIDE)
    undocumented: bool = field(default=False, metadata=UNDOCUMENTED)
    fields: dict[Text, Field] = field(
        factory=dict[Text, Field], metadata=says("Its own fields, in the order of the wire.")
    )
    notes: Text = field(default=EMPTY, metadata=NOTES)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Event(Document):
    """One pushed event."""

    kind: Text | None = field(
        default=None,
        metadata=says("The kind of push it is, where that is not the kind of all other events."),
    )


@frozen
class Message(Document):
    """One message that a customer sent."""


@frozen
class Reply(Document):
    """One reply to a push."""


@frozen
class ErrorCode:
    """One error code."""

    name: Text = field(metadata=says("The name of its class."))
    doc: Text = field(metadata=says("What it means, in one sentence.", stand_in="?"))
    remedy: Text = field(default=EMPTY, metadata=says("What to do about it, in one sentence."))
    group: Text | None = field(
        default=None, metadata=says("The group whose members are handled alike.")
    )
    retryable: bool = field(
        default=False,
        metadata=says("Whether a client may send the same call again after a moment."),
    )
    retry_after: Seconds | None = field(
        default=None,
        metadata=says("Seconds after which the same call can succeed, where they are known."),
    )
    source: Text = field(default=EMPTY, metadata=SOURCE)
    why: Text = field(default=EMPTY, metadata=WHY)


@frozen
class Group:
    """Error codes that a caller handles alike: a class between them and all others."""

    doc: Text = field(
        metadata=says("What its members have in common, in one sentence.", stand_in="?")
    )
    remedy: Text = field(
        default=EMPTY,
        metadata=says("What to do about a member that does not say it itself, in one sentence."),
    )


@frozen
class Host:
    """One base URL of the platform."""

    url: Text = field(metadata=says("The base URL, without a slash at its end."))
    doc: Text = field(default=EMPTY, metadata=says("What the host is for."))


@frozen
class Forcing:
    """How often a new token may be forced, which ends the old one for every program."""

    a_day: Times = field(metadata=says("The number of forced tokens in a day.", stand_in=1))
    apart: Seconds = field(
        metadata=says("Seconds between two forced tokens, at least.", stand_in=1)
    )


@frozen
class Token:
    """How calls are authenticated."""

    query: Text = field(metadata=says("The query parameter that carries the access token."))
    call: Text = field(
        metadata=says(
            "The call that fetches one, as `module.endpoint`: its parameters are the app's id, "
            "the app's secret and whether to force; it returns `access_token` and `expires_in`."
        )
    )
    force: Forcing = field(
        metadata=says("How often a new token may be forced.", stand_in={"a_day": 1, "apart": 1})
    )
    dead: list[Int] = field(
        metadata=says("The error codes of an access token that is no longer valid.")
    )
    plain: Text | None = field(
        default=None,
        metadata=says(
            "Another call, each of whose tokens ends the one before: its parameters are the "
            "app's id and the app's secret; it returns such a model as well."
        ),
    )


@frozen
class Envelope:
    """What every answer has beside its content."""

    code: Text = field(
        metadata=says("The field that holds the error code; 0 or absent is success.")
    )
    message: Text = field(metadata=says("The field with the platform's message about the error."))
    also: list[Text] = field(
        factory=list[Text],
        metadata=says("Other fields that have held the code: read where the first is absent."),
    )
    wrong_method: list[Int] = field(
        factory=list[Int],
        metadata=says("The error codes of a request whose method is wrong."),
    )


@frozen
class Query:
    """How queries are written."""

    raw: Text = field(
        metadata=says("The characters of values that are not escaped, beside letters and digits.")
    )


@frozen
class Push:
    """What every push has."""

    kind: Text = field(metadata=says("The tag for the kind of push."))
    event_kind: Text = field(metadata=says("The kind whose pushes are events."))
    event: Text = field(metadata=says("The tag for the name of an event."))
    header: dict[Text, Field] = field(
        metadata=says("The fields that all pushes begin with, in the order of the wire.")
    )
    receiver: Text | None = field(
        default=None,
        metadata=says("The header field with the account that receives the push."),
    )
    sender: Text | None = field(
        default=None,
        metadata=says("The header field with the customer who causes the push."),
    )
    time: Text | None = field(
        default=None, metadata=says("The header field with the time of the push.")
    )
    message_id: Text | None = field(
        default=None,
        metadata=says("The tag for the ID of a message, unique among those of a customer."),
    )


# The files: the first key says which of the three a file is.


@frozen
class ServiceFile:
    """What all calls and pushes of a service share; there is one such file."""

    service: Text = field(metadata=says("The name of the generated package."))
    title: Title = field(metadata=says("What the service is called.", stand_in={"en": "?"}))
    source: Text = field(metadata=says("The official page.", stand_in="?"))
    hosts: list[Host] = field(metadata=says("Its base URLs, the usual one first."))
    token: Token = field(metadata=says("How calls are authenticated."))
    envelope: Envelope = field(metadata=says("What every answer has beside its content."))
    push: Push = field(metadata=says("What every push has."))
    query: Query | None = field(default=None, metadata=says("How queries are written."))


@frozen
class ModuleFile:
    """One family of calls and events: a module of the generated package."""

    module: Text = field(metadata=says("The module's name."))
    title: Title = field(metadata=says("What it is called.", stand_in={"en": "?"}))
    source: Text = field(default=EMPTY, metadata=SOURCE)
    models: dict[Text, Model] = field(
        factory=dict[Text, Model], metadata=says("Its models, by the name of the class.")
    )
    enums: dict[Text, Enumeration] = field(
        factory=dict[Text, Enumeration],
        metadata=says("Its enumerations, by the name of the class."),
    )
    unions: dict[Text, Union] = field(
        factory=dict[Text, Union], metadata=says("Its unions, by the name of the type.")
    )
    endpoints: dict[Text, Endpoint] = field(
        factory=dict[Text, Endpoint], metadata=says("Its calls, by the name of the function.")
    )
    events: dict[Text, Event] = field(
        factory=dict[Text, Event], metadata=says("Its events, by their name on the wire.")
    )
    messages: dict[Text, Message] = field(
        factory=dict[Text, Message], metadata=says("Its messages, by their kind on the wire.")
    )
    replies: dict[Text, Reply] = field(
        factory=dict[Text, Reply], metadata=says("Its replies, by their kind on the wire.")
    )


@frozen
class ErrorsFile:
    """Error codes, and the groups they belong to."""

    errors: dict[Int, ErrorCode] = field(metadata=says("The codes, by number."))
    groups: dict[Text, Group] = field(
        factory=dict[Text, Group], metadata=says("Groups of codes, by the name of the class.")
    )

"""What is typed in a shell, as the values that fields of the catalog have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from wxruntime.catalog import Catalog, Field
from wxruntime.commands.files import read_file
from wxruntime.commands.wrong import WrongArgument
from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import JsonValue, Timestamp, boolean, integer, json, number

__all__ = ["expected", "is_list", "item_type", "read"]

T = TypeVar("T")

_LIST = re.compile(r"\[(.*)\]")


def is_list(field: Field) -> bool:
    """Say whether a field holds many."""
    return _LIST.fullmatch(field.type) is not None


def item_type(field: Field) -> str:
    """Return the type of a field's items, or its own where it is no list."""
    found = _LIST.fullmatch(field.type)
    return found[1] if found else field.type


def expected(catalog: Catalog, field: Field) -> str:
    """Say what to type for one value of a field."""
    if field.of in catalog.enums:
        return "VALUE"
    return _EXPECTED.get(item_type(field), "JSON|@FILE")


def read(catalog: Catalog, field: Field, text: str) -> JsonValue:
    """Read one value of a field.

    Args:
        catalog: Knows enumerations.
        field: Which field; of a list, it is one item.
        text: What was typed.

    Returns:
        The value as JSON has it.

    Raises:
        WrongArgument: If it is none.
    """
    try:
        text.encode()
        if field.of in catalog.enums:
            return _member(catalog.enums[field.of].values, text)
        return _READERS.get(item_type(field), _json)(text)
    except UnicodeEncodeError:
        raise WrongArgument(f"expected text in UTF-8, got {text!a}") from None
    except DecodeError as error:
        raise WrongArgument(str(error)) from None


def _member(values: Mapping[str, str | int], text: str) -> str | int:
    """Return a value of an enumeration, which may be one that nobody has described."""
    if all(isinstance(value, str) for value in values.values()):
        return text
    return values[text] if text in values else _integer(text)


def _text(text: str) -> str:
    return text


def _integer(text: str) -> int:
    return _scalar(integer, text)


def _number(text: str) -> float:
    return _scalar(number, text)


def _boolean(text: str) -> bool:
    return _scalar(boolean, text)


def _scalar(read: Callable[[JsonValue, str], T], text: str) -> T:
    """Read a scalar; where it stood is for others to say."""
    try:
        return read(text, "")
    except DecodeError as error:
        raise DecodeError(error.problem) from None


def _timestamp(text: str) -> Timestamp:
    """Read Unix seconds, or a moment by ISO 8601."""
    if re.fullmatch("-?[0-9]{1,12}", text):
        return Timestamp(text)
    try:
        # Python 3.10 does not know the Z.
        return Timestamp.of(datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text)))
    except (ValueError, EncodeError):
        raise DecodeError(
            "expected Unix seconds, or a time with its zone such as 2024-05-01T08:00:00+08:00, "
            f"got {text!r}"
        ) from None


def _json(text: str) -> JsonValue:
    """Read JSON, from a file where it begins with an at sign."""
    return json.loads(read_file(text[1:]) if text.startswith("@") else text.encode())


_READERS: Mapping[str, Callable[[str], JsonValue]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "flag": _boolean,
    "timestamp": _timestamp,
    "file": _text,
}
_EXPECTED = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "NUMBER",
    "boolean": "true|false",
    "flag": "true|false",
    "timestamp": "TIME",
    "file": "PATH",
}

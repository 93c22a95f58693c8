"""What is typed in a shell, as the values that fields of the catalog have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from wxruntime.catalog import Catalog, Field
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.files import name_of, read_file
from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import JsonValue, Timestamp, boolean, integer, json, number

__all__ = ["expected", "read"]

T = TypeVar("T")

_ESCAPES = re.compile(
    rb"\\(?:[^u]|u(?i:d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}))|(?P<half>\\u(?i:d[89a-f][0-9a-f]{2}))"
)
"""Escapes of JSON: single characters, pairs of halves, and a half alone."""


def expected(catalog: Catalog, field: Field) -> str:
    """Say what to type for one value of a field."""
    if field.type.of in catalog.enums:
        return "VALUE"
    return _EXPECTED.get(field.type.name, "JSON|@FILE")


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
        if field.type.of in catalog.enums:
            return _member(catalog.enums[field.type.of].values, text)
        return _READERS.get(field.type.name, _json)(text)
    except UnicodeEncodeError:
        raise WrongArgument(f"expected text in UTF-8, got {text!a}") from None
    except DecodeError as error:
        raise WrongArgument(str(error)) from None


def _member(values: Mapping[str, str | int], text: str) -> str | int:
    """Return a value of an enumeration, known or unknown."""
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
    """Read JSON, from a file where it begins with an at sign.

    What the platform sends is forgiven much; what goes there is sent as it was meant, or not.
    """
    if not text.startswith("@"):
        return _exact(text.encode(), "the argument")
    path = text[1:]
    return _exact(read_file(path), name_of(path))


def _exact(content: bytes, place: str) -> JsonValue:
    """Read JSON in which nothing has to be replaced.

    Args:
        content: The JSON.
        place: Where it stands, for the error.

    Raises:
        WrongArgument: If it is not UTF-8, or escapes half a character.
        DecodeError: If it is no JSON.
    """
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise WrongArgument(
            f"expected JSON in UTF-8, got the byte 0x{content[error.start]:02x} at byte "
            f"{error.start} of {place}; write it in UTF-8"
        ) from None
    value = json.loads(content)
    half = _half(content)
    if half is not None:
        raise WrongArgument(
            f"expected whole characters, got half of one, {half[0].decode()}, at byte "
            f"{half.start()} of {place}; write both halves, or the character itself"
        )
    return value


def _half(content: bytes) -> re.Match[bytes] | None:
    """Find an escape of half a character without the other half beside it."""
    found = (match for match in _ESCAPES.finditer(content) if match.lastgroup == "half")
    return next(found, None)


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

"""Single values: read leniently, always as the exact type.

Generated decoders check for the exact type themselves, and call these functions for anything else:
numbers sent as strings, strings sent as numbers, flags sent as words, and wrong values. Each
function takes the value, the field name for the error, and the default for an absent value;
without a default, an absent value is an error. An element without content is empty text; where no
text is expected, empty text is an absent value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from math import isfinite
from typing import ClassVar, TypeVar

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire.types import JsonValue

__all__ = [
    "Timestamp",
    "absent",
    "anything",
    "boolean",
    "integer",
    "is_blank",
    "number",
    "optional",
    "or_default",
    "query_flag",
    "text",
    "typename",
    "utf8",
]

T = TypeVar("T")

# Python reads this many digits whatever its settings are.
_INTEGER = re.compile(r"-?[0-9]{1,640}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
# Many programs write JSON numbers as doubles; beyond this number, a double is not exact.
_EXACT = 2**53
_SHOWN = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Timestamp(int):
    """A time in Unix seconds, as the platform sends it; an `int` in every respect."""

    __slots__ = ()

    LAST: ClassVar[int] = 253402300799
    """The last second of the year 9999, in Unix seconds: the last one that `datetime` can hold."""

    @property
    def utc(self) -> datetime:
        """The same time as a `datetime` with the time zone UTC.

        Raises:
            DecodeError: If the time is outside the years 1 to 9999.
        """
        try:
            return _EPOCH + timedelta(seconds=self)
        except OverflowError:
            pass
        raise DecodeError(
            f"expected Unix seconds within the years 1 to 9999, got {typename(int(self))}"
        )

    @classmethod
    def of(cls, moment: datetime) -> Timestamp:
        """Return the timestamp of a `datetime` with a time zone, rounded down to seconds.

        Raises:
            EncodeError: If the `datetime` has no time zone.
        """
        if moment.tzinfo is None:
            raise EncodeError(f"expected a datetime with a time zone, got {moment!r}")
        return cls((moment - _EPOCH) // timedelta(seconds=1))

    def __repr__(self) -> str:
        return f"Timestamp({int(self)})"

    # int has no __str__ of its own; without this, str() would return the repr.
    __str__ = int.__repr__


def typename(value: object) -> str:
    """Describe a value by its JSON type, and show it if it is short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        shown = repr(value)
    except ValueError:  # Python refuses to print a number of thousands of digits
        shown = "of too many digits to show"
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return f"the text {shown}" if isinstance(value, str) else f"the number {shown}"


def absent(expected: str, name: str, default: T | None) -> T:
    """Return the default of an absent value; raise an error if it has none."""
    if default is None:
        raise DecodeError(f"expected {expected}, got nothing: the field is required", (name,))
    return default


def text(value: JsonValue, name: str, default: str | None = None) -> str:
    """Read a string; a number is read as its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return absent("a string", name, default)
    raise DecodeError(f"expected a string, got {typename(value)}", (name,))


def integer(value: JsonValue, name: str, default: int | None = None) -> int:
    """Read a whole number, also from a string of up to 640 digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if value is None or value == "":
        return absent("a whole number", name, default)
    raise DecodeError(f"expected a whole number, got {typename(value)}", (name,))


def number(value: JsonValue, name: str, default: float | None = None) -> float:
    """Read a number, also from a string of digits."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise DecodeError("expected a number a double can hold", (name,)) from None
    if isinstance(value, str) and _NUMBER.fullmatch(value) and isfinite(float(value)):
        return float(value)
    if value is None or value == "":
        return absent("a number", name, default)
    raise DecodeError(f"expected a number, got {typename(value)}", (name,))


_TRUE_OR_FALSE: dict[JsonValue, bool] = {"true": True, "false": False, "1": True, "0": False}


def boolean(value: JsonValue, name: str, default: bool | None = None) -> bool:
    """Read true or false in any form that the platform uses: true, 1, "1", "true" and so on."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str) and value in _TRUE_OR_FALSE:
        return _TRUE_OR_FALSE[value]
    if value is None or value == "":
        return absent("true or false", name, default)
    raise DecodeError(f"expected true or false, got {typename(value)}", (name,))


def anything(value: JsonValue, name: str) -> JsonValue:
    """Read any value, unchanged."""
    return value


def is_blank(value: JsonValue, read: Callable[[JsonValue, str], object]) -> bool:
    """Say whether a value is empty text where no text is expected."""
    return value == "" and read is not text


def optional(read: Callable[[JsonValue, str], T], value: JsonValue, name: str) -> T | None:
    """Read a value that may be absent, which an element without content is."""
    return None if is_blank(value, read) else read(value, name)


def or_default(read: Callable[[JsonValue, str, T], T], value: JsonValue, default: T) -> T:
    """Read a value of an unknown event; an absent or wrong value becomes the default."""
    try:
        return read(value, "", default)
    except DecodeError:
        return default


def utf8(value: object, name: str) -> bytes:
    """Write a text of a query or a form.

    Args:
        value: The text; checked, because the caller may not use a type checker.
        name: The name of its parameter, for the error.

    Raises:
        EncodeError: If the value is no text, or text that UTF-8 cannot hold.
    """
    if not isinstance(value, str):
        got = "None" if value is None else type(value).__name__
        raise EncodeError(f"expected text, got {got}", (name,))
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))


def query_flag(value: bool) -> str:
    """Write a boolean for a query, as 1 or 0."""
    return "1" if value else "0"

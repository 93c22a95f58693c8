"""Values that know where in a specification they stand.

The place is not part of the value: two equal texts that stand at different places are equal.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from wxspec.diagnostics import NOWHERE, Span

__all__ = ["EMPTY", "Float", "Int", "Key", "Map", "Seq", "Text", "Value", "plain_class", "span_of"]


T = TypeVar("T", bound="Text")


class Text(str):
    """A string that knows where it stands; the empty one may stand nowhere."""

    span: Span

    def __new__(cls: type[T], text: str = "", span: Span = NOWHERE) -> T:
        """Make a text that stands somewhere."""
        made = str.__new__(cls, text)
        made.span = span
        return made


EMPTY = Text()
"""The text of a key that is left out."""


class Int(int):
    """A whole number that knows where it stands."""

    span: Span

    def __new__(cls, number: str | int, span: Span = NOWHERE) -> Int:
        """Make a number that stands somewhere."""
        made = super().__new__(cls, number)
        made.span = span
        return made


class Float(float):
    """A number that knows where it stands."""

    span: Span

    def __new__(cls, number: str | float, span: Span = NOWHERE) -> Float:
        """Make a number that stands somewhere."""
        made = super().__new__(cls, number)
        made.span = span
        return made


class Seq(list["Value"]):
    """A list that knows where it stands."""

    span: Span


class Map(dict["Key", "Value"]):
    """A mapping that knows where it stands; its keys know it too."""

    span: Span


Key: TypeAlias = "Text | Int"
Value: TypeAlias = "Text | Int | Float | bool | Seq | Map | None"


def span_of(value: object, otherwise: Span) -> Span:
    """Return where a value stands; true, false and null do not know, so say where to look."""
    return value.span if isinstance(value, (Text, Int, Float, Seq, Map)) else otherwise


def plain_class(value: str | int | float) -> type:
    """Return the class of a value apart from its place: str, int, float or bool."""
    for marked, plain in ((Text, str), (Int, int), (Float, float)):
        if isinstance(value, marked):
            return plain
    return type(value)

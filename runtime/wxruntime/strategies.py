"""What generated strategies are made of: values that are valid on the wire, and no others.

Every strategy constructs; none filters. Text is such as both XML and JSON can hold, and the
fields nobody described have names that no described field can have.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    builds,
    characters,
    deferred,
    dictionaries,
    floats,
    lists,
    none,
    one_of,
    recursive,
    sampled_from,
    text,
)
from hypothesis.strategies import (
    integers as whole_numbers,
)

from wxruntime.wire.scalars import Timestamp
from wxruntime.wire.types import JsonObject, JsonValue

__all__ = [
    "SearchStrategy",
    "booleans",
    "builds",
    "deferred",
    "inline_variants",
    "integers",
    "json_values",
    "lists",
    "numbers",
    "one_of",
    "open_enum",
    "optional",
    "sampled_from",
    "texts",
    "timestamps",
    "unknown_elements",
    "unknown_fields",
    "unknown_pushes",
    "variants",
]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_C0 = "".join(chr(code) for code in range(32) if chr(code) not in "\t\n\r")


def texts() -> SearchStrategy[str]:
    """Make text that XML and JSON can hold: no control characters, no halves of pairs."""
    return text(characters(codec="utf-8", exclude_characters=f"{_C0}\ufffe\uffff"))


def integers() -> SearchStrategy[int]:
    """Make whole numbers of 64 bits."""
    return whole_numbers(-(2**63), 2**63 - 1)


def numbers() -> SearchStrategy[float]:
    """Make numbers that JSON can hold."""
    return floats(allow_nan=False, allow_infinity=False)


def timestamps() -> SearchStrategy[Timestamp]:
    """Make timestamps of the years 1970 to 9999."""
    return builds(Timestamp, whole_numbers(0, Timestamp.LAST))


def open_enum(enum: type[E]) -> SearchStrategy[E]:
    """Make values of an enumeration, among them some that nobody described."""
    described: list[E] = list(enum)

    def made(value: str | int) -> E:
        return enum(value)

    others = texts() if str in enum.__mro__ else integers()
    return one_of(sampled_from(described), builds(made, others))


def optional(strategy: SearchStrategy[T]) -> SearchStrategy[T | None]:
    """Make what may be absent."""
    return none() | strategy


def json_values() -> SearchStrategy[JsonValue]:
    """Make whatever JSON can hold."""
    single = none() | booleans() | integers() | numbers() | texts()
    return recursive(
        single,
        lambda inside: lists(inside, max_size=3) | dictionaries(texts(), inside, max_size=3),
        max_leaves=6,
    )


def _names() -> SearchStrategy[str]:
    """Make names that an XML element can have and that no described field has: with a hyphen."""
    return builds("x-{}".format, text("abcXYZ059_-", max_size=6))


def unknown_fields() -> SearchStrategy[JsonObject]:
    """Make fields that nobody described, as an answer may carry them."""
    return dictionaries(_names(), json_values(), max_size=3)


def unknown_elements() -> SearchStrategy[JsonObject]:
    """Make elements that nobody described, as a push may carry them in either of its forms.

    An element holds text, or other elements, or it repeats.
    """
    return dictionaries(_names(), _elements(texts()), max_size=3)


def _elements(single: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    def containers(inside: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
        # Elements have no lists of lists: only what is not one itself can repeat.
        return one_of(_parents(inside), _repeated(one_of(single, _parents(single))))

    return recursive(single, containers, max_leaves=6)


def _parents(inside: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    return dictionaries(_names(), inside, min_size=1, max_size=3)


def _repeated(item: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    return lists(item, min_size=2, max_size=3)


def variants(tag: str, content: SearchStrategy[JsonObject]) -> SearchStrategy[JsonObject]:
    """Make what a tag says that nobody described, with its content under that very name.

    Args:
        tag: The name of the tag.
        content: Makes the content.
    """

    def made(name: str, said: str, inside: JsonObject) -> JsonObject:
        # XML cannot tell an object with nothing in it from empty text.
        return {tag: name, name: {**inside, "x-said": said}}

    return builds(made, _tags(), texts(), content)


def inline_variants(tag: str, beside: SearchStrategy[JsonObject]) -> SearchStrategy[JsonObject]:
    """Make what a tag says that nobody described, with its content beside it.

    Args:
        tag: The name of the tag.
        beside: Makes the content.
    """

    def made(name: str, fields: JsonObject) -> JsonObject:
        return {tag: name, **fields}

    return builds(made, _tags(), beside)


def _tags() -> SearchStrategy[str]:
    """Make what a tag may say that nobody described; no unknown field is called so."""
    return _names().map("tag-{}".format)


def unknown_pushes() -> SearchStrategy[JsonObject]:
    """Make the fields of a push that nobody described."""
    return unknown_elements()

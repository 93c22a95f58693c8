"""The parts of generated Hypothesis strategies: values that are valid on the wire, and no others.

Every strategy constructs its values; none filters. Text is limited to what both XML and JSON can
hold. Unknown fields get names that no described field can have.
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
    """Generate text that XML and JSON can hold: no control characters, no lone surrogates."""
    return text(characters(codec="utf-8", exclude_characters=f"{_C0}\ufffe\uffff"))


def integers() -> SearchStrategy[int]:
    """Generate whole numbers of 64 bits."""
    return whole_numbers(-(2**63), 2**63 - 1)


def numbers() -> SearchStrategy[float]:
    """Generate numbers that JSON can hold: no infinity, no NaN."""
    return floats(allow_nan=False, allow_infinity=False)


def timestamps() -> SearchStrategy[Timestamp]:
    """Generate timestamps of the years 1970 to 9999."""
    return builds(Timestamp, whole_numbers(0, Timestamp.LAST))


def open_enum(enum: type[E]) -> SearchStrategy[E]:
    """Generate values of an enumeration, among them unknown values."""
    described: list[E] = list(enum)

    def made(value: str | int) -> E:
        return enum(value)

    others = texts() if str in enum.__mro__ else integers()
    return one_of(sampled_from(described), builds(made, others))


def optional(strategy: SearchStrategy[T]) -> SearchStrategy[T | None]:
    """Generate values that may be absent: None, or a value of the strategy."""
    return none() | strategy


def json_values() -> SearchStrategy[JsonValue]:
    """Generate any JSON values."""
    single = none() | booleans() | integers() | numbers() | texts()
    return recursive(
        single,
        lambda inside: lists(inside, max_size=3) | dictionaries(texts(), inside, max_size=3),
        max_leaves=6,
    )


def _names() -> SearchStrategy[str]:
    """Generate names that an XML element can have and no described field has: with a hyphen."""
    return builds("x-{}".format, text("abcXYZ059_-", max_size=6))


def unknown_fields() -> SearchStrategy[JsonObject]:
    """Generate unknown fields, as an answer may carry them."""
    return dictionaries(_names(), json_values(), max_size=3)


def unknown_elements() -> SearchStrategy[JsonObject]:
    """Generate unknown elements, as a push may carry them in XML or JSON.

    An element holds text, or other elements, or it repeats.
    """
    return dictionaries(_names(), _elements(texts()), max_size=3)


def _elements(single: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    def containers(inside: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
        # A repeated element is a list, and XML has no lists of lists.
        return one_of(_parents(inside), _repeated(one_of(single, _parents(single))))

    return recursive(single, containers, max_leaves=6)


def _parents(inside: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    return dictionaries(_names(), inside, min_size=1, max_size=3)


def _repeated(item: SearchStrategy[JsonValue]) -> SearchStrategy[JsonValue]:
    return lists(item, min_size=2, max_size=3)


def variants(tag: str, content: SearchStrategy[JsonObject]) -> SearchStrategy[JsonObject]:
    """Generate unknown variants of a union: a tag with an unknown value, and content under it.

    Args:
        tag: The name of the tag.
        content: Generates the content, which stands under the tag's value.
    """

    def made(name: str, text: str, inside: JsonObject) -> JsonObject:
        # One field more, because XML cannot tell an empty object from empty text.
        return {tag: name, name: {**inside, "x-text": text}}

    return builds(made, _tags(), texts(), content)


def inline_variants(tag: str, beside: SearchStrategy[JsonObject]) -> SearchStrategy[JsonObject]:
    """Generate unknown variants of an inline union: a tag with an unknown value, and fields.

    Args:
        tag: The name of the tag.
        beside: Generates the fields, which stand beside the tag.
    """

    def made(name: str, fields: JsonObject) -> JsonObject:
        return {tag: name, **fields}

    return builds(made, _tags(), beside)


def _tags() -> SearchStrategy[str]:
    """Generate unknown values of a tag; no unknown field has such a name."""
    return _names().map("tag-{}".format)


def unknown_pushes() -> SearchStrategy[JsonObject]:
    """Generate the fields of unknown pushes."""
    return unknown_elements()

"""Lists, nested models, shared elements, and unknown fields.

A list of one item may arrive as the bare item: an XML element that does not repeat is no list, and
the platform's JSON follows its XML. An empty list of models may arrive as empty text or as `{}`.

An element that several fields share, or that only wraps a list, is no model. Its described fields
are read from it, and what remains in it is kept among the unknown fields.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Protocol, TypeVar

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire.scalars import is_blank, text, typename
from wxruntime.wire.types import JsonObject, JsonValue

__all__ = [
    "beside",
    "element",
    "fill",
    "given",
    "inline_variant",
    "keep",
    "model",
    "models",
    "no_fields",
    "pop_first",
    "present",
    "required",
    "scalars",
    "taken_out",
    "unknown_variant",
    "variant",
    "wrapped",
]

T = TypeVar("T")


def model(value: JsonValue, name: str, decode: Callable[[JsonObject], T]) -> T:
    """Read a nested model; empty text counts as an empty object."""
    if value == "":
        value = {}
    if type(value) is not dict:
        raise DecodeError(f"expected an object, got {typename(value)}", (name,))
    try:
        return decode(value)
    except DecodeError as error:
        raise error.within(name) from None


def models(
    value: JsonValue,
    name: str,
    decode: Callable[[JsonObject], T],
    filled: JsonObject | None = None,
) -> list[T]:
    """Read a list of models; an absent list is empty.

    Args:
        value: The value from the wire.
        name: The name of the list, for the error.
        decode: Reads one model.
        filled: Fields that every item gets unless it has them.
    """
    if value is None or value in ("", {}):
        return []
    items: list[T] = []
    try:
        for item in value if type(value) is list else [value]:
            if type(item) is not dict:
                raise DecodeError(f"expected an object, got {typename(item)}")
            if filled is not None:
                fill(item, filled)
            items.append(decode(item))
    except DecodeError as error:
        raise error.within(name, len(items)) from None
    return items


def scalars(value: JsonValue, name: str, read: Callable[[JsonValue, str], T]) -> list[T]:
    """Read a list of single values; absent is empty, and so is an element without content."""
    if value is None or value == {} or is_blank(value, read):
        return []
    items: list[T] = []
    try:
        for item in value if type(value) is list else [value]:
            items.append(read(item, ""))  # noqa: PERF401 - a failure needs to know its index
    except DecodeError as error:
        raise DecodeError(error.problem, (name, len(items))) from None
    return items


def element(value: JsonValue, name: str) -> JsonObject:
    """Return an element that several fields share; an absent element is empty."""
    if type(value) is dict:
        return value
    if value is None or value == "":
        return {}
    raise DecodeError(f"expected an object, got {typename(value)}", (name,))


def pop_first(
    wire: JsonObject, names: tuple[str, ...], within: str = "", outside: JsonObject | None = None
) -> tuple[JsonValue, str]:
    """Remove a field from the first of several places that has it.

    Args:
        wire: The object, or the element, that the field usually stands in.
        names: The wire names of the field, the usual one first.
        within: The wire name of the element; empty if the field stands in none.
        outside: The object around the element, if the field may stand there as well.

    Returns:
        The value and its path; None and the usual path if no place has the field.
    """
    inside = f"{within}." if within else ""
    for name in names:
        if (value := wire.pop(name, None)) is not None:
            return value, f"{inside}{name}"
        if outside is not None and (value := outside.pop(name, None)) is not None:
            return value, name
    return None, f"{inside}{names[0]}"


def wrapped(value: JsonValue, name: str, item: str) -> JsonObject:
    """Return the element around a list; a list without it gets it.

    Args:
        value: The value from the wire.
        name: The path of the element, for the error.
        item: The wire name of each item.
    """
    return {item: value} if type(value) is list else element(value, name)


def variant(
    wire: JsonObject,
    tag: str,
    decoders: Mapping[str, Callable[[JsonObject], T]],
    unknown: Callable[[JsonObject], T],
) -> T:
    """Read a union: a tag, and the content in the field that the tag's value names.

    Args:
        wire: The object; tag and content are removed from it.
        tag: The name of the tag.
        decoders: Value of the tag → decoder of the content.
        unknown: Keeps tag and content if the tag has an unknown value.
    """
    kind = text(wire.pop(tag, None), tag)
    content = wire.pop(kind, None)
    decode = decoders.get(kind)
    if decode is not None:
        return model({} if content is None else content, kind, decode)
    return unknown({tag: kind} if content is None else {tag: kind, kind: content})


def inline_variant(
    wire: JsonObject,
    tag: str,
    decoders: Mapping[str, Callable[[JsonObject], T]],
    unknown: Callable[[JsonObject], T],
) -> T:
    """Read an inline union: a tag, and the content in the fields beside it.

    Args:
        wire: The object; the tag is removed from it.
        tag: The name of the tag.
        decoders: Value of the tag → decoder of the fields beside it.
        unknown: Keeps the whole object if the tag has an unknown value.
    """
    kind = text(wire.pop(tag, None), tag)
    decode = decoders.get(kind)
    return unknown({tag: kind, **wire}) if decode is None else decode(wire)


class UnknownVariant(Protocol):
    """A model of a union whose tag has an unknown value."""

    fields: JsonObject
    """The tag and the content."""


def unknown_variant(value: UnknownVariant, union: str, tag: str, *, inline: bool) -> JsonObject:
    """Write a model of a union whose tag has an unknown value.

    Args:
        value: The model.
        union: The name of the union, for the error.
        tag: The name of the tag.
        inline: Whether the content stands beside the tag. If not, the model stands among other
            fields and must hold nothing but tag and content.

    Raises:
        EncodeError: If the value is no model of the union, or holds more than tag and content.
    """
    fields: object = getattr(value, "fields", None)
    if not isinstance(fields, dict):
        raise EncodeError(f"expected one of {union}, got {type(value).__name__}")
    kind = value.fields.get(tag)
    if not isinstance(kind, str):
        raise EncodeError(f"expected a text, got {typename(kind)}", (tag,))
    for name in value.fields:
        if not inline and name not in (tag, kind):
            raise EncodeError(f"expected {tag} and {kind}, got {name} as well")
    return {**value.fields}


def beside(variant: JsonObject, *names: str) -> JsonObject:
    """Return a model of a union that is written among other fields.

    Args:
        variant: The tag and the content.
        names: The wire names of the other fields.

    Raises:
        EncodeError: If the tag or the content would replace one of the other fields.
    """
    for name in variant:
        if name in names:
            raise EncodeError("expected content that replaces no other field", (name,))
    return variant


def taken_out(wire: JsonObject, element: str, names: Container[str]) -> JsonObject:
    """Move fields of an element out of it; the element keeps its other fields."""
    taken: JsonObject = {}
    for name, value in wire.items():
        if name != element or type(value) is not dict:
            taken[name] = value
            continue
        # If an unknown field outside has the same name, the described field stays in the element.
        outside = {own for own in value if own in names and own not in wire}
        taken.update({own: inside for own, inside in value.items() if own in outside})
        if left := {own: inside for own, inside in value.items() if own not in outside}:
            taken[name] = left
    return taken


def no_fields() -> JsonObject:
    """Return the unknown fields of a model that has none."""
    return {}


def fill(wire: JsonObject, filled: JsonObject) -> None:
    """Add fields of the request to an answer that does not repeat them."""
    for name, value in filled.items():
        if wire.get(name) is None:
            wire[name] = value


def keep(wire: JsonObject, unknown: JsonObject, *shared: str) -> JsonObject:
    """Add the unknown fields to the described ones; a described field of the same name wins.

    Args:
        wire: The described fields; the others are added to it.
        unknown: The unknown fields.
        shared: The names of elements that may hold fields of both kinds.
    """
    for name, value in unknown.items():
        described = wire.setdefault(name, value)
        if name in shared and type(described) is dict and type(value) is dict:
            keep(described, value, *value)
    return wire


def present(values: Mapping[str, JsonValue]) -> JsonObject:
    """Return an object without its None values, because the platform has no null."""
    return {name: value for name, value in values.items() if value is not None}


def required(operation: str, /, **arguments: object) -> None:
    """Refuse None for the parameters of a call that are not optional.

    Args:
        operation: The name of the call.
        arguments: The arguments, by parameter.

    Raises:
        EncodeError: If an argument is None.
    """
    for name, value in arguments.items():
        if value is None:
            raise EncodeError("expected a value, got None", (name,), operation)


def given(values: Mapping[str, T | None]) -> dict[str, T]:
    """Return the parameters of a query or a form without those that are None."""
    return {name: value for name, value in values.items() if value is not None}

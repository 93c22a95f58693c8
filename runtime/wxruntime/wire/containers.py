"""Lists, nested models, shared elements, and the fields nobody described.

A list of one may arrive bare, because an XML element that does not repeat is no list and the
platform's JSON follows its XML; an empty list of models may arrive as empty text or as `{}`.

An element that several fields share, or that only wraps a list, is no model: it is opened, its
fields are taken out, and what is left of it is put back for the fields nobody described.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Protocol, TypeVar

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire.scalars import is_blank, text, typename
from wxruntime.wire.types import JsonObject, JsonValue

__all__ = [
    "element",
    "fill",
    "given",
    "inline_variant",
    "keep",
    "model",
    "models",
    "no_fields",
    "present",
    "scalars",
    "taken_out",
    "unknown_variant",
    "variant",
    "wrapped",
]

T = TypeVar("T")


def model(value: JsonValue, name: str, decode: Callable[[JsonObject], T]) -> T:
    """Read a nested model; empty text is an element without children."""
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
    """Read a list of models; absent is empty.

    Args:
        value: What came.
        name: The list's own name, for the error.
        decode: Reads one model.
        filled: What every item gets where it does not say it itself.
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
    """Open an element that fields share; absent or empty is one with nothing in it."""
    if type(value) is dict:
        return value
    if value is None or value == "":
        return {}
    raise DecodeError(f"expected an object, got {typename(value)}", (name,))


def wrapped(value: JsonValue, name: str, item: str) -> JsonObject:
    """Open the element around a list; a list that stands bare counts as wrapped.

    Args:
        value: What came.
        name: The element's name, for the error.
        item: What each of its items is called.
    """
    return {item: value} if type(value) is list else element(value, name)


def variant(
    wire: JsonObject,
    tag: str,
    decoders: Mapping[str, Callable[[JsonObject], T]],
    unknown: Callable[[JsonObject], T],
) -> T:
    """Take one of several models out of an object: a tag, and content under what it says.

    Args:
        wire: The object.
        tag: The name of the tag.
        decoders: What the tag says → what reads the content.
        unknown: Keeps tag and content where nobody described what the tag says.
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
    """Read one of several models whose fields stand beside the tag.

    Args:
        wire: The object.
        tag: The name of the tag.
        decoders: What the tag says → what reads the others.
        unknown: Keeps everything where nobody described what the tag says.
    """
    kind = text(wire.pop(tag, None), tag)
    decode = decoders.get(kind)
    return unknown({tag: kind, **wire}) if decode is None else decode(wire)


class UnknownVariant(Protocol):
    """One of several models that nobody described."""

    fields: JsonObject
    """The tag, and what goes with it."""


def unknown_variant(value: UnknownVariant, union: str, tag: str, *, inline: bool) -> JsonObject:
    """Write one of several models that nobody described.

    Args:
        value: The model.
        union: What the choice is called, for the error.
        tag: The name of the tag.
        inline: Whether its content stands beside the tag; else it stands among other fields, and
            may not hold any of them.

    Raises:
        EncodeError: If it is no model of that choice at all, or holds more than tag and content.
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


def taken_out(wire: JsonObject, element: str, names: Container[str]) -> JsonObject:
    """Put fields of an element in its place, and leave it around whatever else is in it."""
    taken: JsonObject = {}
    for name, value in wire.items():
        if name != element or type(value) is not dict:
            taken[name] = value
            continue
        # What nobody described may stand outside under the same name; the described field stays.
        outside = {own for own in value if own in names and own not in wire}
        taken.update({own: inside for own, inside in value.items() if own in outside})
        if left := {own: inside for own, inside in value.items() if own not in outside}:
            taken[name] = left
    return taken


def no_fields() -> JsonObject:
    """Make the fields nobody described of a model that has none."""
    return {}


def fill(wire: JsonObject, filled: JsonObject) -> None:
    """Put in what the request asked for, where the answer does not repeat it."""
    for name, value in filled.items():
        if wire.get(name) is None:
            wire[name] = value


def keep(wire: JsonObject, unknown: JsonObject, *shared: str) -> JsonObject:
    """Give back the fields nobody described; a described field of the same name wins.

    Args:
        wire: The described fields.
        unknown: The others.
        shared: The elements that may hold fields of both kinds.
    """
    for name, value in unknown.items():
        described = wire.setdefault(name, value)
        if name in shared and type(described) is dict and type(value) is dict:
            keep(described, value, *value)
    return wire


def present(values: Mapping[str, JsonValue]) -> JsonObject:
    """Leave out of an object what is absent: the platform has no null."""
    return {name: value for name, value in values.items() if value is not None}


def given(values: Mapping[str, T | None]) -> dict[str, T]:
    """Leave out of the parameters of a query or a form what nobody gave."""
    return {name: value for name, value in values.items() if value is not None}

"""The wire as the catalog describes it, read a second time and without the compiler.

A `Meaning` is what a document says. It can be written in the one way that is ours, `written`, or in
any of the ways the platform has, `tests.client.spelling`. The meaning is the same, and the tests
hold decoders and encoders to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeAlias

from attrs import field, frozen
from hypothesis import strategies as st

from tests.client.described import Generated, class_of_id
from wxoa.catalog import CATALOG
from wxruntime.catalog import Field, Union
from wxruntime.strategies import json_values, numbers, texts, unknown_elements, unknown_fields
from wxruntime.wire import JsonObject, JsonValue, Timestamp
from wxruntime.wire import json as wire_json

__all__ = [
    "Meaning",
    "Said",
    "Variant",
    "agree",
    "content_of",
    "exactly",
    "json_form",
    "kind_of",
    "meanings",
    "meanings_of",
    "opened",
    "others_of",
    "variants",
    "written",
]

Others: TypeAlias = Literal["fields", "elements"]
"""What nobody described: any JSON, or only what XML can hold as well."""

INT64 = st.integers(-(2**63), 2**63 - 1)


@frozen
class Meaning:
    """What a document says, whatever its spelling."""

    fields: tuple[Field, ...]
    """What is described."""
    values: Mapping[str, Said]
    """Name in Python → value; what is absent is not there."""
    beside: JsonObject = field(factory=dict[str, "JsonValue"])
    """What nobody described."""
    inside: Mapping[str, JsonObject] = field(factory=dict[str, "JsonObject"])
    """Element → what nobody described, inside of it."""

    def value(self, described: Field) -> Said | None:
        """Return what a field says: its own value, or what its absence means."""
        if described.count:
            listed = self.values.get(described.count, [])
            assert isinstance(listed, list)
            return len(listed)
        if described.type.many:
            return self.values.get(described.name, [])
        return self.values.get(described.name, described.default)


@frozen
class Variant:
    """What one of several models says."""

    union: Union
    """The choice."""
    kind: str
    """What the tag says."""
    content: Meaning | None
    """The model; None where nobody described it."""
    fields: JsonObject = field(factory=dict[str, "JsonValue"])
    """Tag and content of what nobody described."""


Said: TypeAlias = "Meaning | Variant | Sequence[Said] | JsonValue"


def kind_of(described: Field) -> str:
    """Return the type of a field, or of the items of a list."""
    return described.type.name


# How meanings are made.


@cache
def meanings(fields: tuple[Field, ...], others: Others = "fields") -> st.SearchStrategy[Meaning]:
    """Make whatever a document with these fields may say."""
    unknown = unknown_fields() if others == "fields" else unknown_elements()
    there = [f for f in fields if not f.count]
    needed = {f.name: _values(f, others) for f in there if f.required}
    optional = {f.name: _values(f, others) for f in there if not f.required}
    elements = sorted({f.within for f in fields if f.within} | {f.wire for f in fields if f.item})
    return st.builds(
        Meaning,
        st.just(fields),
        st.fixed_dictionaries(needed, optional=optional),
        unknown,
        st.fixed_dictionaries({}, optional=dict.fromkeys(elements, unknown)),
    )


def meanings_of(id: str, others: Others = "fields") -> st.SearchStrategy[Meaning]:
    """Make whatever a model may say."""
    return meanings(CATALOG.models[id].fields, others)


def _values(described: Field, others: Others) -> st.SearchStrategy[Any]:
    value = _single(described, others)
    if not described.type.many:
        return value
    return st.lists(value, max_size=3)


def _single(described: Field, others: Others) -> st.SearchStrategy[Any]:
    kind, of = kind_of(described), described.type.of
    if of in CATALOG.models:
        return st.deferred(lambda: meanings_of(of, others))
    if of in CATALOG.unions:
        return variants(of)
    if of in CATALOG.enums:
        values = [*CATALOG.enums[of].values.values()]
        return st.sampled_from(values) | (texts() if isinstance(values[0], str) else INT64)
    singles: dict[str, st.SearchStrategy[Any]] = {
        "string": texts() | INT64.map(str) | numbers().map(str),
        "integer": INT64,
        "timestamp": INT64,
        "number": numbers(),
        "boolean": st.booleans(),
        "flag": st.booleans(),
        "any": st.lists(json_values(), max_size=2),
    }
    return singles[kind]


def variants(id: str) -> st.SearchStrategy[Variant]:
    """Make every variant of a union, and some that nobody described."""
    union = CATALOG.unions[id]
    described = [
        st.builds(Variant, st.just(union), st.just(kind), meanings_of(model))
        for kind, model in union.variants.items()
    ]

    def nobody_s(name: str, content: JsonObject) -> Variant:
        beside = content if union.inline else {name: content}
        return Variant(union, name, None, {union.tag: name, **beside})

    names = st.builds("x-{}".format, st.text("abc", max_size=4))
    return st.one_of(*described, st.builds(nobody_s, names, unknown_fields()))


# How a meaning is written: one way for each, and no other.


def written(said: Said | None, described: Field | None = None) -> Any:
    """Write what is said in the way that is ours."""
    if isinstance(said, Meaning):
        return _document(said)
    if isinstance(said, Variant):
        if said.content is None:
            return dict(said.fields)
        return {said.union.tag: said.kind, **content_of(said, _document(said.content))}
    if isinstance(said, list) and described is not None:
        return [written(item, described) for item in said]
    if described is not None and kind_of(described) == "flag" and said is not None:
        return int(bool(said))
    return said


def content_of(said: Variant, content: JsonObject) -> JsonObject:
    return content if said.union.inline else {said.kind: content}


def _document(meaning: Meaning) -> JsonObject:
    wire = others_of(meaning)
    for described in meaning.fields:
        value = meaning.value(described)
        if value is not None:
            _lay(wire, described, written(value, described))
    return wire


def others_of(meaning: Meaning) -> JsonObject:
    """Write what nobody described, where it belongs."""
    wire: JsonObject = dict(meaning.beside)
    for element, others in meaning.inside.items():
        if others:
            _element(wire, element, meaning.fields).update(others)
    return wire


def _lay(wire: JsonObject, described: Field, value: JsonValue) -> None:
    """Put a value where it belongs."""
    if described.type.of in CATALOG.unions:
        assert isinstance(value, dict)
        wire.update(value)
        return
    if described.as_text:
        value = wire_json.dumps(value).decode()
    place = opened(wire, described.within) if described.within else wire
    place = opened(place, described.wire) if described.item else place
    place[described.item or described.wire] = value


def json_form(fields: Sequence[Field], wire: JsonObject) -> JsonObject:
    """Put what stands outside of its element in JSON there."""
    wire = dict(wire)
    for described in fields:
        if described.bare == "json":
            inside = wire.pop(described.within)
            assert isinstance(inside, dict)
            left = {name: value for name, value in inside.items() if name != described.wire}
            wire |= {described.wire: inside[described.wire]}
            wire |= {described.within: left} if left else {}
    return wire


def opened(wire: JsonObject, element: str) -> JsonObject:
    inside = wire[element] = dict(found) if isinstance(found := wire.get(element), dict) else {}
    return inside


def _element(wire: JsonObject, element: str, fields: Sequence[Field]) -> JsonObject:
    """Open an element that fields share, or one around a list, which may be inside of such."""
    around = next((f.within for f in fields if f.item and f.wire == element), "")
    return opened(opened(wire, around) if around else wire, element)


# What came out of a decoder, against what was meant.


def agree(value: Generated, meaning: Meaning) -> bool:
    """Say whether every attribute of a decoded value is what its field says."""
    return all(
        _agrees(getattr(value, described.name), meaning.value(described), described)
        for described in meaning.fields
    )


def _agrees(value: Generated, said: Said | None, described: Field) -> bool:
    if isinstance(said, list) and described.type.many:
        pairs = zip(value, said, strict=True)
        return all(_agrees(item, meant, described) for item, meant in pairs)
    if isinstance(said, Meaning):
        return type(value) is class_of_id(described.type.of) and agree(value, said)
    if said is None:
        return value is None
    if described.type.of in CATALOG.enums:
        return isinstance(value, class_of_id(described.type.of)) and value == said
    kind = Timestamp if described.type.name == "timestamp" else type(said)
    return type(value) is kind and value == said


def exactly(wire: JsonObject) -> str:
    """Show an object so that true, 1 and 1.0 differ, and the order of its names does not."""
    return json.dumps(wire, sort_keys=True)

"""A meaning in any of the ways the platform has of writing it.

A number as text, a flag as a word, a list of one as that one, what is absent as null, a field under
an older name or outside of its element, in any order: whatever the spelling, the meaning is the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from random import Random
from typing import Any

from attrs import frozen

from tests.client.wires import (
    Meaning,
    Said,
    Variant,
    content_of,
    kind_of,
    opened,
    others_of,
    written,
)
from wxoa.catalog import CATALOG
from wxruntime.catalog import Field
from wxruntime.wire import JsonObject, JsonValue
from wxruntime.wire import json as wire_json
from wxruntime.wire.document import Form

__all__ = ["Spelling"]

EXACT = 2**53
"""Beyond this, a double is not exact."""

NOTHING: tuple[JsonValue, ...] = ([], "", {})
"""An empty list of models, as the platform writes it."""


@frozen
class Spelling:
    """Writes what is said in one of the ways that mean it."""

    random: Random
    """Chooses the way."""
    form: Form = "json"
    """XML has fewer ways than JSON: everything is text there."""

    def document(self, meaning: Meaning) -> JsonObject:
        """Write a document, its fields in any order."""
        wire = others_of(meaning)
        for described in meaning.fields:
            self._field(wire, described, meaning)
        names = self.random.sample([*wire], len(wire))
        return {name: wire[name] for name in names}

    def variant(self, said: Variant) -> JsonObject:
        """Write one of several models, with its tag."""
        if said.content is None:
            return dict(said.fields)
        content = self.document(said.content)
        if said.union.inline or content or self._maybe():
            return {said.union.tag: said.kind, **content_of(said, content)}
        return {said.union.tag: said.kind, **self.random.choice(({}, {said.kind: None}))}

    def _field(self, wire: JsonObject, described: Field, meaning: Meaning) -> None:
        value = meaning.value(described)
        if isinstance(value, Variant):
            wire.update(self.variant(value))
            return
        spelled = self._spelled(described, value)
        if spelled is None and (self.form == "xml" or self._maybe()):
            return
        inside = bool(described.within) and not (described.bare and self._maybe())
        place = opened(wire, described.within) if inside else wire
        if described.item and not self._stands_bare(spelled, meaning.inside.get(described.wire)):
            opened(place, described.wire)[described.item] = spelled
        else:
            place[self.random.choice((described.wire, *described.also))] = spelled

    def _spelled(self, described: Field, value: Said | None) -> JsonValue:
        """Write a value; None leaves out what absence means, where it means that."""
        if described.count:
            return self.random.choice((None, 7, "7"))
        listed = described.type.many
        meant: Said = [] if listed else described.default
        if value is None or (type(value) is type(meant) and value == meant and self._maybe()):
            return "" if _is_no_text(described) and self._maybe() else None
        if listed:
            assert isinstance(value, list)
            return self._list(described, value)
        spelled = self._one(described, value)
        if described.as_text and self._maybe():
            return wire_json.dumps(spelled).decode()
        return "" if spelled == {} and self._maybe() else spelled

    def _list(self, described: Field, items: list[Any]) -> JsonValue:
        listed: list[JsonValue] = [self._item(described, item) for item in items]
        if len(listed) == 1 and self._maybe():
            return listed[0]
        if not listed and self.form == "json":
            return self.random.choice(NOTHING if described.type.of in CATALOG.models else ([], {}))
        return listed

    def _item(self, described: Field, item: Any) -> JsonValue:
        spelled = self._one(described, item)
        # XML has no way to write an item with nothing in it, as there is when defaults stay out.
        return written(item, described) if spelled == {} and self.form == "xml" else spelled

    def _stands_bare(self, spelled: JsonValue, others: JsonObject | None) -> bool:
        """Leave out the element around a list; in XML it is a list only where it repeats."""
        bare = isinstance(spelled, list) and (self.form == "json" or len(spelled) > 1)
        return bare and not others and self._maybe()

    def _one(self, described: Field, value: Any) -> JsonValue:
        if isinstance(value, Meaning):
            return self.document(value)
        kind = _kind_of_value(described, value)
        ways: Mapping[str, Callable[[Any], tuple[JsonValue, ...]]] = {
            "string": _texts, "integer": self._integers, "timestamp": self._integers,
            "number": _numbers, "boolean": _flags, "flag": _flags,
        }  # fmt: skip
        return self.random.choice(ways[kind](value)) if kind in ways else value

    def _integers(self, value: int) -> tuple[JsonValue, ...]:
        exact = self.form == "json" and abs(value) < EXACT
        return (value, str(value), float(value)) if exact else (value, str(value))

    def _maybe(self) -> bool:
        return self.random.random() < 0.5


def _is_no_text(described: Field) -> bool:
    """Say whether empty text can only mean that there is nothing."""
    enum = CATALOG.enums.get(described.type.of)
    values = () if enum is None else enum.values.values()
    return kind_of(described) in _NO_TEXTS or any(isinstance(value, int) for value in values)


_NO_TEXTS = {"integer", "number", "boolean", "flag", "timestamp"}


def _kind_of_value(described: Field, value: object) -> str:
    if described.type.of in CATALOG.enums:
        return "string" if isinstance(value, str) else "integer"
    return kind_of(described)


def _texts(value: str) -> tuple[JsonValue, ...]:
    """List a text, and the numbers whose digits it is."""
    found: list[JsonValue] = [value]
    for read in (int, float):
        try:
            number = read(value)
        except ValueError:
            continue
        if str(number) == value and isfinite(number) and abs(number) < 2**63:
            found.append(number)
    return tuple(found)


def _numbers(value: float) -> tuple[JsonValue, ...]:
    if abs(value) >= EXACT or str(float(int(value))) != str(value):
        return value, str(value)
    return value, str(value), int(value), str(int(value))


def _flags(value: bool) -> tuple[JsonValue, ...]:
    return value, int(value), str(int(value)), "true" if value else "false"

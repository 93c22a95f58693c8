"""Nesting on the wire: which fields stand in an element together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from attrs import frozen

from wxspec import ir

__all__ = ["Element", "Nested", "nested"]


@frozen
class Element:
    """An element that is not a model: several fields share it, or it wraps the items of a list."""

    name: str
    item: str
    """The wire name of the wrapped items; empty if the element is shared."""
    nodes: tuple[Nested, ...]


Nested: TypeAlias = "ir.Field | ir.Count | Element"


def nested(written: Iterable[ir.Written]) -> list[Nested]:
    """Group fields and counts into their elements, each at the place of its first field."""
    shared: dict[str, list[Nested]] = {}
    places: list[Nested | str] = []
    for node in written:
        if node.within and node.within not in shared:
            places.append(node.within)
        beside = shared.setdefault(node.within, []) if node.within else places
        beside.append(_wrapped(node))
    return [
        Element(place, "", tuple(shared[place])) if isinstance(place, str) else place
        for place in places
    ]


def _wrapped(node: ir.Written) -> Nested:
    if isinstance(node, ir.Field) and node.item:
        return Element(node.wire, node.item, (node,))
    return node

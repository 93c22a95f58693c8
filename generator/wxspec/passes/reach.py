"""Reach: which models, enumerations and unions a type leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from wxspec import ir

__all__ = ["Node", "nodes_of", "reached", "types_in"]

Node: TypeAlias = "ir.Model | ir.Enumeration | ir.Union"


def nodes_of(module: ir.Module) -> dict[str, Node]:
    """Return everything in a module that a type can name, by its id."""
    nodes: list[Node] = [*module.models, *module.enums, *module.unions]
    return {node.id: node for node in nodes}


def types_in(node: Node) -> Iterator[ir.Type]:
    """Return the types that a model or a union is made of."""
    if isinstance(node, ir.Model):
        yield from (field.type for field in node.fields)
    elif isinstance(node, ir.Union):
        yield from (variant.type for variant in node.variants)


def reached(start: Iterable[ir.Type], nodes: Mapping[str, Node]) -> frozenset[str]:
    """Return the ids of everything that types lead to, however deep inside.

    Args:
        start: The types to begin with.
        nodes: What they may name, by id.
    """
    found: set[str] = set()
    todo = [*start]
    while todo:
        item = ir.item_of(todo.pop())
        if isinstance(item, (ir.ScalarType, ir.UnresolvedType)) or item.id in found:
            continue
        found.add(item.id)
        todo.extend(types_in(nodes[item.id]))
    return frozenset(found)

"""Reach: which models, enumerations and unions a type leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from wxspec import ir

__all__ = ["Node", "nodes_of", "reached", "types_in"]

Node: TypeAlias = "ir.Model | ir.Enumeration | ir.Union"


def nodes_of(module: ir.Module) -> dict[str, Node]:
    """Return the models, enumerations and unions of a module, by id."""
    nodes: list[Node] = [*module.models, *module.enums, *module.unions]
    return {node.id: node for node in nodes}


def types_in(node: Node) -> Iterator[ir.Type]:
    """Return the types of a model's fields, or the models of a union."""
    if isinstance(node, ir.Model):
        yield from (field.type for field in node.fields)
    elif isinstance(node, ir.Union):
        yield from (variant.type for variant in node.variants)


def reached(start: Iterable[ir.Type], nodes: Mapping[str, Node]) -> frozenset[str]:
    """Return the ids of the nodes that types lead to, however deep inside.

    Args:
        start: The types to begin with.
        nodes: The nodes that types may name, by id.
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

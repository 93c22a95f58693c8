"""Homes: each model, enumeration and union lives in one file, where nothing else has its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.names import snake_case
from wxspec.passes.reach import nodes_of, reached, types_in

__all__ = ["check_homes"]


def check_homes(whole: ir.Ir, report: Report) -> None:
    """Report nodes that would have to live in two files, and names that would meet in one."""
    for module in whole.modules:
        _check_one_home(module, report)
    _check_names(((m, m.pushes, m.pushed) for m in whole.modules), report)
    _check_names(((m, m.replies, m.replied) for m in whole.modules), report)


def _check_one_home(module: ir.Module, report: Report) -> None:
    nodes = nodes_of(module)
    called = reached(_types_of_calls(module), nodes)
    used = called | module.pushed | module.replied
    unused = (node for id, node in nodes.items() if id not in used)
    beside = reached((type_ for node in unused for type_ in types_in(node)), nodes)
    homes = {
        "a call": called,
        "what nothing uses": beside - called,  # which stands in the module, as what calls use
        "an event or a message": module.pushed,
        "a reply": module.replied,
    }
    for id in sorted({id for ids in homes.values() for id in ids}):
        users = [user for user, ids in homes.items() if id in ids]
        if len(users) > 1:
            report.error(
                nodes[id].span, "two-homes",
                f"{nodes[id].name} belongs to {' and to '.join(users)}",
                "describe it twice: what is answered, pushed and replied changes apart",
            )  # fmt: skip


def _types_of_calls(module: ir.Module) -> Iterator[ir.Type]:
    for endpoint in module.endpoints:
        yield from (field.type for field in endpoint.sent)
        if endpoint.returns is not None:
            yield endpoint.returns.type


def _check_names(
    homes: Iterable[tuple[ir.Module, tuple[ir.Document, ...], frozenset[str]]], report: Report
) -> None:
    """Report names that two nodes of one file have, whichever modules describe them.

    Codecs and strategies are named in snake case, where `KFEvent` and `KfEvent` meet.

    Args:
        homes: Each module with its documents that live in the file, and the ids of their types.
        report: Takes what is wrong.
    """
    first: dict[str, Span] = {}
    for module, documents, ids in homes:
        nodes: list[ir.Named] = [*documents]
        nodes += (node for id, node in nodes_of(module).items() if id in ids)
        named = [(node.name, node.span) for node in nodes]
        named += ((union.unknown, union.span) for union in module.unions if union.id in ids)
        for text, span in named:
            name = snake_case(text)
            if name in first:
                message = f"the name {text!r} is taken"
                report.error(span, "name-taken", message, f"by the one at {first[name]}")
            first.setdefault(name, span)

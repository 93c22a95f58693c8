"""Plan: where models live, and what local variables are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.names import local_name, snake_case
from wxspec.passes.check import check_tag

__all__ = ["plan"]

# What a decoder uses beside the variables it names after fields.
_IN_A_DECODER = frozenset(
    {
        *("answer", "bool", "builtins", "float", "found", "int", "pop", "pushed", "str", "type"),
        "wire",
    }
)


def plan(whole: ir.Ir, report: Report) -> ir.Ir:
    """Decide what the printer must not have to think about."""
    modules = tuple(_module(module, whole.service, report) for module in whole.modules)
    _check_pushed_names(modules, report)
    return evolve(whole, modules=modules)


def _module(module: ir.Module, service: ir.Service | None, report: Report) -> ir.Module:
    header = () if service is None else service.header
    types: dict[str, ir.Model | ir.Enumeration] = {}
    types.update((model.id, model) for model in module.models)
    types.update((enum.id, enum) for enum in module.enums)
    pushed = _reached((field for event in module.events for field in event.fields), types)
    for model in module.models:
        for field in model.fields if model.id in pushed else ():
            check_tag(field.wire, field.wire_span, report)
    called = _reached(_called_fields(module), types)
    for id in sorted(pushed & called):
        report.error(
            types[id].span, "two-homes",
            f"{types[id].name} belongs to a call and to an event",
            "describe it twice: what is pushed and what is answered change apart from each other",
        )  # fmt: skip
    return evolve(
        module,
        models=tuple(evolve(model, fields=_named(model.fields)) for model in module.models),
        endpoints=tuple(
            evolve(
                endpoint,
                query=_named(endpoint.query),
                body=_named(endpoint.body),
                form=_named(endpoint.form),
                raw=_named(endpoint.raw),
            )
            for endpoint in module.endpoints
        ),
        events=tuple(
            evolve(event, fields=_named((*header, *event.fields))) for event in module.events
        ),
        pushed=frozenset(pushed),
    )


def _check_pushed_names(modules: tuple[ir.Module, ...], report: Report) -> None:
    """Report what is pushed under one name: it all lives in one file.

    Codecs and strategies are named in snake case, where `KFEvent` and `KfEvent` meet.
    """
    first: dict[str, Span] = {}
    for module in modules:
        pushed: list[ir.Named] = [*module.events]
        pushed += (node for node in module.models if node.id in module.pushed)
        pushed += (node for node in module.enums if node.id in module.pushed)
        for node in pushed:
            name = snake_case(node.name)
            if name in first:
                message = f"the name {node.name!r} is taken"
                hint = f"by the one at {first[name]}"
                report.error(node.span, "name-taken", message, hint)
            first.setdefault(name, node.span)


def _called_fields(module: ir.Module) -> Iterator[ir.Field | ir.Returns]:
    for endpoint in module.endpoints:
        yield from endpoint.sent
        if endpoint.returns is not None:
            yield endpoint.returns


def _reached(
    start: Iterable[ir.Field | ir.Returns], types: dict[str, ir.Model | ir.Enumeration]
) -> set[str]:
    """Return the ids of the models and enumerations that fields lead to."""
    reached: set[str] = set()
    todo = [node.type for node in start]
    while todo:
        type_ = todo.pop()
        item = type_.item if isinstance(type_, ir.ListType) else type_
        if isinstance(item, (ir.ModelType, ir.EnumerationType)) and item.id not in reached:
            reached.add(item.id)
            node = types[item.id]
            todo.extend(field.type for field in node.fields) if isinstance(node, ir.Model) else None
    return reached


def _named(fields: tuple[ir.Field, ...]) -> tuple[ir.Field, ...]:
    """Give every field a local variable that no other name of a decoder shadows."""
    return tuple(evolve(field, local=local_name(field.name, _IN_A_DECODER)) for field in fields)

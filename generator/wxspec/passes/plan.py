"""Plan: where models live, and what local variables are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from attrs import evolve

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.names import local_name, snake_case
from wxspec.passes.check import check_tag, check_tags
from wxspec.types import scalar_row

__all__ = ["plan"]

D = TypeVar("D", bound=ir.Document)

_Node: TypeAlias = "ir.Model | ir.Enumeration | ir.Union"

# What a decoder uses beside the variables it names after fields.
_IN_A_DECODER = frozenset(
    {
        *("answer", "bool", "builtins", "fields", "float", "found", "inside", "int", "listed"),
        *("pop", "str", "type", "wire"),
    }
)

_IN_A_REPLY = {
    "receiver": "The customer, by openid; empty stands for the sender of the push.",
    "sender": "The account, by original ID (原始ID); empty stands for the receiver of the push.",
    "time": "Time of the reply; 0 stands for the moment of sending.",
}
"""What the fields of the header say in a reply, by their roles."""


def plan(whole: ir.Ir, report: Report) -> ir.Ir:
    """Decide what the printer must not have to think about."""
    modules = tuple(_module(module, whole.service, report) for module in whole.modules)
    _check_names(modules, lambda module: (module.pushes, module.pushed), report)
    _check_names(modules, lambda module: (module.replies, module.replied), report)
    return evolve(whole, modules=modules)


def _module(module: ir.Module, service: ir.Service | None, report: Report) -> ir.Module:
    header = () if service is None else service.push.header
    types: dict[str, _Node] = {}
    types.update((model.id, model) for model in module.models)
    types.update((enum.id, enum) for enum in module.enums)
    types.update((union.id, union) for union in module.unions)
    pushed = _reached((field for push in module.pushes for field in push.own), types)
    replied = _reached((field for reply in module.replies for field in reply.own), types)
    called = _reached(_called_fields(module), types)
    _check_tags(module, pushed | replied, report)
    unused = [node for id, node in types.items() if id not in called | pushed | replied]
    beside = _followed((type_ for node in unused for type_ in _types_in(node)), types)
    homes = {
        "a call": called,
        "what nothing uses": beside - called,  # which stands in the module, as what calls use
        "an event or a message": pushed,
        "a reply": replied,
    }
    _check_homes(types, homes, report)
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
        events=_documents(module.events, header),
        messages=_documents(module.messages, header),
        replies=_documents(module.replies, _reply_header(service)),
        pushed=frozenset(pushed),
        replied=frozenset(replied),
    )


def _documents(documents: tuple[D, ...], header: tuple[ir.Field, ...]) -> tuple[D, ...]:
    return tuple(
        evolve(document, header=_named(header), own=_named(document.own)) for document in documents
    )


def _reply_header(service: ir.Service | None) -> tuple[ir.Field, ...]:
    """Return the header as whoever replies may leave it out."""
    if service is None:
        return ()
    return tuple(
        evolve(
            field,
            default=scalar_row(field.type).empty,
            doc=_IN_A_REPLY.get(service.push.role_of(field), field.doc),
        )
        for field in service.push.header
    )


def _check_homes(types: dict[str, _Node], homes: dict[str, set[str]], report: Report) -> None:
    """Report what would have to live in two files."""
    for id in sorted({id for ids in homes.values() for id in ids}):
        users = [user for user, ids in homes.items() if id in ids]
        if len(users) > 1:
            report.error(
                types[id].span, "two-homes",
                f"{types[id].name} belongs to {' and to '.join(users)}",
                "describe it twice: what is answered, pushed and replied changes apart",
            )  # fmt: skip


def _check_names(
    modules: tuple[ir.Module, ...],
    home: Callable[[ir.Module], tuple[tuple[ir.Document, ...], frozenset[str]]],
    report: Report,
) -> None:
    """Report what lives in one file, whichever module describes it, under one name.

    Codecs and strategies are named in snake case, where `KFEvent` and `KfEvent` meet.
    """
    first: dict[str, Span] = {}
    for module in modules:
        documents, ids = home(module)
        nodes: list[ir.Named] = [*documents]
        nodes += (node for node in module.models if node.id in ids)
        nodes += (node for node in module.enums if node.id in ids)
        nodes += (node for node in module.unions if node.id in ids)
        made = [(node.name, node.span) for node in nodes]
        made += ((union.unknown, union.span) for union in module.unions if union.id in ids)
        for text, span in made:
            name = snake_case(text)
            if name in first:
                message = f"the name {text!r} is taken"
                report.error(span, "name-taken", message, f"by the one at {first[name]}")
            first.setdefault(name, span)


def _check_tags(module: ir.Module, ids: set[str], report: Report) -> None:
    """Report the wire names inside of documents that no XML element can have."""
    for model in module.models:
        for node in model.written if model.id in ids else ():
            check_tags(node, report)
    for union in module.unions:
        if union.id in ids:
            check_tag(union.tag, report)
            for variant in () if union.inline else union.variants:
                check_tag(variant.tag, report)


def _called_fields(module: ir.Module) -> Iterator[ir.Field | ir.Returns]:
    for endpoint in module.endpoints:
        yield from endpoint.sent
        if endpoint.returns is not None:
            yield endpoint.returns


def _reached(start: Iterable[ir.Field | ir.Returns], types: dict[str, _Node]) -> set[str]:
    """Return the ids of what is described by itself that fields lead to."""
    return _followed((node.type for node in start), types)


def _types_in(node: _Node) -> Iterator[ir.Type]:
    if isinstance(node, ir.Model):
        yield from (field.type for field in node.fields)
    elif isinstance(node, ir.Union):
        yield from (variant.type for variant in node.variants)


def _followed(start: Iterable[ir.Type], types: dict[str, _Node]) -> set[str]:
    reached: set[str] = set()
    todo = [*start]
    while todo:
        type_ = todo.pop()
        item = ir.item_of(type_)
        if isinstance(item, (ir.ScalarType, ir.UnresolvedType)) or item.id in reached:
            continue
        reached.add(item.id)
        todo.extend(_types_in(types[item.id]))
    return reached


def _named(fields: tuple[ir.Field, ...]) -> tuple[ir.Field, ...]:
    """Give every field a local variable that no other name of a decoder shadows."""
    return tuple(evolve(field, local=local_name(field.name, _IN_A_DECODER)) for field in fields)

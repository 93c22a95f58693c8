"""Plan: the file that a model lives in, the names of local variables, the header of documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from attrs import evolve

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.names import local_name
from wxspec.passes.reach import nodes_of, reached
from wxspec.types import scalar_row

__all__ = ["plan"]

D = TypeVar("D", bound=ir.Document)

# The names that a decoder uses beside the variables that are named after fields.
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
"""The documentation of the header's fields in a reply, by their roles."""


def plan(whole: ir.Ir, report: Report) -> ir.Ir:
    """Decide what printers need to know of the whole specification; nothing is reported."""
    return evolve(whole, modules=tuple(_module(module, whole.service) for module in whole.modules))


def _module(module: ir.Module, service: ir.Service | None) -> ir.Module:
    header = () if service is None else service.push.header
    nodes = nodes_of(module)
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
        pushed=reached(_types_of(module.pushes), nodes),
        replied=reached(_types_of(module.replies), nodes),
    )


def _types_of(documents: tuple[ir.Document, ...]) -> Iterator[ir.Type]:
    return (field.type for document in documents for field in document.own)


def _documents(documents: tuple[D, ...], header: tuple[ir.Field, ...]) -> tuple[D, ...]:
    return tuple(
        evolve(document, header=_named(header), own=_named(document.own, header))
        for document in documents
    )


def _reply_header(service: ir.Service | None) -> tuple[ir.Field, ...]:
    """Return the header with a default for every field: in a reply, each may be left out."""
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


def _named(fields: tuple[ir.Field, ...], others: tuple[ir.Field, ...] = ()) -> tuple[ir.Field, ...]:
    """Give every field its local variables, which no other name of a decoder shadows.

    Args:
        fields: The fields.
        others: The other fields of the same decoder.
    """
    taken = _IN_A_DECODER.union(field.name for field in (*fields, *others))
    return tuple(
        evolve(
            field,
            local=local_name(field.name, _IN_A_DECODER),
            place=local_name(f"{field.name}_at", taken),
        )
        for field in fields
    )

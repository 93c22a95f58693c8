"""Unions: what tells their models apart, and where one may stand."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.types import type_name

__all__ = ["check_unions"]


def check_unions(module: ir.Module, report: Report) -> None:
    """Report unions whose models cannot be told apart, and those that stand where none can."""
    models = {model.id: model for model in module.models}
    unions = {union.id: union for union in module.unions}
    for union in module.unions:
        _check_variants(union, models, report)
    for model in module.models:
        _check_fields(model.fields, unions, report)
    for document in module.documents:
        _check_fields(document.own, unions, report)
    for endpoint in module.endpoints:
        _check_fields(endpoint.body, unions, report)
        returns = endpoint.returns
        if returns is not None and _is_spread(returns.type):
            message = f"the union {type_name(returns.type)} is no whole answer"
            report.error(returns.span, "not-an-answer", message, "make it a field of a model")


def _check_variants(union: ir.Union, models: dict[str, ir.Model], report: Report) -> None:
    if not union.variants:
        message = f"expected at least one model in {union.name}, got none"
        report.error(union.span, "no-values", message)
    first: dict[str, Span] = {}
    for variant in union.variants:
        name = variant.type.name
        if name in first:
            message = f"the model {name!r} stands for two values of the tag"
            hint = f"the first is at {first[name]}; describe it twice"
            report.error(variant.span, "value-taken", message, hint)
        first.setdefault(name, variant.span)
        if not union.inline and variant.tag == union.tag:
            message = f"the name {variant.tag!r} is that of the tag"
            report.error(variant.span, "wire-taken", message)
        model = models.get(variant.type.id) if isinstance(variant.type, ir.ModelType) else None
        if union.inline and model is not None:
            _check_beside_tag(union, model, report)


def _check_beside_tag(union: ir.Union, model: ir.Model, report: Report) -> None:
    for field in model.fields:
        if (field.within or field.wire) == union.tag:
            message = f"the wire name {union.tag!r} is that of the tag of {union.name}"
            report.error(field.wire_span, "wire-taken", message)


def _is_spread(type_: ir.Type) -> bool:
    item = type_.item if isinstance(type_, ir.ListType) else type_
    return isinstance(item, ir.UnionType) and not item.inline


def _check_fields(fields: Iterable[ir.Field], unions: dict[str, ir.Union], report: Report) -> None:
    """Report spread unions that are no plain field, and two of them that would meet."""
    fields = [*fields]
    taken = {field.within or field.wire: field.wire_span for field in fields if not field.spread}
    for field in fields:
        if not _is_spread(field.type):
            continue
        said = (field.optional, field.within, field.item, field.also, field.wire != field.name)
        if isinstance(field.type, ir.ListType) or any(said):
            message = (
                f"the parts of {field.name!r} stand among the other fields, so it is no list, "
                "and has no name on the wire and nothing around it"
            )
            hint = "give the union inline: true, or put it into a model of its own"
            report.error(field.span, "contradiction", message, hint)
            continue
        assert isinstance(field.type, ir.UnionType)
        union = unions[field.type.id]
        for wire in (union.tag, *(variant.tag for variant in union.variants)):
            if wire in taken:
                message = f"the wire name {wire!r} is that of a part of {field.name!r}"
                report.error(taken[wire], "wire-taken", message)
            taken[wire] = field.span

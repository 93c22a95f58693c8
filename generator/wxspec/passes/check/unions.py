"""Unions: the tag tells their models apart, and their parts have a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.passes.check.wires import is_elsewhere, outermost
from wxspec.types import type_name

__all__ = ["check_unions"]


def check_unions(whole: ir.Ir, report: Report) -> None:
    """Report unions whose models cannot be told apart, and unions in places that hold none."""
    for module in whole.modules:
        models = {model.id: model for model in module.models}
        unions = {union.id: union for union in module.unions}
        for union in module.unions:
            _check_variants(union, models, unions, report)
        for model in module.models:
            _check_places(model.fields, report)
        for document in module.documents:
            _check_places(document.own, report)
        for endpoint in module.endpoints:
            _check_endpoint(endpoint, report)


def _check_endpoint(endpoint: ir.Endpoint, report: Report) -> None:
    _check_places(endpoint.body, report)
    # Another union in a query or a form is reported as a value that is no text.
    texts = (field for field in (*endpoint.query, *endpoint.form) if field.as_text)
    _check_places(texts, report)
    returns = endpoint.returns
    if returns is not None and _is_spread(returns.type):
        message = f"the parts of {type_name(returns.type)} have no place in an answer"
        hint = "return a model that has the union as a field, or give it inline: true"
        report.error(returns.span, "not-an-answer", message, hint)


def _check_variants(
    union: ir.Union,
    models: Mapping[str, ir.Model],
    unions: Mapping[str, ir.Union],
    report: Report,
) -> None:
    if not union.variants:
        message = f"expected at least one model in {union.name}, got none"
        report.error(union.span, "no-values", message)
    first: dict[str, Span] = {}
    for variant in union.variants:
        name = variant.type.name
        if name in first:
            message = f"the model {name!r} stands for two values of the tag"
            hint = f"the first is at {first[name]}; describe it twice"
            report.error(variant.tag.span, "value-taken", message, hint)
        first.setdefault(name, variant.tag.span)
        if not union.inline and variant.tag == union.tag:
            message = f"the name {variant.tag!r} is that of the tag"
            report.error(variant.tag.span, "wire-taken", message)
        model = models.get(variant.type.id) if isinstance(variant.type, ir.ModelType) else None
        if union.inline and model is not None:
            _check_beside_tag(union, model, unions, report)


def _check_beside_tag(
    union: ir.Union, model: ir.Model, unions: Mapping[str, ir.Union], report: Report
) -> None:
    for node in model.written:
        for claim in outermost(node, unions):
            if claim.wire == union.tag:
                message = f"the wire name {union.tag!r} is that of the tag of {union.name}"
                report.error(claim.wire.span, "wire-taken", message)


def _is_spread(type_: ir.Type) -> bool:
    item = ir.item_of(type_)
    return isinstance(item, ir.UnionType) and not item.inline


def _check_places(fields: Iterable[ir.Field], report: Report) -> None:
    """Report unions whose parts stand among other fields, with keys that contradict that."""
    for field in fields:
        if not _is_spread(field.type):
            continue
        if is_elsewhere(field):
            message = (
                f"the parts of {field.name!r} stand among the other fields, so it is no list, "
                "is always there, and has no name on the wire and nothing around it"
            )
            hint = "give the union inline: true, or put it into a model of its own"
            report.error(field.span, "contradiction", message, hint)
        elif field.secret:
            message = f"the parts of {field.name!r} stand among the other fields, and are shown"
            hint = "say secret: true of what is secret in its models"
            report.error(field.span, "contradiction", message, hint)

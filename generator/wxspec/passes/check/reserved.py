"""Reserved: wire names that belong to the envelope of answers, or to the access token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.passes.check.wires import outermost
from wxspec.values import Text

__all__ = ["check_reserved"]


def check_reserved(whole: ir.Ir, report: Report) -> None:
    """Report wire names that a client takes for itself."""
    if whole.service is None:
        return
    for module in whole.modules:
        _check_answers(module, whole.service.envelope, report)
        _check_tokens(module, whole.service.token, report)


def _check_answers(module: ir.Module, envelope: ir.Envelope, report: Report) -> None:
    """Report wire names of the envelope at the top level of an answer."""
    models = {model.id: model for model in module.models}
    unions = {union.id: union for union in module.unions}
    names = {envelope.code, envelope.message, *envelope.also}
    for endpoint in module.endpoints:
        if endpoint.returns is None:
            continue
        for wire in _answered(endpoint.returns, models, unions):
            if wire in names:
                message = f"the wire name {wire!r} belongs to the envelope of every answer"
                hint = "leave it out: a client reads the envelope, and takes it off before decoding"
                report.error(wire.span, "wire-taken", message, hint)


def _answered(
    returns: ir.Returns, models: Mapping[str, ir.Model], unions: Mapping[str, ir.Union]
) -> Iterator[Text]:
    """Return the wire names at the top level of an answer."""
    if returns.key is not None:
        yield returns.key
        return
    variants: tuple[ir.Variant, ...] = ()
    if isinstance(returns.type, ir.UnionType):
        union = unions[returns.type.id]
        variants = union.variants
        yield union.tag
    for type_ in (returns.type, *(variant.type for variant in variants)):
        if isinstance(type_, ir.ModelType):
            for node in models[type_.id].written:
                yield from (claim.wire for claim in outermost(node, unions))


def _check_tokens(module: ir.Module, token: ir.Token, report: Report) -> None:
    """Report a parameter that would stand beside the access token under one name."""
    for endpoint in module.endpoints:
        in_query = [field.wire for field in endpoint.query]
        if endpoint.twin is not None and endpoint.twin.method == "GET":
            in_query += (field.wire for field in endpoint.body)
        for wire in in_query if endpoint.token else ():
            if wire == token.parameter:
                message = f"the wire name {wire!r} belongs to the access token"
                hint = "leave it out: a client adds the token; a call without one says token: false"
                report.error(wire.span, "wire-taken", message, hint)

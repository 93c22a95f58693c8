"""Twins: an older request of another method, with the same parameters."""

from __future__ import annotations

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.passes.check.calls import hint_of_text
from wxspec.types import in_query, type_name

__all__ = ["check_twins"]


def check_twins(whole: ir.Ir, report: Report) -> None:
    """Report twins that cannot be sent."""
    for module in whole.modules:
        for endpoint in module.endpoints:
            if endpoint.twin is not None:
                _check_twin(endpoint, endpoint.twin, whole.service, report)


def _check_twin(
    endpoint: ir.Endpoint, twin: ir.Twin, service: ir.Service | None, report: Report
) -> None:
    if twin.method == endpoint.method:
        message = f"expected a twin of another method than {endpoint.method}, got the same"
        report.error(twin.span, "contradiction", message)
        return
    if endpoint.form or endpoint.raw:
        message = "a call that sends a file has no twin"
        report.error(twin.span, "contradiction", message)
        return
    if service is not None and not service.envelope.wrong_method:
        message = "nothing says by which codes the platform asks for a twin"
        hint = "name them in the service, under envelope: wrong_method:"
        report.error(twin.span, "contradiction", message, hint)
    _check_one_place(endpoint, report)
    for field in endpoint.body if twin.method == "GET" else ():
        _check_in_query(field, report)


def _check_one_place(endpoint: ir.Endpoint, report: Report) -> None:
    """Report wire names that meet where the twin sends query and body in one place."""
    first = {field.wire: field.wire.span for field in endpoint.query}
    for wire in (field.within or field.wire for field in endpoint.body):
        if wire in first:
            message = f"the wire name {wire!r} stands in the query and in the body"
            hint = f"its twin sends both in one place; the other is at {first[wire]}"
            report.error(wire.span, "wire-taken", message, hint)


def _check_in_query(field: ir.Field, report: Report) -> None:
    if field.within:
        message = f"{field.name!r} stands inside of an element, and the query of the twin has none"
        report.error(field.within.span, "not-in-query", message)
    elif ir.is_resolved(field.type) and not field.as_text and in_query(field.type, "") is None:
        message = f"a {type_name(field.type)} cannot stand in the query of the twin"
        report.error(field.span, "not-in-query", message, hint_of_text(field.type))

"""Calls: the body and the query of a request, and the type of an answer."""

from __future__ import annotations

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.types import in_query, type_name, whole_answer

__all__ = ["check_calls", "hint_of_text"]


def check_calls(whole: ir.Ir, report: Report) -> None:
    """Report requests that cannot be sent, and answers that cannot be read."""
    for module in whole.modules:
        for endpoint in module.endpoints:
            _check_bodies(endpoint, report)
            _check_query(endpoint, report)
            if endpoint.returns is not None:
                _check_answer(endpoint.returns, report)


def _check_bodies(endpoint: ir.Endpoint, report: Report) -> None:
    bodies = {"body": endpoint.body, "form": endpoint.form, "raw": endpoint.raw}
    given = [name for name, fields in bodies.items() if fields]
    if endpoint.method == "GET" and given:
        report.error(
            endpoint.request_span, "get-with-body",
            "a GET has no body", "put the parameters under query:, or make it a POST",
        )  # fmt: skip
    if len(given) > 1:
        message = f"expected one of body, form and raw, got {' and '.join(given)}"
        report.error(bodies[given[1]][0].span, "contradiction", message)


def _check_query(endpoint: ir.Endpoint, report: Report) -> None:
    for field in endpoint.query:
        # An unresolved type and a file are reported elsewhere.
        known = ir.is_resolved(field.type) and whole_answer(ir.item_of(field.type)) is None
        if known and not field.as_text and in_query(field.type, "") is None:
            message = f"a {type_name(field.type)} cannot stand in a query"
            report.error(field.span, "not-in-query", message, hint_of_text(field.type))


def hint_of_text(type_: ir.Type) -> str:
    """Return how a value of a type can be written as text; empty where it cannot."""
    item = ir.item_of(type_)
    inside = isinstance(type_, (ir.ListType, ir.ModelType, ir.UnionType))
    if not inside or (isinstance(item, ir.UnionType) and not item.inline):
        return ""
    return "as_text: true writes it as JSON inside of text"


def _check_answer(returns: ir.Returns, report: Report) -> None:
    single = isinstance(returns.type, (ir.ScalarType, ir.EnumerationType))
    if returns.key is None and single and whole_answer(returns.type) is None:
        report.error(
            returns.span, "not-an-answer",
            f"an answer is an object, and {type_name(returns.type)} is a single value",
            "name a model, or one key of the answer: {key: type}",
        )  # fmt: skip

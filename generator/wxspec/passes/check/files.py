"""Files: the places where a file may stand, and the forms and raw bodies that send one."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.passes.check.calls import hint_of_text
from wxspec.types import in_query, type_name, whole_answer

__all__ = ["check_files"]

_HINT = "a call sends it under form: or raw:, and answers with returns: file"


def check_files(whole: ir.Ir, report: Report) -> None:
    """Report files in places that cannot hold one, and forms and raw bodies that cannot be sent."""
    for module in whole.modules:
        for model in module.models:
            _check_places(model.fields, "a model", report)
        for document in module.documents:
            _check_places(document.own, f"the {document.called} {document.wire!r}", report)
        for endpoint in module.endpoints:
            _check_endpoint(endpoint, report)


def _check_endpoint(endpoint: ir.Endpoint, report: Report) -> None:
    _check_places(endpoint.query, "a query", report)
    _check_places(endpoint.body, "a JSON body", report)
    if endpoint.form:
        _check_form(endpoint, report)
    if endpoint.raw:
        _check_raw(endpoint, report)
    returns = endpoint.returns
    if returns is not None and returns.key is not None and _of_files(returns.type):
        message = "a file is a whole answer and stands under no key"
        report.error(returns.span, "misplaced-file", message, "write returns: file")


def _of_files(type_: ir.Type) -> bool:
    """Return whether a type is a file, or a list of files."""
    return whole_answer(ir.item_of(type_)) is not None


def _check_places(fields: Iterable[ir.Field], place: str, report: Report) -> None:
    for field in fields:
        if _of_files(field.type):
            message = f"a {type_name(field.type)} cannot stand in {place}"
            report.error(field.span, "misplaced-file", message, _HINT)


def _check_form(endpoint: ir.Endpoint, report: Report) -> None:
    if all(ir.is_resolved(field.type) and not _of_files(field.type) for field in endpoint.form):
        report.error(
            endpoint.form[0].span, "no-file",
            "expected a form with a file, got one without",
            "put the fields under body:, or say which of them is of the type file",
        )  # fmt: skip
    for field in endpoint.form:
        if not ir.is_resolved(field.type) or _in_form(field.type):
            continue
        if _of_files(field.type):
            message = f"a {type_name(field.type)} cannot stand in a form"
            hint = "give each file a field of its own"
            report.error(field.span, "not-in-form", message, hint)
        elif not field.as_text:
            message = f"a {type_name(field.type)} cannot stand in a form"
            report.error(field.span, "not-in-form", message, hint_of_text(field.type))


def _in_form(type_: ir.Type) -> bool:
    return in_query(type_, "") is not None or whole_answer(type_) is not None


def _check_raw(endpoint: ir.Endpoint, report: Report) -> None:
    for field in endpoint.raw[1:]:
        message = f"expected one file that is sent as it is, got {field.name!r} as well"
        report.error(field.span, "not-raw", message, "what goes with it stands under query:")
    field = endpoint.raw[0]
    if ir.is_resolved(field.type) and whole_answer(field.type) is None:
        message = f"expected one file that is sent as it is, got a {type_name(field.type)}"
        report.error(field.span, "not-raw", message, "its type has to be file")
    elif field.optional:
        message = "the file that is a whole body cannot be left out"
        report.error(field.span, "contradiction", message)

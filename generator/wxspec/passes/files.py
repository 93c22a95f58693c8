"""Files: where one may stand, and what a call that sends or returns one must hold to."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.types import in_query, type_name, whole_answer

__all__ = ["check_files", "hint_of_text", "is_known", "of_files"]

_HINT = "a call sends it under form: or raw:, and answers with returns: file"


def check_files(module: ir.Module, report: Report) -> None:
    """Report files where none can be, and calls whose form or raw body is none."""
    for model in module.models:
        _check_places(model.fields, "a model", report)
    for document in module.documents:
        _check_places(document.own, f"the {document.called} {document.wire!r}", report)
    for endpoint in module.endpoints:
        _check_places(endpoint.query, "a query", report)
        _check_places(endpoint.body, "a JSON body", report)
        _check_bodies(endpoint, report)
        if endpoint.form:
            _check_form(endpoint, report)
        if endpoint.raw:
            _check_raw(endpoint, report)
        returns = endpoint.returns
        if returns is not None and returns.key is not None and of_files(returns.type):
            message = "a file is a whole answer and stands under no key"
            report.error(returns.span, "misplaced-file", message, "write returns: file")


def is_known(type_: ir.Type) -> bool:
    """Say whether the resolve pass knew a type; what it did not know, it has reported."""
    return not isinstance(ir.item_of(type_), ir.UnresolvedType)


def of_files(type_: ir.Type) -> bool:
    """Say whether a type is that of a file, or of files."""
    return whole_answer(ir.item_of(type_)) is not None


def _check_places(fields: Iterable[ir.Field], place: str, report: Report) -> None:
    for field in fields:
        if of_files(field.type):
            message = f"a {type_name(field.type)} cannot stand in {place}"
            report.error(field.span, "misplaced-file", message, _HINT)


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


def _check_form(endpoint: ir.Endpoint, report: Report) -> None:
    if all(is_known(field.type) and not of_files(field.type) for field in endpoint.form):
        report.error(
            endpoint.form[0].span, "no-file",
            "expected a form with a file, got one without",
            "put the fields under body:, or say which of them is of the type file",
        )  # fmt: skip
    for field in endpoint.form:
        if not is_known(field.type) or _in_form(field.type):
            continue
        if of_files(field.type):
            message = f"a {type_name(field.type)} cannot stand in a form"
            hint = "give each file a field of its own"
            report.error(field.span, "not-in-form", message, hint)
        elif not field.as_text:
            message = f"a {type_name(field.type)} cannot stand in a form"
            report.error(field.span, "not-in-form", message, hint_of_text(field.type))


def hint_of_text(type_: ir.Type) -> str:
    """Say how what is no text can stand where only text can; empty where it cannot."""
    item = ir.item_of(type_)
    inside = isinstance(type_, (ir.ListType, ir.ModelType, ir.UnionType))
    if not inside or (isinstance(item, ir.UnionType) and not item.inline):
        return ""
    return "as_text: true writes it as JSON inside of text"


def _in_form(type_: ir.Type) -> bool:
    return in_query(type_, "") is not None or whole_answer(type_) is not None


def _check_raw(endpoint: ir.Endpoint, report: Report) -> None:
    for field in endpoint.raw[1:]:
        message = f"expected one file that is sent as it is, got {field.name!r} as well"
        report.error(field.span, "not-raw", message, "what goes with it stands under query:")
    field = endpoint.raw[0]
    if is_known(field.type) and whole_answer(field.type) is None:
        message = f"expected one file that is sent as it is, got a {type_name(field.type)}"
        report.error(field.span, "not-raw", message, "its type has to be file")
    elif field.optional:
        message = "the file that is a whole body cannot be left out"
        report.error(field.span, "contradiction", message)

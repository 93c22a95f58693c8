"""Requests: twins of another method, and the functions that go through pages."""

from __future__ import annotations

from wxspec import ir
from wxspec.diagnostics import Report, Span, did_you_mean
from wxspec.types import in_query, type_name

__all__ = ["check_requests"]

_CURSORS = (ir.ScalarType("integer"), ir.ScalarType("string"))


def check_requests(module: ir.Module, service: ir.Service | None, report: Report) -> None:
    """Report twins that cannot be sent, and pages that cannot be gone through."""
    names = {endpoint.name: endpoint.span for endpoint in module.endpoints}
    models = {model.id: model for model in module.models}
    for endpoint in module.endpoints:
        if endpoint.twin is not None:
            _check_twin(endpoint, endpoint.twin, service, report)
        pages = endpoint.pages
        if pages is None:
            continue
        if pages.name in names:
            message = f"the name {pages.name!r} is taken"
            report.error(pages.span, "name-taken", message, f"by the one at {names[pages.name]}")
        names.setdefault(pages.name, pages.span)
        _check_pages(endpoint, pages, models, report)


def _check_twin(
    endpoint: ir.Endpoint, twin: ir.Twin, service: ir.Service | None, report: Report
) -> None:
    if twin.method == endpoint.method:
        message = f"expected a twin of another method, got another {twin.method}"
        report.error(twin.span, "contradiction", message)
    if endpoint.form or endpoint.raw:
        message = "a call that sends a file has no twin"
        report.error(twin.span, "contradiction", message)
    if service is not None and not service.wrong_method:
        message = "nothing says by which codes the platform asks for a twin"
        hint = "name them in the service, under envelope: wrong_method:"
        report.error(twin.span, "contradiction", message, hint)
    for field in endpoint.body if twin.method == "GET" else ():
        if field.within or in_query(field.type, "") is None:
            message = f"a {type_name(field.type)} cannot stand in the query of the twin"
            report.error(field.span, "not-in-query", message)


def _check_pages(
    endpoint: ir.Endpoint, pages: ir.Pages, models: dict[str, ir.Model], report: Report
) -> None:
    spans = dict(pages.spans)
    parameters = {field.name: field for field in endpoint.parameters}
    returns = endpoint.returns
    page = None
    if returns is not None and returns.key is None and isinstance(returns.type, ir.ModelType):
        page = models[returns.type.id]
    if page is None:
        message = f"{endpoint.name} returns no model that could be a page"
        report.error(pages.span, "no-page", message)
        return
    fields = {field.name: field for field in page.fields}
    split = pages.split
    asked = [pages.cursor, *([pages.size] if pages.size else [])]
    asked += [] if split is None else [split.since, split.until]
    for name in asked:
        _known(name, parameters, f"{endpoint.name} has no parameter {name!r}", spans, report)
    for name in (pages.items, pages.found):
        _known(name, fields, f"{page.name} has no field {name!r}", spans, report)
    cursor, found, items = (
        *(parameters.get(pages.cursor), fields.get(pages.found)),
        fields.get(pages.items),
    )
    if cursor is not None and (cursor.default is None or cursor.type not in _CURSORS):
        message = f"{cursor.name!r} is no text or whole number with a default, the first page"
        report.error(spans[pages.cursor], "bad-page", message)
    if cursor is not None and found is not None and cursor.type != found.type:
        message = f"{found.name!r} is not of the type of {cursor.name!r}"
        report.error(spans[pages.found], "bad-page", message)
    if items is None:
        return
    if not isinstance(items.type, ir.ListType):
        report.error(spans[pages.items], "bad-page", f"{items.name!r} is no list")
    elif split is not None:
        _check_split(split, parameters, items.type, models, spans, report)


def _check_split(
    split: ir.Split,
    parameters: dict[str, ir.Field],
    items: ir.ListType,
    models: dict[str, ir.Model],
    spans: dict[str, Span],
    report: Report,
) -> None:
    for name in (split.since, split.until):
        if name in parameters and type_name(parameters[name].type) not in ("timestamp", "integer"):
            report.error(spans[name], "bad-page", f"{name!r} is no time")
    model = models.get(items.item.id) if isinstance(items.item, ir.ModelType) else None
    times = {} if model is None else {field.name: field for field in model.fields}
    _known(split.time, times, f"an item has no field {split.time!r}", spans, report)
    if split.time in times and type_name(times[split.time].type) not in ("timestamp", "integer"):
        report.error(spans[split.time], "bad-page", f"{split.time!r} is no time")


def _known(
    name: str, known: dict[str, ir.Field], message: str, spans: dict[str, Span], report: Report
) -> None:
    if name not in known:
        report.error(spans[name], "unknown-field", message, did_you_mean(name, known))

"""Pages: call and answer have what a function through all pages needs."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from wxspec import ir
from wxspec.diagnostics import Report, Span, did_you_mean
from wxspec.types import scalar_row, type_name
from wxspec.values import Text

__all__ = ["check_pages"]


def check_pages(whole: ir.Ir, report: Report) -> None:
    """Report pages that cannot be gone through."""
    for module in whole.modules:
        _check_names(module, report)
        models = {model.id: model for model in module.models}
        for endpoint in module.endpoints:
            if endpoint.pages is not None:
                _Check(endpoint, endpoint.pages, models, whole.lost, report).run()


def _check_names(module: ir.Module, report: Report) -> None:
    """Report a function through pages that is called like another function."""
    names = {endpoint.name: endpoint.span for endpoint in module.endpoints}
    for pages in (endpoint.pages for endpoint in module.endpoints):
        if pages is None:
            continue
        if pages.name in names:
            message = f"the name {pages.name!r} is taken"
            report.error(pages.span, "name-taken", message, f"by the one at {names[pages.name]}")
        names.setdefault(pages.name, pages.span)


@frozen
class _Check:
    """The rules about one function through all pages."""

    _endpoint: ir.Endpoint
    _pages: ir.Pages
    _models: Mapping[str, ir.Model]
    _lost: frozenset[str]
    _report: Report

    def run(self) -> None:
        """Report all mistakes."""
        self._check_keys()
        page = self._page()
        if page is None:
            return
        self._check_turning(page)
        if self._pages.size:
            self._check_size(self._pages.size)
        if self._pages.count:
            self._check_count(self._pages.count, page)
        self._check_roles()
        items = self._field(self._pages.items, page)
        if items is None:
            return
        if not isinstance(items.type, ir.ListType):
            message = f"expected a list of items, got {type_name(items.type)}"
            self._wrong(self._pages.items, message)
        elif self._pages.split is not None and ir.is_resolved(items.type):
            self._check_split(self._pages.split, items.type.item)

    def _check_keys(self) -> None:
        if not self._pages.size and (self._pages.most is not None or self._pages.count):
            message = "most and count have no meaning without size"
            hint = "say which parameter it is: size:"
            self._report.error(self._pages.span, "contradiction", message, hint)

    def _page(self) -> ir.Model | None:
        returns = self._endpoint.returns
        type_ = None if returns is None or returns.key is not None else returns.type
        if isinstance(type_, ir.ModelType):
            return self._models[type_.id]
        if type_ is None or ir.is_resolved(type_):
            message = f"{self._endpoint.name} returns no model that could be a page"
            hint = "a page has the items, and says where the next one begins"
            self._report.error(self._pages.span, "bad-page", message, hint)
        return None

    def _check_turning(self, page: ir.Model) -> None:
        """Check the parameter for the beginning of a page, and the field with the next one."""
        cursor = self._parameter(self._pages.cursor)
        if cursor is not None and (cursor.default is None or not scalar_row(cursor.type).cursor):
            self._wrong(
                self._pages.cursor,
                f"expected text or a whole number with a default, got {cursor.name!r}",
                "its default is where the first page begins",
            )
            return
        found = self._field(self._pages.found, page)
        if found is None:
            return
        if cursor is not None and cursor.type != found.type:
            message = f"expected the type of {cursor.name!r}, which is {type_name(cursor.type)}"
            self._wrong(self._pages.found, f"{message}, got {type_name(found.type)}")
        elif found.optional:
            message = f"{found.name!r} may be None, which begins no page"
            hint = "a default such as 0 or '' says that no page follows"
            self._wrong(self._pages.found, message, hint)

    def _check_size(self, size: Text) -> None:
        parameter = self._parameter(size)
        if parameter is not None and (parameter.optional or not _is_number(parameter)):
            self._wrong(size, f"expected a whole number that is always sent, got {size!r}")

    def _check_count(self, count: Text, page: ir.Model) -> None:
        field = self._field(count, page)
        if field is not None and (field.optional or not _is_number(field)):
            self._wrong(count, f"expected a whole number that is always there, got {count!r}")

    def _check_roles(self) -> None:
        """Report a parameter that is named for two purposes."""
        pages, split = self._pages, self._pages.split
        named = [pages.cursor, pages.size, *((split.since, split.until) if split else ())]
        first: dict[str, Span] = {}
        for name in filter(None, named):
            if name in first:
                message = f"the parameter {name!r} cannot say two things"
                self._wrong(name, message, f"the first is at {first[name]}")
            first.setdefault(name, name.span)

    def _check_split(self, split: ir.Split, item: ir.Type) -> None:
        for name in (split.since, split.until):
            parameter = self._parameter(name)
            if parameter is not None and (parameter.optional or not _is_moment(parameter)):
                self._wrong(name, f"expected a time that is always sent, got {name!r}")
        if not isinstance(item, ir.ModelType):
            message = f"expected items that say when they happened, got {type_name(item)}"
            self._wrong(self._pages.items, message)
            return
        time = self._field(split.time, self._models[item.id])
        if time is not None and (time.optional or not _is_moment(time)):
            self._wrong(split.time, f"expected a time that is always there, got {time.name!r}")

    def _parameter(self, name: Text) -> ir.Field | None:
        known = {field.name: field for field in self._endpoint.parameters}
        if name not in known and name not in self._lost:
            message = f"{self._endpoint.name} has no parameter {name!r}"
            hint = did_you_mean(name, known)
            self._report.error(name.span, "unknown-parameter", message, hint)
        return _understood(known.get(name))

    def _field(self, name: Text, model: ir.Model) -> ir.Field | None:
        known = {field.name: field for field in model.fields}
        if name not in known and name not in self._lost:
            message = f"{model.name} has no field {name!r}"
            hint = did_you_mean(name, known)
            self._report.error(name.span, "unknown-field", message, hint)
        return _understood(known.get(name))

    def _wrong(self, name: Text, message: str, hint: str = "") -> None:
        self._report.error(name.span, "bad-page", message, hint)


def _understood(field: ir.Field | None) -> ir.Field | None:
    """Return a field whose type is known; None for others, which have been reported."""
    return field if field is not None and ir.is_resolved(field.type) else None


def _is_number(field: ir.Field) -> bool:
    return field.type == ir.ScalarType("integer")


def _is_moment(field: ir.Field) -> bool:
    return scalar_row(field.type).moment

"""Fields: their keys fit each other and their type, and those without a default come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter

from wxspec import ir
from wxspec.diagnostics import Report
from wxspec.types import row_of, scalar_row, type_name
from wxspec.values import plain_class, span_of

__all__ = ["check_fields"]


def check_fields(whole: ir.Ir, report: Report) -> None:
    """Report fields whose keys contradict each other, and fields in a wrong order."""
    if whole.service is not None:
        header = whole.service.push.header
        _check_each(header, report)
        _check_order(header, attrgetter("required"), report)
    for module in whole.modules:
        for model in module.models:
            _check_each(model.fields, report)
            _check_received(model.fields, report)
            _check_order(model.fields, attrgetter("required"), report)
        for document in module.documents:
            # The order is that of the wire; the order of the constructor follows from it.
            _check_each(document.own, report)
            _check_received(document.own, report)
        for endpoint in module.endpoints:
            for fields in (endpoint.query, endpoint.body, endpoint.form, endpoint.raw):
                _check_each(fields, report)
                _check_order(fields, attrgetter("asked_for"), report)


def _check_each(fields: Iterable[ir.Field], report: Report) -> None:
    for field in fields:
        if ir.is_resolved(field.type):
            _check_absence(field, report)
            _check_literals(field, report)
            _check_item(field, report)
            _check_as_text(field, report)


def _check_received(fields: Iterable[ir.Field], report: Report) -> None:
    for field in fields:
        if field.const is not None:
            message = "a const belongs to a parameter; a field that is received may be anything"
            report.error(field.span, "contradiction", message)


def _check_order(
    fields: Iterable[ir.Field], must_be_given: Callable[[ir.Field], bool], report: Report
) -> None:
    """Report a field that must be given, but stands after one that need not be."""
    before: ir.Field | None = None
    for field in fields:
        if must_be_given(field) and before is not None:
            report.error(
                field.span, "order",
                f"{field.name!r} must be given, but stands after {before.name!r}, which need not",
                "put it before, or give it a default or optional: true",
            )  # fmt: skip
        elif field.const is None and not must_be_given(field):
            before = field


def _check_absence(field: ir.Field, report: Report) -> None:
    """Report a field with two meanings of its absence, or a list with any."""
    keys = {
        "optional": field.optional and not scalar_row(field.type).nullable,
        "default": field.default is not None,
        "const": field.const is not None,
    }
    given = [key for key, is_given in keys.items() if is_given]
    if len(given) > 1:
        message = f"expected one of {' and '.join(given)}, got both"
        report.error(field.span, "contradiction", message)
    if given and isinstance(field.type, ir.ListType):
        message = f"a list has no {given[0]}: one that is absent is empty"
        report.error(field.span, "contradiction", message)


def _check_literals(field: ir.Field, report: Report) -> None:
    """Report a default or a constant that is no value of the field's type."""
    type_ = field.type
    if isinstance(type_, ir.ListType):
        return  # which has neither
    classes: tuple[type, ...] = ()
    if isinstance(type_, (ir.ScalarType, ir.EnumerationType)):
        classes = row_of(type_).literals
    for value in (field.default, field.const):
        if value is not None and plain_class(value) not in classes:
            message = f"expected a value of the type {type_name(type_)}, got {value!r}"
            report.error(span_of(value, field.span), "wrong-default", message)
    value = field.const if field.default is None else field.default
    if isinstance(type_, ir.EnumerationType) and value is not None:
        known = [member.value for member in type_.members]
        if value not in known:
            message = f"expected one of {', '.join(map(repr, known))}, got {value!r}"
            report.error(span_of(value, field.span), "wrong-default", message)


def _check_item(field: ir.Field, report: Report) -> None:
    if not field.item:
        return
    if not isinstance(field.type, ir.ListType):
        message = f"item is for lists, and {field.name!r} is a {type_name(field.type)}"
        hint = "say with within: which element it stands inside of"
        report.error(field.item.span, "contradiction", message, hint)
    if field.also:
        message = "a list in an element of its own has one name"
        report.error(field.also[0].span, "contradiction", message, "leave out also: or item:")


def _check_as_text(field: ir.Field, report: Report) -> None:
    if not field.as_text:
        return
    if field.item:
        message = "a list in text has no elements around its items"
        report.error(field.item.span, "contradiction", message, "leave out item: or as_text:")
    # A list of files, and a union whose parts stand among other fields, are reported elsewhere.
    if not isinstance(field.type, (ir.ModelType, ir.ListType, ir.UnionType)):
        message = f"as_text is for models and lists, and {field.name!r} is a "
        report.error(field.span, "contradiction", message + type_name(field.type))

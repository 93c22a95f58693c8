"""Documents: each push and reply is described once, and leaves the header alone."""

from __future__ import annotations

from wxspec import ir
from wxspec.diagnostics import Report, Span

__all__ = ["check_documents"]


def check_documents(whole: ir.Ir, report: Report) -> None:
    """Report documents that are described twice, and fields that meet the header or stand bare."""
    for module in whole.modules:
        for document in module.documents:
            _check_names(document, report)
            for field in document.own:
                _check_bare(field, report)
    _check_described_once(whole, report)
    if whole.service is not None:
        _check_messages(whole, whole.service.push, report)


def _check_names(document: ir.Document, report: Report) -> None:
    names = {field.name for field in document.header}
    named: list[ir.Named] = [*document.own, *document.counts]
    for node in named:
        if node.name in names:
            message = f"the name {node.name!r} belongs to the header of every push"
            report.error(node.span, "name-taken", message)


def _check_bare(field: ir.Field, report: Report) -> None:
    if not field.bare:
        return
    if field.bare != "json":
        message = f"expected json, the form in which it stands bare, got {field.bare!r}"
        report.error(field.bare.span, "wrong-type", message)
    if not field.within or field.item:
        message = "bare is for what stands within an element, and is no wrapped list"
        hint = "leave out item:" if field.within else "say within: which element"
        report.error(field.bare.span, "contradiction", message, hint)


def _check_described_once(whole: ir.Ir, report: Report) -> None:
    first: dict[tuple[str, str], Span] = {}
    for module in whole.modules:
        for document in module.documents:
            key = (document.called, document.wire)
            if key in first:
                message = f"the {document.called} {document.wire!r} is described a second time"
                hint = f"the first is at {first[key]}"
                report.error(document.span, "duplicate-event", message, hint)
            first.setdefault(key, document.span)


def _check_messages(whole: ir.Ir, push: ir.Push, report: Report) -> None:
    """Report a message of the kind that all events have."""
    for message in (message for module in whole.modules for message in module.messages):
        if message.wire == push.event_kind:
            text = f"the kind {message.wire!r} is that of all events"
            report.error(message.span, "wire-taken", text, "describe it under events:")

"""Wires: no two wire names meet in one place, and those of pushes and replies are XML names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.values import Text

__all__ = ["Claim", "check_wires", "claims", "is_elsewhere", "outermost"]


_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)


def check_wires(whole: ir.Ir, report: Report) -> None:
    """Report wire names that meet, and those that no XML element can have."""
    if whole.service is not None:
        push = whole.service.push
        _check_distinct(push.header, {}, report)
        for tag in push.tags:
            _check_tag(tag, report)
    for module in whole.modules:
        unions = {union.id: union for union in module.unions}
        for model in module.models:
            _check_distinct(model.written, unions, report)
        for endpoint in module.endpoints:
            for fields in (endpoint.query, endpoint.body, endpoint.form, endpoint.raw):
                _check_distinct(fields, unions, report)
        for document in module.documents:
            _check_distinct((*document.header, *document.written), unions, report)
            if whole.service is not None:
                _check_marks(document, whole.service, unions, report)
        for tag in _tags(module):
            _check_tag(tag, report)


@frozen
class Claim:
    """A wire name that a field takes, or is read from."""

    within: str
    """The element around the name; empty when there is none."""
    wire: Text


def claims(node: ir.Written, unions: Mapping[str, ir.Union]) -> Iterator[Claim]:
    """Return every wire name that a field or a count takes, or is read from.

    Args:
        node: The field or the count.
        unions: The unions of the module, by id.
    """
    if isinstance(node, ir.Count):
        yield Claim(node.within, node.wire)
        return
    if isinstance(node.type, ir.UnionType) and node.spread:
        if not is_elsewhere(node):
            union = unions[node.type.id]
            # A variant that is called like the tag is reported elsewhere.
            for wire in {union.tag: None, **{variant.tag: None for variant in union.variants}}:
                yield Claim("", Text(wire, node.wire.span))
        return
    names = (node.wire, *node.also)
    yield from (Claim(node.within, wire) for wire in names)
    if node.bare and node.within:
        yield from (Claim("", Text(wire, node.bare.span)) for wire in names)


def is_elsewhere(field: ir.Field) -> bool:
    """Return whether a key of a field gives it another place or form than a plain field has."""
    around = field.within or field.item or field.also or field.wire != field.name
    listed = isinstance(field.type, ir.ListType)
    return bool(around or listed or field.optional or field.as_text)


def outermost(node: ir.Written, unions: Mapping[str, ir.Union]) -> Iterator[Claim]:
    """Return the wire names of a field outside of any element, that of its element included."""
    yield from (claim for claim in claims(node, unions) if not claim.within)
    if node.within:
        yield Claim("", node.within)


def _check_distinct(
    written: Iterable[ir.Written], unions: Mapping[str, ir.Union], report: Report
) -> None:
    """Report a field with the wire name of another field, or of an element, in one place."""
    first: dict[tuple[str, str], Span] = {}
    elements: dict[str, Span] = {}
    reported: set[Span] = set()

    def look(claim: Claim, taken: Span | None) -> None:
        if taken is not None and claim.wire.span not in reported:
            reported.add(claim.wire.span)
            message = f"the wire name {claim.wire!r} is taken"
            report.error(claim.wire.span, "wire-taken", message, f"by the one at {taken}")

    for node in written:
        for claim in claims(node, unions):
            place = (claim.within, claim.wire)
            look(claim, first.get(place) or (None if claim.within else elements.get(claim.wire)))
            first.setdefault(place, claim.wire.span)
        if node.within and node.within not in elements:
            look(Claim("", node.within), first.get(("", node.within)))
            elements[node.within] = node.within.span


def _check_marks(
    document: ir.Document, service: ir.Service, unions: Mapping[str, ir.Union], report: Report
) -> None:
    """Report a field with the wire name of a tag that tells documents apart."""
    marks = [tag for tag, _ in document.marks(service)]
    for node in document.written:
        for claim in outermost(node, unions):
            if claim.wire in marks:
                message = f"the wire name {claim.wire!r} belongs to the header of every push"
                report.error(claim.wire.span, "wire-taken", message)


def _tags(module: ir.Module) -> Iterator[Text]:
    """Return the wire names of pushes and replies, which have to be names of XML elements."""
    ids = module.pushed | module.replied
    for document in module.documents:
        yield from _names(document.written)
    for model in module.models:
        yield from _names(model.written if model.id in ids else ())
    for union in module.unions:
        if union.id in ids:
            yield union.tag
            yield from (() if union.inline else (variant.tag for variant in union.variants))


def _names(written: Iterable[ir.Written]) -> Iterator[Text]:
    for node in written:
        yield node.wire
        if node.within:
            yield node.within
        if isinstance(node, ir.Field):
            yield from node.also
            if node.item:
                yield node.item


def _check_tag(tag: Text, report: Report) -> None:
    if not _XML_NAME.fullmatch(tag):
        message = f"expected a name that an XML element can have, got {tag!r}"
        report.error(tag.span, "not-in-xml", message)

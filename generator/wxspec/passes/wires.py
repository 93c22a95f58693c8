"""Names on the wire: what each field stands under, and that no two meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.values import Text

__all__ = ["Claim", "check_wires", "claims", "is_elsewhere", "outermost"]


@frozen
class Claim:
    """A name that a field stands under."""

    within: str
    """The element that the name stands in; empty outside of any."""
    wire: Text


def claims(node: ir.Written, unions: Mapping[str, ir.Union]) -> Iterator[Claim]:
    """Return every name that a field or a count stands under, or is read from.

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
            # A variant that is called like the tag has been reported.
            for wire in {union.tag: None, **{variant.tag: None for variant in union.variants}}:
                yield Claim("", Text(wire, node.wire.span))
        return
    names = (node.wire, *node.also)
    yield from (Claim(node.within, wire) for wire in names)
    if node.bare and node.within:
        yield from (Claim("", Text(wire, node.bare.span)) for wire in names)


def is_elsewhere(field: ir.Field) -> bool:
    """Say whether a field is said to be anything but a plain one."""
    around = field.within or field.item or field.also or field.wire != field.name
    listed = isinstance(field.type, ir.ListType)
    return bool(around or listed or field.optional or field.as_text)


def outermost(node: ir.Written, unions: Mapping[str, ir.Union]) -> Iterator[Claim]:
    """Return the names of a field that stand in no element, that of its own element included."""
    yield from (claim for claim in claims(node, unions) if not claim.within)
    if node.within:
        yield Claim("", node.within)


def check_wires(
    written: Iterable[ir.Written], unions: Mapping[str, ir.Union], report: Report
) -> None:
    """Report a second field of one name at one place, or one called like an element."""
    first: dict[tuple[str, str], Span] = {}
    elements: dict[str, Span] = {}

    told: set[Span] = set()

    def look(claim: Claim, taken: Span | None) -> None:
        if taken is not None and claim.wire.span not in told:
            told.add(claim.wire.span)
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

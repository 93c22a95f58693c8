"""Events: classes, patterns and the table that finds them."""

from __future__ import annotations

import re

from wxspec import ir, types
from wxspec.code import WIDTH, Bracket, Code, Lines, Node, after, layout, literal
from wxspec.names import snake_case
from wxspec.printing.models import Printer, optional

__all__ = ["PushPrinter"]

_BETWEEN = r"[ \t\n]*"


def _or_default(read: str, wire: str, absent: Code) -> Node:
    got = Bracket("self.fields.get(", (literal(wire),), ")")
    return Bracket("wire.or_default(", (read, got, absent), ")")


class PushPrinter(Printer):
    """Prints the events and their patterns."""

    def union(self, events: tuple[ir.Event, ...]) -> Code:
        """Write the type of whatever is pushed."""
        self.use("typing", "TypeAlias")
        names = (*(event.name for event in events), "UnknownEvent")
        flat = f"Event: TypeAlias = {' | '.join(names)}"
        if len(flat) <= WIDTH:
            return Code(flat)
        parts = Lines((names[0], *(f"| {name}" for name in names[1:])))
        return layout(Bracket("Event: TypeAlias = (", (parts,), ")", comma=""), 0)

    def lenient(self, field: ir.Field) -> Code:
        """Write what reads a header field of a push that nobody described."""
        row = types.reader(field.type)
        assert row is not None  # the check pass let only simple types into the header
        read = _or_default(row.read, field.wire, literal(row.literals[0]()))
        made = types.making(field.type, read)
        return layout(after("return ", made), 8)

    @staticmethod
    def lenient_text(wire: str) -> Code:
        """Write what reads a name in a push that nobody described."""
        return layout(after("return ", _or_default("wire.text", wire, literal(""))), 8)

    def encode_event(self, event: ir.Event, service: ir.Service) -> list[Code]:
        """Write the body of an event's encoder."""
        named = ((service.push_kind, service.push_event_kind), (service.push_event, event.wire))
        return self.encode_lines(event.fields, named, len(service.header))

    @staticmethod
    def decoders(events: tuple[ir.Event, ...]) -> Code:
        """Write the table of decoders."""
        entries = (f"{literal(e.wire)}: _decode_{snake_case(e.name)}" for e in events)
        return layout(Bracket("decoders={", tuple(entries), "}"), 4, 1)

    def scanners(self, events: tuple[ir.Event, ...], package: str) -> Code:
        """Write the table of scanners."""
        entries: list[Node] = []
        for event in events:
            if self.scannable(event):
                self.use("wxruntime.wire.push", "Scanner")
                self.use(package, "_patterns")
                names = (f"_patterns.{event.constant}", f"_scan_{snake_case(event.name)}")
                entries.append(Bracket(f"{literal(event.wire.encode())}: Scanner(", names, ")"))
        return layout(Bracket("scanners={", tuple(entries), "}"), 4, 1)

    @staticmethod
    def scannable(event: ir.Event) -> bool:
        """Say whether every field of an event is a single value that a pattern can match."""
        return all(types.scanning(field.type, "") is not None for field in event.fields)

    def pattern_lines(self, event: ir.Event, service: ir.Service) -> list[Code]:
        """Write the pattern of an event as the platform writes it, a field a line."""
        lines = [f"<xml>{_BETWEEN}"]
        for position, field in enumerate(event.fields):
            if position == len(service.header):
                lines += self._named(event, service)
            scanning = types.scanning(field.type, "")
            assert scanning is not None  # scannable() said so
            tag = re.escape(field.wire)
            element = f"<{tag}>{scanning[0]}</{tag}>{_BETWEEN}"
            lines.append(element if field.required else f"(?:{element})?")
        if len(event.fields) == len(service.header):
            lines += self._named(event, service)
        return [_pattern(line) for line in (*lines, f"</xml>{_BETWEEN}")]

    @staticmethod
    def _named(event: ir.Event, service: ir.Service) -> list[str]:
        pairs = ((service.push_kind, service.push_event_kind), (service.push_event, event.wire))
        return [
            rf"<{re.escape(tag)}><!\[CDATA\[{re.escape(value)}\]\]></{re.escape(tag)}>{_BETWEEN}"
            for tag, value in pairs
        ]

    def scan_signature(self, event: ir.Event) -> Code:
        """Write the head of the function that makes an event of what its pattern matched."""
        parameters = tuple(
            f"{field.local}: {'bytes' if field.required else 'bytes | None'}"
            for field in event.fields
        )
        head = f"def _scan_{snake_case(event.name)}("
        return layout(Bracket(head, parameters, f") -> {event.name}:"), 0)

    def scan_constructor(self, event: ir.Event) -> Code:
        """Write the event made of what its pattern matched."""
        made: list[Node] = []
        for field in event.fields:
            scanning = types.scanning(field.type, field.local)
            assert scanning is not None  # scannable() said so
            absent = self.default(field)
            made.append(
                scanning[1] if field.required else optional(field.local, scanning[1], absent)
            )
        return layout(Bracket(f"return {event.name}(", tuple(made), ")"), 4)


def _pattern(text: str) -> Code:
    """Write a pattern as raw bytes where it can be read so."""
    raw = text.isascii() and text.isprintable() and '"' not in text and not text.endswith("\\")
    return Code(f'rb"{text}"') if raw else literal(text.encode())

"""Pushes: patterns, functions that build an event from a match, and tables of both."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wxspec import ir, types
from wxspec.code import Bracket, Code, Node, after, layout, literal
from wxspec.names import snake_case
from wxspec.printing.documents import DocumentPrinter, decoding_table
from wxspec.printing.models import optional, sequence

__all__ = ["PushPrinter"]

_BETWEEN = r"[ \t\n]*"


def _or_default(read: str, wire: str, absent: Code) -> Node:
    got = Bracket("self.fields.get(", (literal(wire),), ")")
    return Bracket("wire.or_default(", (read, got, absent), ")")


def _by_kind(events: Iterable[ir.Event], service: ir.Service) -> dict[str, list[ir.Event]]:
    """Group events by their kind of push."""
    kinds: dict[str, list[ir.Event]] = {}
    for event in events:
        kinds.setdefault(event.kind_in(service), []).append(event)
    return kinds


class PushPrinter(DocumentPrinter):
    """Prints events and messages, and their patterns."""

    def read_header_field(self, field: ir.Field) -> Code:
        """Print the line that reads a header field of an undeclared push."""
        row = types.checking_row(field.type)
        assert row is not None  # the check pass has reported anything else
        read = _or_default(row.read, field.wire, literal(row.empty))
        printed = types.construct(field.type, read)
        return layout(after("return ", printed), 8)

    @staticmethod
    def read_mark(wire: str) -> Code:
        """Print the line that reads the kind or the name of an undeclared push."""
        return layout(after("return ", _or_default("wire.text", wire, literal(""))), 8)

    @staticmethod
    def event_decoders(events: Iterable[ir.Event], service: ir.Service) -> Code:
        """Print the table of event decoders: kind of push → wire name → decoder."""
        tables = [
            decoding_table(f"{literal(kind)}: ", named)
            for kind, named in _by_kind(events, service).items()
        ]
        return layout(Bracket("decoders={", tuple(tables), "}"), 4, 1)

    def event_scanners(self, events: Iterable[ir.Event], service: ir.Service, package: str) -> Code:
        """Print the table of event scanners: kind of push → wire name → scanner."""
        tables = [
            self._scanning_table(f"{literal(kind.encode())}: ", named, package)
            for kind, named in _by_kind(events, service).items()
        ]
        return layout(Bracket("scanners={", tuple(tables), "}"), 4, 1)

    def message_scanners(self, messages: Iterable[ir.Document], package: str) -> Code:
        """Print the table of message scanners."""
        return layout(self._scanning_table("message_scanners=", messages, package), 4, 1)

    @staticmethod
    def bare(pushes: Iterable[ir.Document]) -> list[Code]:
        """Print the table of fields that stand outside of their element in JSON, if any do."""
        entries: list[Node] = []
        for push in pushes:
            elements: dict[str, list[Node]] = {}
            for field in push.own:
                if field.bare:
                    elements.setdefault(field.within, []).append(literal(field.wire))
            if elements:
                outside = tuple(
                    after(f"{literal(element)}: ", sequence(names))
                    for element, names in elements.items()
                )
                entries.append(Bracket(f"{push.name}: {{", outside, "}"))
        return [layout(Bracket("bare={", tuple(entries), "}"), 4, 1)] if entries else []

    def _scanning_table(self, head: str, pushes: Iterable[ir.Document], package: str) -> Node:
        entries: list[Node] = []
        for push in pushes:
            if self.scannable(push):
                self.use("wxruntime.wire.push", "Scanner")
                self.use(package, "_patterns")
                names = (f"_patterns.{self.pattern_name(push)}", f"_scan_{snake_case(push.name)}")
                entries.append(Bracket(f"{literal(push.wire.encode())}: Scanner(", names, ")"))
        return Bracket(f"{head}{{", tuple(entries), "}")

    @staticmethod
    def pattern_name(push: ir.Document) -> Code:
        """Print the name of a pattern, after its class: events and messages share wire names."""
        return Code(snake_case(push.name).upper())

    @staticmethod
    def scannable(push: ir.Document) -> bool:
        """Whether each field is a single value that a pattern can match where it stands."""
        return all(
            isinstance(node, ir.Field)
            and not node.within
            and types.scanning(node.type, "") is not None
            for node in push.written
        )

    def pattern_lines(self, push: ir.Document, service: ir.Service) -> list[Code]:
        """Print the pattern of a push as the platform writes it, a field a line."""
        lines = [
            f"<xml>{_BETWEEN}",
            *map(_element, push.header),
            *(_mark(tag, value) for tag, value in push.marks(service)),
            *map(_element, push.own),
            f"</xml>{_BETWEEN}",
        ]
        return [_pattern(line) for line in lines]

    def scan_signature(self, push: ir.Document) -> Code:
        """Print the head of the function that builds an event from a match."""
        parameters = tuple(
            f"{field.local}: {'bytes' if field.required else 'bytes | None'}"
            for field in (*push.header, *push.own)
        )
        head = f"def _scan_{snake_case(push.name)}("
        return layout(Bracket(head, parameters, f") -> {push.name}:"), 0)

    def scan_constructor(self, push: ir.Document) -> Code:
        """Print the constructor call of an event that is built from a match."""
        printed: list[Node] = []
        for field in push.fields:
            scanning = types.scanning(field.type, field.local)
            assert scanning is not None  # the template asked scannable()
            absent = self.default(field)
            printed.append(
                scanning[1] if field.required else optional(field.local, scanning[1], absent)
            )
        return layout(Bracket(f"return {push.name}(", tuple(printed), ")"), 4)


def _element(field: ir.Field) -> str:
    """Print the pattern of a field."""
    scanning = types.scanning(field.type, "")
    assert scanning is not None  # the template asked scannable()
    tag = re.escape(field.wire)
    element = f"<{tag}>{scanning[0]}</{tag}>{_BETWEEN}"
    return element if field.required else f"(?:{element})?"


def _mark(tag: str, value: str) -> str:
    """Print the pattern of a tag that marks the type of a push."""
    named = re.escape(tag)
    return rf"<{named}><!\[CDATA\[{re.escape(value)}\]\]></{named}>{_BETWEEN}"


def _pattern(text: str) -> Code:
    """Print a pattern, as raw bytes where these can hold it."""
    raw = text.isascii() and text.isprintable() and '"' not in text and not text.endswith("\\")
    return Code(f'rb"{text}"') if raw else literal(text.encode())

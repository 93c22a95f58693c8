"""YAML text → values that carry file, line and column.

The subset is small and without surprises: YAML 1.2's core scalars (so `no` is text, and so
is `12:30`), no anchors, no aliases, no tags, no duplicate keys.
"""

from __future__ import annotations

import math
import re

import yaml
from attrs import define

from wxspec.diagnostics import Report, Span
from wxspec.values import Float, Int, Key, Map, Seq, Text, Value, span_of

__all__ = ["MAX_DEPTH", "MAX_SIZE", "read"]

MAX_DEPTH = 32
"""The largest depth of nested collections."""
MAX_SIZE = 4 << 20
"""The largest size of a file, in bytes."""


# The core schema of YAML 1.2, numbers in decimal only.
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Python refuses to read more digits than this where a lower limit is set.
_INT = re.compile(r"[-+]?[0-9]{1,640}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# libyaml breaks lines at these, so positions count the same lines.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(file: str, body: bytes, report: Report) -> Map | None:
    """Read one file.

    Args:
        file: Its name, for the diagnostics.
        body: Its bytes.
        report: Takes whatever is wrong with it.

    Returns:
        The mapping it holds, or None when it could not be read at all.
    """
    start = Span(file, 1, 1)
    if len(body) > MAX_SIZE:
        report.error(start, "too-large", f"expected at most {MAX_SIZE} bytes, got {len(body)}")
        return None
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8", "replace")
        report.add_source(file, _LINE_BREAK.split(body.decode("utf-8", "replace")))
        report.error(
            _end_of(before, file),
            "not-utf8",
            f"expected UTF-8, got the byte 0x{body[error.start]:02x}",
        )
        return None
    report.add_source(file, _LINE_BREAK.split(text))
    composer = _Composer(file, report)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(file, mark.line + 1, mark.column + 1) if mark else start
        report.error(span, "not-yaml", error.problem or str(error))
        return None
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes.
        before = text.encode()[: error.position].decode("utf-8", "ignore")
        span = _end_of(before, file)
        report.error(span, "not-yaml", f"expected printable text, got {chr(error.character)!r}")
        return None
    if composer.root is None or isinstance(composer.root, Map):
        return composer.root
    report.error(
        span_of(composer.root, start), "wrong-type", "expected a mapping at the top of the file"
    )
    return None


def _end_of(text: str, file: str) -> Span:
    lines = _LINE_BREAK.split(text)
    return Span(file, len(lines), len(lines[-1]) + 1)


@define
class _Open:
    """A collection being read, and the key that waits for its value."""

    collection: Map | Seq
    key: Key | None = None
    awaits_value: bool = False


class _Composer:
    """Builds values from YAML events; reports and leaves out what is not in the subset."""

    def __init__(self, file: str, report: Report) -> None:
        self.root: Value = None
        self._file = file
        self._report = report
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Handle one event of the parser."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._error(event, "many-documents", "expected one document in a file, got another")
        elif isinstance(event, yaml.AliasEvent):
            self._error(
                event,
                "alias",
                f"expected the value itself, got the alias *{event.anchor}",
                "anchors and aliases are not part of the language: write the value out",
            )
            self._place(None, self._span(event))
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()

    def _take_node(self, event: yaml.NodeEvent) -> None:
        span = self._span(event)
        if event.anchor is not None:
            self._error(
                event,
                "alias",
                f"expected a value without an anchor, got &{event.anchor}",
                "anchors and aliases are not part of the language: remove it",
            )
        tag: str | None = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self._error(
                event,
                "tag",
                f"expected a value without a tag, got {tag}",
                "quote the value if it is meant as text",
            )
        if isinstance(event, yaml.ScalarEvent):
            self._place(self._scalar(event, span), span)
            return
        collection = Map() if isinstance(event, yaml.MappingStartEvent) else Seq()
        collection.span = span
        if len(self._open) == MAX_DEPTH:
            self._error(
                event, "too-deep", f"expected at most {MAX_DEPTH} nested collections, got more"
            )
        self._place(collection if len(self._open) < MAX_DEPTH else None, span)
        self._open.append(_Open(collection))

    @staticmethod
    def _scalar(event: yaml.ScalarEvent, span: Span) -> Value:
        text: str = event.value
        if event.style:
            return Text(text, span)
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return Int(text, span)
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return Float(text, span)
        return Text(text, span)

    def _place(self, value: Value, span: Span) -> None:
        """Put a value at the top, into a list, or into a mapping as key or value."""
        if not self._open:
            if self._documents == 1:
                self.root = value
            return
        top = self._open[-1]
        if isinstance(top.collection, Seq):
            top.collection.append(value)
        elif not top.awaits_value:
            top.key = self._key(top.collection, value, span)
            top.awaits_value = True
        else:
            if top.key is not None:
                top.collection[top.key] = value
            top.awaits_value = False

    def _key(self, mapping: Map, value: Value, span: Span) -> Key | None:
        if not isinstance(value, (Text, Int)):
            shown = "a collection" if isinstance(value, (Seq, Map)) else repr(value)
            self._report.error(
                span, "wrong-key", f"expected text as a key, got {shown}", "write it in quotes"
            )
            return None
        if value in mapping:
            first = next(key for key in mapping if key == value)
            self._report.error(
                span,
                "duplicate-key",
                f"the key {value!r} stands here a second time",
                f"the first is in line {first.span.line}",
            )
            return None
        return value

    def _span(self, event: yaml.Event) -> Span:
        start, end = event.start_mark, event.end_mark
        if start is None:
            return Span(self._file, 1, 1)
        single = isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent))
        same_line = end is not None and start.line == end.line
        length = end.column - start.column if end is not None and single and same_line else 1
        return Span(self._file, start.line + 1, start.column + 1, max(1, length))

    def _error(self, event: yaml.Event, code: str, message: str, hint: str = "") -> None:
        self._report.error(self._span(event), code, message, hint)

"""Diagnostics: everything wrong with a specification, found in one run, shown where it stands."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator

from attrs import frozen

from wxspec.columns import width

__all__ = ["NOWHERE", "Diagnostic", "Report", "Span", "SpecError", "did_you_mean"]

LONGEST = 120
"""The number of characters of a source line that are shown on either side of a mistake."""


@frozen(order=True)
class Span:
    """A place in a specification: lines and columns count from 1."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span("", 0, 0)
"""The place of a value that no specification holds."""


@frozen(order=True)
class Diagnostic:
    """One thing that is wrong, where, and what to do about it."""

    span: Span
    code: str
    """A short name that never changes, such as `unknown-key`."""
    message: str
    """What was expected, and what came instead."""
    hint: str = ""
    """What to do; empty when that is clear from the message."""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.span}: error[{self.code}]: {self.message}{hint}"

    def show(self, source: str | None) -> str:
        """Render with the source line and a caret below it.

        Args:
            source: The line the span points at, or None when there is none to show.
        """
        shown = [f"{self.span}: error[{self.code}]: {self.message}"]
        if source is not None:
            start = max(0, self.span.column - 1 - LONGEST) if len(source) > 2 * LONGEST else 0
            before = source[start : self.span.column - 1]
            marked = source[self.span.column - 1 :][: self.span.length][:LONGEST]
            margin = f"{self.span.line:>5} | "
            line = _visible(source[start : start + 2 * LONGEST])
            shown.append(f"{margin}{line}".rstrip())
            gap = "".join("\t" if c == "\t" else " " * width(c) for c in before)
            caret = "^" * max(1, width(marked))
            shown.append(f"{' ' * 5} | {gap}{caret}")
        if self.hint:
            shown.append(f"{' ' * 5} = {self.hint}")
        return "\n".join(shown)


def _visible(text: str) -> str:
    """Replace control characters, which a terminal would obey instead of showing."""
    return "".join(
        "\ufffd" if c != "\t" and unicodedata.category(c).startswith("C") else c for c in text
    )


class Report:
    """Collects diagnostics, and the source lines to show them with."""

    def __init__(self) -> None:
        self._found: set[Diagnostic] = set()
        self._lines: dict[str, list[str]] = {}

    def add_source(self, file: str, lines: list[str]) -> None:
        """Remember a file's lines, to be shown below its diagnostics."""
        self._lines[file] = lines

    def error(self, span: Span, code: str, message: str, hint: str = "") -> None:
        """Report a mistake."""
        self._found.add(Diagnostic(span, code, message, hint))

    @property
    def failed(self) -> bool:
        """Whether there is any diagnostic."""
        return bool(self._found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)

    def show(self) -> str:
        """Render every diagnostic, in the order of the files."""
        return "\n\n".join(found.show(self._line(found.span)) for found in self)

    def _line(self, span: Span) -> str | None:
        lines = self._lines.get(span.file, [])
        return lines[span.line - 1] if 0 < span.line <= len(lines) else None


class SpecError(Exception):
    """Raised when a specification is wrong; holds every diagnostic of the run."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return self.report.show()


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Suggest the nearest of the known names; list them where none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"expected one of: {', '.join(names)}" if names else ""

"""What the checks found, shown as it is found, and nothing secret in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from typing import TextIO
from urllib.parse import quote, quote_plus

from attrs import frozen

from wxruntime.commands.streams import writing
from wxruntime.redact import Secret, redact

__all__ = ["Finding", "Report", "Verdict"]


class Verdict(Enum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"
    """Calls work all the same."""
    FAILED = "FAIL"
    SKIPPED = "skipped"


@frozen
class Finding:
    """What one check found."""

    check: str
    """Its name."""
    verdict: Verdict
    details: str
    remedy: str = ""
    """What to do about it, in a sentence; empty when there is nothing to do."""
    ip: str = ""
    """The IP address of this machine, where the platform has named it."""


class Report:
    """Shows findings, each at once, and remembers whether one of them is a failure."""

    def __init__(self, out: TextIO, *, as_json: bool = False) -> None:
        """Show nothing yet.

        Args:
            out: Where to show findings.
            as_json: Whether to show each as an object on a line of its own.
        """
        self._out = out
        self._as_json = as_json
        self._secrets: set[str] = set()
        self.failed: list[str] = []
        """The checks that failed."""

    def hide(self, secret: Secret) -> None:
        """Keep a secret out of everything that is shown from now on, in any spelling of it."""
        value = secret.reveal()
        self._secrets |= {value, quote(value, safe=""), quote(value), quote_plus(value)}
        self._secrets |= {json.dumps(value)[1:-1], json.dumps(value)[1:-1].replace("/", r"\/")}

    def show(self, finding: Finding) -> None:
        """Show a finding."""
        if finding.verdict is Verdict.FAILED:
            self.failed.append(finding.check)
        self._say(self._object(finding) if self._as_json else "\n".join(self._lines(finding)))

    def conclude(self) -> None:
        """Say what it comes to."""
        if not self._as_json:
            checks = ", ".join(dict.fromkeys(self.failed))
            self._say(f"\nNot all is well; see {checks}." if checks else "\nCalls would work.")

    def _object(self, finding: Finding) -> str:
        texts = {
            "check": finding.check,
            "verdict": finding.verdict.value,
            "details": finding.details,
            "remedy": finding.remedy,
            "ip": finding.ip,
        }
        return json.dumps({name: self._clean(text) for name, text in texts.items()})

    def _lines(self, finding: Finding) -> Iterator[str]:
        yield f"{finding.verdict.value:<8} {finding.check:<12} {self._clean(finding.details)}"
        indented = " " * 21
        if finding.ip:
            yield f"{indented} IP address: {self._clean(finding.ip)}"
        if finding.remedy:
            yield f"{indented} -> {self._clean(finding.remedy)}"

    def _clean(self, text: str) -> str:
        """Return a text without secrets, and without what moves a terminal's cursor."""
        longest_first = sorted(self._secrets, key=len, reverse=True)
        shown = redact(text, longest_first)
        return "".join(character if character.isprintable() else " " for character in shown)

    def _say(self, text: str) -> None:
        with writing():
            print(text, file=self._out, flush=True)

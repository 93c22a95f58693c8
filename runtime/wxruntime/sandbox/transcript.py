"""What was said at the desk and what happened there, in the order of time.

Pure: time comes in as an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count

from attrs import define, field, frozen

from wxruntime.sandbox.desk import Changes

__all__ = ["KEPT", "RECEIVED", "SENT", "UNSERVED", "Entry", "Transcript", "shown"]

KEPT = 100_000
"""How much is kept; the oldest goes first."""
_FIRST = 20_000_001
"""The number of the first entry; the platform's do not begin at 1 either."""

UNSERVED = 2001
"""A customer wrote to the account while nobody served them."""
SENT = 2002
"""The account or an agent wrote to a customer."""
RECEIVED = 2003
"""A customer wrote to the agent who serves them."""
_CODES: Mapping[str, int] = {
    "kf_create_session": 1001,
    "kf_switch_session": 1003,
    "kf_close_session": 1004,
}


@frozen
class Entry:
    """One thing that was said, or happened."""

    number: int
    time: int
    openid: str
    code: int
    text: str = field(repr=False)
    worker: str
    """The customer-service account; empty where it was the account itself."""


def shown(kind: str, said: str) -> str:
    """Return what a transcript shows of a message: its text, or a placeholder."""
    return said if kind == "text" else f"[{kind}]"


@define
class Transcript:
    """The latest entries."""

    _entries: deque[Entry] = field(factory=lambda: deque[Entry](maxlen=KEPT), repr=False)
    _numbers: Iterator[int] = field(factory=lambda: count(_FIRST), repr=False)

    def note(self, time: int, openid: str, code: int, text: str = "", worker: str = "") -> None:
        """Write down one thing."""
        self._entries.append(Entry(next(self._numbers), time, openid, code, text, worker))

    def take(self, changes: Changes) -> None:
        """Write down what has happened at the desk."""
        for change in changes:
            worker = change.fields.get("to_kf_account") or change.fields["kf_account"]
            self.note(change.time, change.openid, _CODES[change.event], worker=worker)

    def between(self, start: int, end: int) -> Iterator[Entry]:
        """Return the entries of a time, both ends included."""
        return (entry for entry in self._entries if start <= entry.time <= end)

"""The messages and the events of the desk, in the order of time.

Pure: the time is an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count

from attrs import define, field, frozen

from wxruntime.sandbox.desk import Changes

__all__ = ["KEPT", "RECEIVED", "SENT", "UNSERVED", "Entry", "Transcript", "shown"]

KEPT = 100_000
"""How many entries are kept; the oldest is dropped first."""
_FIRST = 20_000_001
"""The msgid of the first entry; the platform's do not start at 1 either."""

UNSERVED = 2001
"""A customer wrote to the account while no agent served them."""
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
    """One message, or one event of a conversation."""

    number: int
    """The msgid of the entry."""
    time: int
    openid: str
    code: int
    """The platform's code for what happened."""
    text: str = field(repr=False)
    worker: str
    """The customer-service account; empty for the Official Account itself."""


def shown(kind: str, content: str) -> str:
    """Return the text of an entry for a message: its content, or a placeholder for other kinds."""
    return content if kind == "text" else f"[{kind}]"


@define
class Transcript:
    """The latest entries."""

    _entries: deque[Entry] = field(factory=lambda: deque[Entry](maxlen=KEPT), repr=False)
    _numbers: Iterator[int] = field(factory=lambda: count(_FIRST), repr=False)

    def note(self, time: int, openid: str, code: int, text: str = "", worker: str = "") -> None:
        """Add an entry."""
        self._entries.append(Entry(next(self._numbers), time, openid, code, text, worker))

    def take(self, changes: Changes) -> None:
        """Add the changes of the desk."""
        for change in changes:
            worker = change.fields.get("to_kf_account") or change.fields["kf_account"]
            self.note(change.time, change.openid, _CODES[change.event], worker=worker)

    def between(self, start: int, end: int) -> Iterator[Entry]:
        """Return the entries from `start` to `end`, both included."""
        return (entry for entry in self._entries if start <= entry.time <= end)

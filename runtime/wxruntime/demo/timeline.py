"""What happened, printed in the order in which it happened, whichever thread it happened in."""

from __future__ import annotations

import os
import queue
import textwrap
import threading
import time
from typing import TextIO

__all__ = ["Timeline"]

_COLOURS = {
    "customer": "33",
    "agent": "33",
    "call": "36",
    "answer": "32",
    "error": "31",
    "event": "35",
}
WIDTH = 100
"""How long a line may be."""
_MARGIN = 21
EVENT_PATIENCE = 15.0
"""How long an event may take to arrive, in seconds: the platform's own patience and tries."""


class Timeline:
    """Prints moments, each with its actor and the milliseconds since the beginning."""

    def __init__(self, out: TextIO) -> None:
        """Begin now.

        Args:
            out: Where to print; in colour when it is a terminal.
        """
        self._out = out
        self._colour = out.isatty() and "NO_COLOR" not in os.environ
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._arrived: queue.SimpleQueue[object] = queue.SimpleQueue()

    def say(self, text: str) -> None:
        """Print a line outside of time."""
        with self._lock:
            print(text, file=self._out, flush=True)

    def moment(self, actor: str, text: str) -> None:
        """Print something that happens now."""
        label = f"{actor:<8}"
        if self._colour and actor in _COLOURS:
            label = f"\x1b[{_COLOURS[actor]}m{label}\x1b[0m"
        first, *others = textwrap.wrap(
            text, WIDTH - _MARGIN, break_long_words=False, break_on_hyphens=False
        )
        with self._lock:
            elapsed = (time.monotonic() - self._began) * 1000
            print(f"{elapsed:6.0f} ms  {label}  {first}", file=self._out)
            for line in others:
                print(f"{'':{_MARGIN + 2}}{line}", file=self._out)
            self._out.flush()

    def event(self, event: object) -> None:
        """Print an event that arrives now."""
        self.moment("event", repr(event))
        self._arrived.put(event)

    def await_event(self) -> object:
        """Wait until one more event has arrived.

        Raises:
            TimeoutError: If none does.
        """
        try:
            return self._arrived.get(timeout=EVENT_PATIENCE)
        except queue.Empty:
            raise TimeoutError(f"no event arrived within {EVENT_PATIENCE:g} s") from None

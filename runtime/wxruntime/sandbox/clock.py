"""The local WeChat's time: the machine's, plus what somebody has moved it forward."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Unix seconds that can be moved forward, so that nobody has to wait for an expiry."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Begin at the present.

        Args:
            now: Tells the time that is moved, in Unix seconds; by default the machine's.
        """
        self._now = now
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time, in Unix seconds."""
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        if not 0 <= seconds < 1e9:
            raise ValueError(f"advance: expected 0 to 1e9 seconds, got {seconds!r}")
        self._ahead += seconds

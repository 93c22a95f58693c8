"""The local WeChat's time: the machine's, plus what somebody has moved it forward."""

from __future__ import annotations

import time

__all__ = ["Clock"]


class Clock:
    """Unix seconds that can be moved forward, so that nobody has to wait for an expiry."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time, in Unix seconds."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the time forward."""
        if not 0 <= seconds < 1e9:
            raise ValueError(f"advance: expected 0 to 1e9 seconds, got {seconds!r}")
        self._ahead += seconds

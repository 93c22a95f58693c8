"""The time of the local WeChat: the machine's time, plus the seconds it was moved forward."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """A clock that can be moved forward, so that a test need not wait for anything to expire."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Start with the present time.

        Args:
            now: Returns the time before it is moved, in Unix seconds; by default the machine's.
        """
        self._now = now
        self._ahead = 0.0

    def now(self) -> float:
        """Return the time, in Unix seconds."""
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the time forward.

        Args:
            seconds: 0 to 1e9.

        Raises:
            ValueError: If `seconds` is outside this range.
        """
        if not 0 <= seconds < 1e9:
            raise ValueError(f"$.seconds: expected 0 to 1e9 seconds, got {seconds!r}")
        self._ahead += seconds

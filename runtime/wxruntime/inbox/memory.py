"""An inbox for the threads and event loops of one process."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from itertools import islice
from typing import Generic, TypeVar

from wxruntime.forking import renew_after_fork
from wxruntime.inbox import nonce, record
from wxruntime.inbox.nonce import Nonce, NonceChange
from wxruntime.inbox.record import Change, Record

__all__ = ["MemoryInbox"]

R = TypeVar("R")
S = TypeVar("S")

LIMIT = 100_000
"""How many pushes, and how many nonces, are remembered at most."""


class MemoryInbox:
    """Remembers pushes in memory while the process lives; its time is the monotonic clock."""

    lease = math.inf
    """A handler needs no lease: if its process dies, the records are gone as well."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        """Start with no records.

        Args:
            limit: How many pushes, and how many nonces, are remembered at most; the oldest are
                forgotten first.

        Raises:
            ValueError: If the limit is not above zero.
        """
        if limit < 1:
            raise ValueError(f"limit: expected a number above 0, got {limit}")
        self._limit = limit
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Drop the records of handlers that run in the parent process."""
        self._lock = threading.Lock()
        self._records = _Recent(Record(), self._limit, record.KEPT)
        self._nonces = _Recent(Nonce(), self._limit, nonce.KEPT)

    async def update(self, push: str, change: Change[R]) -> R:
        """Apply a change to a push's record; see `Inbox.update`."""
        with self._lock:
            return self._records.apply(push, change)

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        """Apply a change to a nonce's record; see `Inbox.meet`."""
        with self._lock:
            return self._nonces.apply(nonce, change)

    async def aclose(self) -> None:
        """Do nothing: the records are dropped with the inbox itself."""


class _Recent(Generic[S]):
    """States by name, in the order of their last change."""

    def __init__(self, empty: S, limit: int, kept: float) -> None:
        self._empty = empty
        self._limit = limit
        self._kept = kept
        self._states: dict[str, tuple[S, float]] = {}

    def apply(self, name: str, change: Callable[[S, float], tuple[S, R]]) -> R:
        now = time.monotonic()
        states = self._states
        state, told = change(states.pop(name, (self._empty, now))[0], now)
        states[name] = state, now
        # Up to two go for each that comes, so that the memory shrinks again after a peak.
        for oldest in tuple(islice(states, 2)):
            if len(states) > self._limit or now - states[oldest][1] > self._kept:
                del states[oldest]
        return told

"""A token store for the threads of one process."""

from __future__ import annotations

import threading
import time
from typing import TypeVar

from attrs import evolve

from wxruntime.closing import Closing
from wxruntime.forking import renew_after_fork
from wxruntime.stores.state import Change, TokenState

__all__ = ["MemoryStore"]

R = TypeVar("R")


class MemoryStore(Closing):
    """Keeps tokens in memory while the process lives; its time is the monotonic clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, TokenState] = {}
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Drop the parent's lock and leases, and keep its tokens."""
        self._lock = threading.Lock()
        self._states = {
            account: evolve(state, owner="", leased_until=0.0)
            for account, state in self._states.items()
        }

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state; see `TokenStore.update`."""
        with self._lock:
            state = self._states.get(account, TokenState())
            self._states[account], result = change(state, time.monotonic())
            return result

    def close(self) -> None:
        """Do nothing: the tokens are dropped with the store itself."""

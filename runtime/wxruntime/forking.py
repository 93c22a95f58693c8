"""What a process must not share with the one it was forked from.

A connection that two processes read from gives each the other's answers, and a renewal that
another process's thread has begun never ends in this one.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["renew_after_fork"]


class Forked(Protocol):
    """Something that has to begin anew in a forked process."""

    def after_fork(self) -> None:
        """Let go of what belongs to the parent."""
        ...


_alive: WeakSet[Forked] = WeakSet()


def renew_after_fork(thing: Forked) -> None:
    """Have `after_fork()` called in every child process, for as long as the thing lives."""
    _alive.add(thing)


def _renew_all() -> None:
    for thing in list(_alive):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)

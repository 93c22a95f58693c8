"""Resetting what a forked process must not share with its parent.

If two processes read from one connection, each gets answers of the other. And a renewal that a
thread of the parent has begun never ends in the child.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet

__all__ = ["renew_after_fork"]


class Forked(Protocol):
    """An object that has to be reset in a forked process."""

    def after_fork(self) -> None:
        """Drop what belongs to the parent process."""
        ...


_alive: WeakSet[Forked] = WeakSet()


def renew_after_fork(thing: Forked) -> None:
    """Have `after_fork()` called in every child process, as long as the object is alive."""
    _alive.add(thing)


def _renew_all() -> None:
    for thing in list(_alive):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)

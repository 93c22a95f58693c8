"""The differences between a blocking client and an asyncio client.

Everything between a call and its answer is written once, as coroutines. The asyncio client awaits
them. The blocking client runs the same coroutines with parts that block instead of suspending, so
that each coroutine runs from beginning to end in one step.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeAlias, TypeVar

from wxruntime.errors import WeChatError

__all__ = ["Concurrency", "Flight", "Work", "run", "shared"]

E = TypeVar("E", bound=WeChatError)
T = TypeVar("T")

Work: TypeAlias = Callable[[], "Coroutine[Any, Any, None]"]
"""A piece of work; each call returns a new coroutine."""


class Flight(Protocol):
    """A piece of work that runs at most once at a time, for any number of callers."""

    async def join(self, work: Work, left: float) -> bool:
        """Start the work and wait for its end, or wait for the run that is under way.

        Args:
            work: The work to start if none is under way.
            left: How long to wait, in seconds.

        Returns:
            Whether the work ended in time, and was not cancelled.

        Raises:
            WeChatError: If the work failed, in whichever caller's run.
        """
        ...

    def start(self, work: Work) -> None:
        """Start the work in the background unless it is under way; its errors are not raised."""
        ...


class Concurrency(Protocol):
    """How a client waits, and how it works in the background."""

    def flight(self) -> Flight:
        """Return a new flight, which ends when the client is closed."""
        ...

    async def sleep(self, seconds: float) -> bool:
        """Wait; return whether the client is still open."""
        ...


def shared(error: E) -> E:
    """Return a copy of an error, so that each waiting caller raises its own."""
    other = copy.copy(error)
    other.__cause__ = error.__cause__
    return other


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose parts block, from beginning to end in one step."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("a part of a blocking client has suspended")

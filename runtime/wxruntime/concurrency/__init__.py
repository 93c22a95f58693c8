"""What differs between a client that blocks and one that awaits, and nothing else.

Everything between a call and its answer is written once, as coroutines. An asynchronous client
awaits them; a blocking one runs them with parts that block instead of suspending, so that each
runs through from beginning to end.
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
"""Something to do; each call makes it anew."""


class Flight(Protocol):
    """One piece of work that is under way at most once at a time, however many want it done."""

    async def join(self, work: Work, left: float) -> bool:
        """Do the work, or wait for whoever is doing it.

        Args:
            work: What to do if nobody is at it.
            left: How long to wait for somebody else, in seconds.

        Returns:
            False when somebody else was still at it when the time was over, or gave up.

        Raises:
            WeChatError: If the work failed, whoever did it.
        """
        ...

    def start(self, work: Work) -> None:
        """Do the work in the background, unless it is under way; its errors are the work's own."""
        ...


class Concurrency(Protocol):
    """How a client waits, and how it does two things at once."""

    def flight(self) -> Flight:
        """Make a flight, which ends when the client is closed."""
        ...

    async def sleep(self, seconds: float) -> bool:
        """Wait; false when the client was closed meanwhile."""
        ...


def shared(error: E) -> E:
    """Return a copy of an error for one of those who waited; each is raised in its own place."""
    other = copy.copy(error)
    other.__cause__ = error.__cause__
    return other


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose parts block, from beginning to end."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise AssertionError("a part that should block has suspended")

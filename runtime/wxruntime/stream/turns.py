"""One entry's turn: tries, pauses between them, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, Protocol, TypeVar

from attrs import field, frozen

from wxruntime.stream.alone import Alone
from wxruntime.stream.entry import Entry
from wxruntime.stream.holding import Holding
from wxruntime.stream.holdings import Holdings
from wxruntime.stream.progress import Counts
from wxruntime.stream.steady import Steady

__all__ = ["DIED", "UNREADABLE", "Consumer", "Turns", "pause_before"]

_log = logging.getLogger("wxoa.stream")

E = TypeVar("E")

DIED = "WorkerDied"
"""Stands for the error of a try that a worker did not survive."""
UNREADABLE = "Unreadable"
"""Stands for the error of an entry without a push."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0


class Consumer(Protocol[E]):
    """What handles pushes: a callback."""

    def read(self, content: bytes) -> E:
        """Read a push."""
        ...

    async def work(self, event: E) -> None:
        """Handle an event."""
        ...

    async def aclose(self) -> None:
        """Wait for what is under way, and let go of everything."""
        ...


@frozen
class _Failure:
    """How a try failed."""

    error: str
    final: bool = False
    """Whether another try could not do better."""
    raised: Exception | None = field(default=None, repr=False)


def pause_before(number: int) -> float:
    """Return how long to wait before a try, in seconds; the second one has the first pause."""
    return min(FIRST_PAUSE * 2.0 ** min(number - 2, 16), LONGEST_PAUSE)


class Turns(Generic[E]):
    """Handles entries, at most so many at a time."""

    def __init__(
        self,
        consumer: Consumer[E],
        holdings: Holdings,
        steady: Steady,
        counts: Counts,
        *,
        concurrency: int,
        tries: int,
    ) -> None:
        """Handle nothing yet.

        Args:
            consumer: What handles pushes.
            holdings: Prolongs leases.
            steady: Asks until the server answers.
            counts: Where to count.
            concurrency: How many handlers run at a time at most.
            tries: How often an entry is tried before it is a dead letter.
        """
        self._consumer, self._holdings, self._steady = consumer, holdings, steady
        self._counts, self._tries = counts, tries
        self._slots = asyncio.Semaphore(concurrency)
        self._alone = Alone()

    async def handle(
        self, holding: Holding, entry: Entry, aside: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Try an entry until it is handled, is a dead letter, or its partition is given back.

        Args:
            holding: Its partition.
            entry: Which entry.
            aside: Makes room for other customers while this one waits.

        Raises:
            LostError: If the partition is lost.
        """
        number, failure = entry.tries, _Failure(entry.error or DIED)
        interrupted = entry.interrupted
        while number < self._tries and not failure.final:
            if number > entry.tries and not await self._pause(holding, number + 1, aside):
                return
            async with self._alone.turn(interrupted), self._slots:
                if not await self._begin(holding, entry, number + 1):
                    return
                self._counts.again += interrupted
                tried = await self._try(entry)
            number, interrupted = number + 1, False
            if tried is None:
                await self._steady(lambda: holding.group.done([entry]))
                self._counts.handled += 1
                return
            failure = tried
            self._log_failure(holding, entry, number, failure)
            if number < self._tries and not failure.final:
                await self._note(holding, entry, number, failure.error)
        await self._bury(holding, entry, number, failure.error)

    async def _begin(self, holding: Holding, entry: Entry, number: int) -> bool:
        """Note that a try begins; say whether it may."""
        while not holding.ended.is_set():
            if not holding.sure:
                await self._holdings.renew(holding)
            await self._steady(lambda: holding.group.begin([(entry, number)]))
            # The process may have stood still while it was noted.
            if holding.sure:
                return True
        return False

    async def _try(self, entry: Entry) -> _Failure | None:
        """Handle an entry once; return what went wrong."""
        content = entry.content
        if content is None:
            return _Failure(UNREADABLE, final=True)
        try:
            event = self._consumer.read(content)
        except Exception as error:
            return _failure(error, final=True)
        # In a task of its own: a handler that cancels itself must not end the lane.
        task = asyncio.ensure_future(self._consumer.work(event))
        self._counts.running += 1
        try:
            await asyncio.wait((task,))
        finally:
            self._counts.running -= 1
            task.cancel()
        if task.cancelled():
            return _Failure(asyncio.CancelledError.__name__)
        raised = task.exception()
        if raised is None:
            return None
        if not isinstance(raised, Exception):
            raise raised
        return _failure(raised)

    async def _pause(
        self, holding: Holding, number: int, aside: Callable[[], AbstractContextManager[None]]
    ) -> bool:
        """Wait before a try; say whether the partition is still served then."""
        ended = asyncio.ensure_future(holding.ended.wait())
        try:
            with aside():
                await asyncio.wait((ended,), timeout=pause_before(number))
        finally:
            ended.cancel()
        return not holding.ended.is_set()

    async def _note(self, holding: Holding, entry: Entry, number: int, error: str) -> None:
        await self._steady(lambda: holding.group.fail(entry, number, error))

    async def _bury(self, holding: Holding, entry: Entry, tries: int, error: str) -> None:
        await self._steady(lambda: holding.group.bury(entry, tries, error))
        self._counts.dead += 1
        _log.error(
            "entry %s of partition %d is a dead letter after %d tries (%s)",
            entry.id,
            holding.partition,
            tries,
            error,
        )

    def _log_failure(self, holding: Holding, entry: Entry, number: int, failure: _Failure) -> None:
        self._counts.failed += 1
        _log.error(
            "try %d of %d of entry %s of partition %d failed (%s)",
            number,
            self._tries,
            entry.id,
            holding.partition,
            failure.error,
            exc_info=failure.raised,
        )


def _failure(error: Exception, *, final: bool = False) -> _Failure:
    return _Failure(type(error).__name__, final, error)

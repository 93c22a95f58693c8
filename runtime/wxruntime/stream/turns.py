"""Handling one entry: tries, pauses between them, and success or dead letter."""

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
"""The name of the error of a try that the worker did not survive."""
UNREADABLE = "Unreadable"
"""The name of the error of an entry without a push."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0


class Consumer(Protocol[E]):
    """Handles pushes: a callback."""

    def read(self, content: bytes) -> E:
        """Read a push."""
        ...

    async def work(self, event: E) -> None:
        """Handle an event."""
        ...

    async def aclose(self) -> None:
        """Wait for running handlers, and release all resources."""
        ...


@frozen
class _Failure:
    """The failure of a try."""

    error: str
    final: bool = False
    """Whether no other try can succeed."""
    raised: Exception | None = field(default=None, repr=False)


def pause_before(number: int) -> float:
    """Return the seconds to wait before a try; the second try has the first pause."""
    return min(FIRST_PAUSE * 2.0 ** min(number - 2, 16), LONGEST_PAUSE)


class Turns(Generic[E]):
    """Handles entries, a limited number at a time."""

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
        """Prepare to handle entries.

        Args:
            consumer: Handles the pushes.
            holdings: Renews the leases.
            steady: Repeats a request until the server answers.
            counts: The counters of the worker.
            concurrency: The number of handlers that run at a time at most.
            tries: The number of tries before an entry becomes a dead letter.
        """
        self._consumer, self._holdings, self._steady = consumer, holdings, steady
        self._counts, self._tries = counts, tries
        self._slots = asyncio.Semaphore(concurrency)
        self._alone = Alone()

    async def handle(
        self, holding: Holding, entry: Entry, aside: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Try an entry until it is handled, is a dead letter, or its partition is released.

        Args:
            holding: The partition of the entry.
            entry: The entry.
            aside: Makes room for other customers while this entry waits.

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
        """Record that a try starts; return whether it may start."""
        while not holding.ended.is_set():
            if not holding.sure:
                await self._holdings.renew(holding)
            await self._steady(lambda: holding.group.begin([(entry, number)]))
            # The process may have been suspended during the request.
            if holding.sure:
                return True
        return False

    async def _try(self, entry: Entry) -> _Failure | None:
        """Handle an entry once; return the failure, if any."""
        content = entry.content
        if content is None:
            return _Failure(UNREADABLE, final=True)
        try:
            event = self._consumer.read(content)
        except Exception as error:
            return _failure(error, final=True)
        # In its own task, because a handler that cancels itself must not end the lane.
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
        """Wait before a try; return whether this worker still handles the partition then."""
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

"""A worker: reads entries of its partitions, handles them, and acknowledges them."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

from attrs import evolve

from wxruntime.errors import StoreError
from wxruntime.stream.ending import end_all
from wxruntime.stream.holdings import LEASE, Holdings
from wxruntime.stream.lanes import Lanes
from wxruntime.stream.link import AwayError
from wxruntime.stream.progress import Counts, Progress
from wxruntime.stream.reading import read
from wxruntime.stream.steady import Steady
from wxruntime.stream.stream import Stream
from wxruntime.stream.turns import Consumer, Turns

__all__ = ["CONCURRENCY", "GRACE", "TRIES", "Worker"]

_log = logging.getLogger("wxoa.stream")

E = TypeVar("E")

CONCURRENCY = 32
TRIES = 5
GRACE = 30.0
ROOM = 2
"""The number of customers whose entries are read for each handler that may run, so that a handler
that ends finds the next entry."""
EVERY = 10.0
"""Seconds between two reports of progress."""
_CLOSING = 15.0
"""Seconds that the callback may take to close."""


class Worker(Generic[E]):
    """Handles the entries of a stream, together with any number of other workers; for one loop."""

    def __init__(
        self,
        callback: Consumer[E],
        stream: Stream,
        *,
        concurrency: int = CONCURRENCY,
        tries: int = TRIES,
        grace: float = GRACE,
        lease: float = LEASE,
        on_progress: Callable[[Progress], None] | None = None,
        every: float = EVERY,
    ) -> None:
        """Build a worker without connecting; call `run`.

        Args:
            callback: Reads and handles the pushes; the worker closes it at the end.
            stream: The stream of the entries; the worker closes its connections at the end.
            concurrency: The number of handlers that run at a time at most.
            tries: The number of tries before an entry becomes a dead letter; a try during which
                the worker dies counts.
            grace: Seconds that handlers may take to end when the worker stops.
            lease: Seconds for which a partition stays with a worker that does not renew its
                lease, 0.5 to 60.
            on_progress: Called with the progress when it has changed, and at the end.
            every: Seconds between two such calls.

        Raises:
            ValueError: If an argument is out of its range.
        """
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._stream = stream
        for name, value in {"concurrency": concurrency, "tries": tries}.items():
            if value < 1:
                raise ValueError(f"{name}: expected a number above 0, got {value}")
        if not 0.5 <= lease <= 60:
            raise ValueError(f"lease: expected 0.5 to 60 seconds, got {lease}")
        if not grace >= 0 or not every > 0:
            raise ValueError(f"grace, every: expected seconds, got {grace} and {every}")
        self.abandoned = 0
        """The number of handlers that were still running after the grace period."""
        self._callback = callback
        self._concurrency, self._tries, self._grace = concurrency, tries, grace
        self._on_progress, self._every = on_progress, every
        self._steady, self._counts = Steady(), Counts()
        self._holdings = Holdings(stream, self.name, self._steady, lease=lease, grace=grace)
        self._stopping = asyncio.Event()
        self._told: Progress | None = None
        self._told_at = time.monotonic()

    def __repr__(self) -> str:
        return f"Worker({self._stream!r}, name={self.name!r})"

    def stop(self) -> None:
        """Read no more entries, and let `run` end after the running handlers; call on its loop."""
        self._stopping.set()
        self._holdings.end()  # now, so that no next entry starts when a handler ends

    def progress(self) -> Progress:
        """Return the progress of the worker; safe to call from threads."""
        counts, seen = self._counts, self._holdings.seen
        told = self._told
        passed = max(time.monotonic() - self._told_at, 1e-3)
        return Progress(
            handled=counts.handled,
            per_second=(counts.handled - (told.handled if told else 0)) / passed,
            failed=counts.failed,
            dead=counts.dead,
            again=counts.again,
            running=counts.running,
            partitions=len(self._holdings.serving),
            workers=len(seen.workers),
            backlog=seen.backlog,
            dead_letters=seen.dead_letters,
        )

    async def run(self) -> None:
        """Handle entries until `stop` is called, through any outage of the server.

        Raises:
            StoreError: If the server refuses at the start, or the stream has another number of
                partitions.
        """
        try:
            if not await self._unless_stopped(self._meet()):
                return
            await self._work()
        finally:
            await self._close()

    async def _meet(self) -> None:
        """Read the state of the stream for the first time; raise any failure that will not pass."""
        fatal: Exception | None = None

        async def beat() -> None:
            nonlocal fatal
            try:
                await self._holdings.beat()
            except AwayError:
                raise
            except Exception as error:
                fatal = error

        await self._steady(beat)
        if fatal is not None:
            raise fatal

    async def _work(self) -> None:
        turns = Turns(
            self._callback,
            self._holdings,
            self._steady,
            self._counts,
            concurrency=self._concurrency,
            tries=self._tries,
        )
        lanes = Lanes(turns.handle, self._holdings.drop, ROOM * self._concurrency)
        reading = _task(read(self._stream, self._holdings, lanes, self._steady))
        keeping = _task(self._holdings.keep())
        telling = _task(self._tell())
        stopped = _task(self._stopping.wait())
        tasks: list[asyncio.Future[Any]] = [reading, keeping, telling, stopped, lanes.failed]
        try:
            done, _ = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
            for one in done:
                one.result()
        finally:
            # Partitions whose entries are still being handled keep their leases.
            await end_all(reading, keeping)
            keeping = _task(self._holdings.keep_only())
            self._holdings.end()  # also for partitions taken since `stop`
            await lanes.drained(self._grace)
            self.abandoned = self._counts.running
            await lanes.cancel()
            await end_all(keeping, telling, stopped)
            if not lanes.failed.done():
                lanes.failed.cancel()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._tell_once()

    def _tell_once(self) -> None:
        """Report the progress, if it has changed."""
        progress = self.progress()
        told, self._told, self._told_at = self._told, progress, time.monotonic()
        if self._on_progress is None:
            return
        if told is None or evolve(told, per_second=0.0) != evolve(progress, per_second=0.0):
            self._on_progress(progress)

    async def _close(self) -> None:
        if self.abandoned:
            _log.warning(
                "%d handlers have not ended within %g s; their entries are handled again",
                self.abandoned,
                self._grace,
            )
        # If this fails, only the numbers in the last report are older.
        with suppress(StoreError, asyncio.TimeoutError):
            await asyncio.wait_for(self._holdings.beat(), 1.0)
        self._tell_once()
        await self._holdings.give_back_all()
        try:
            await asyncio.wait_for(self._callback.aclose(), _CLOSING)
        except asyncio.TimeoutError:
            _log.warning("the callback has not closed within %g s", _CLOSING)
        await self._stream.aclose()

    async def _unless_stopped(self, work: Awaitable[None]) -> bool:
        """Wait for work; return whether it ended before the worker was stopped."""
        task, stopped = asyncio.ensure_future(work), _task(self._stopping.wait())
        try:
            await asyncio.wait((task, stopped), return_when="FIRST_COMPLETED")
            if task.done():
                task.result()
            return task.done()
        finally:
            await end_all(task, stopped)


def _task(work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
    return asyncio.get_running_loop().create_task(work)

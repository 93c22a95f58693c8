"""A worker: takes entries of its partitions, handles them, acknowledges them."""

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
"""How many customers to read from for each handler that may run: the next ones are at hand."""
EVERY = 10.0
"""How often progress is told, in seconds."""
_CLOSING = 15.0
"""How long the callback may take to close, in seconds."""


class Worker(Generic[E]):
    """Handles the entries of a stream, with as many others as there are; for one event loop."""

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
        """Prepare a worker; nothing is connected before `run`.

        Args:
            callback: Reads and handles pushes; closed in the end.
            stream: Where the entries are; its connections are closed in the end.
            concurrency: How many handlers run at a time at most.
            tries: How often an entry is tried before it is a dead letter; a try that ends with
                its worker counts.
            grace: How long handlers may take to end when the worker stops, in seconds.
            lease: How long a partition stays with a worker that says nothing more, in seconds;
                0.5 to 60.
            on_progress: Told how far the worker is, when that has changed, and in the end.
            every: How often, in seconds.

        Raises:
            ValueError: If an argument cannot work.
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
        """How many handlers were still running when the worker gave up waiting for them."""
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
        """Read nothing more, and let `run` end when what is being handled is; from its loop."""
        self._stopping.set()
        self._holdings.end()  # now: whatever ends meanwhile must have no successor here

    def progress(self) -> Progress:
        """Return how far the worker is; safe for threads."""
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
        """Work until `stop`, through whatever the server goes through.

        Raises:
            StoreError: If the server refuses from the start, or the stream has another number of
                partitions.
        """
        try:
            if not await self._unless_stopped(self._meet()):
                return
            await self._work()
        finally:
            await self._close()

    async def _meet(self) -> None:
        """See the stream for the first time; what will not pass by itself is raised."""
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
            # A partition that is still being handled stays ours meanwhile.
            await end_all(reading, keeping)
            keeping = _task(self._holdings.keep_only())
            self._holdings.end()  # what was taken since
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
        """Tell how far the worker is, if that has changed."""
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
        # Without it, only the numbers of the last line are older.
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
        """Wait for something; say whether it was done before the worker was stopped."""
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

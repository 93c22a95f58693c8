"""Lanes: entries of one customer run in order, entries of different customers in parallel."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from wxruntime.stream.entry import Entry
from wxruntime.stream.group import LostError
from wxruntime.stream.holding import Holding

__all__ = ["LARGEST", "Lanes"]

Aside: TypeAlias = Callable[[], AbstractContextManager[None]]
Handle: TypeAlias = Callable[[Holding, Entry, Aside], Awaitable[None]]

LARGEST = 32 << 20
"""Bytes of entries that may wait in a worker."""


class Lanes:
    """Passes entries to a handling function, in order for each customer."""

    def __init__(
        self,
        handle: Handle,
        drop: Callable[[Holding], None],
        most: int,
    ) -> None:
        """Start without entries.

        Args:
            handle: Handles an entry; any error except `LostError` ends the worker.
            drop: Called with a partition that was lost.
            most: The number of customers at a time, without those that wait for another try.
        """
        self._handle, self._drop, self._most = handle, drop, most
        self._lanes: dict[str, deque[tuple[Holding, Entry]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._aside = 0
        self._size = 0
        self._moved = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when a lane fails, which is a bug of this library."""

    @property
    def room(self) -> int:
        """The number of entries that may be read now."""
        free = self._most - len(self._lanes) + self._aside
        return max(0, free) if self._size < LARGEST else 0

    async def vacancy(self) -> int:
        """Wait until there is room, and return the number of entries that may be read."""
        while not self.room:
            self._moved.clear()
            await self._moved.wait()
        return self.room

    def add(self, holding: Holding, entries: Iterable[Entry]) -> None:
        """Queue entries, each after the earlier ones of its customer."""
        for entry in entries:
            self._size += entry.size
            lane = self._lanes.get(entry.customer)
            if lane is not None:
                lane.append((holding, entry))
                continue
            lane = self._lanes[entry.customer] = deque([(holding, entry)])
            task = asyncio.get_running_loop().create_task(self._run(entry.customer, lane))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    @contextmanager
    def aside(self) -> Generator[None]:
        """Make room for other customers while one waits to be tried again."""
        self._aside += 1
        self._moved.set()
        try:
            yield
        finally:
            self._aside -= 1

    async def _run(self, customer: str, lane: deque[tuple[Holding, Entry]]) -> None:
        try:
            while lane:
                holding, entry = lane.popleft()
                self._size -= entry.size
                if holding.ended.is_set():
                    continue  # the next holder handles this entry
                try:
                    with holding.turn():
                        await self._handle(holding, entry, self.aside)
                except LostError:
                    self._drop(holding)
        finally:
            del self._lanes[customer]
            self._moved.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not self.failed.done():
            self.failed.set_exception(error)

    async def drained(self, seconds: float) -> None:
        """Wait until no entry is being handled, at most a number of seconds."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)

    async def cancel(self) -> None:
        """Cancel the running handlers, and wait for them at most a second."""
        for task in self._tasks:
            task.cancel()
        await self.drained(1.0)

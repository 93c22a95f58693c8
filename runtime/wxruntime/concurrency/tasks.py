"""Concurrency by tasks, for the asyncio client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from wxruntime.concurrency import Work, shared
from wxruntime.errors import TransportError, WeChatError

__all__ = ["Tasks"]

_log = logging.getLogger("wxoa.token")


class Tasks:
    """Waits by suspending; works in the background in tasks, which `close()` cancels."""

    def __init__(self) -> None:
        self._flights: list[_TaskFlight] = []
        self._closed = False

    def flight(self) -> _TaskFlight:
        """Return a new flight, which ends when the client is closed."""
        flight = _TaskFlight()
        self._flights.append(flight)
        return flight

    async def sleep(self, seconds: float) -> bool:
        """Wait; return whether the client is still open."""
        await asyncio.sleep(seconds)
        return not self._closed

    async def close(self) -> None:
        """Cancel the work under way, and wait for its end."""
        self._closed = True
        for flight in self._flights:
            await flight.land()


class _TaskFlight:
    """A flight whose work runs in its own task; cancelling a caller does not cancel the work."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def join(self, work: Work, left: float) -> bool:
        """Start the work, or wait for the run that is under way; see `Flight.join`."""
        if self._closed:
            raise TransportError("the client is closed", sent=False)
        task = self._begin(work())
        await asyncio.wait({task}, timeout=left)
        if not task.done() or task.cancelled():
            return False
        error = task.exception()
        if isinstance(error, WeChatError):
            raise shared(error)
        if error is not None:
            raise error
        return True

    def start(self, work: Work) -> None:
        """Start the work in a task, unless it is under way."""
        if not self._closed:
            self._begin(work())

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        loop, task = asyncio.get_running_loop(), self._task
        # A task of an event loop that has ended will never be done.
        if task is not None and not task.done() and task.get_loop() is loop:
            work.close()
            return task
        self._task = task = loop.create_task(work, name="wxoa-token")
        # Retrieve its error, or the event loop would log it if no caller waits any more.
        task.add_done_callback(_look_at)
        return task

    async def land(self) -> None:
        """Cancel the task under way, and wait for its end."""
        self._closed = True
        task, self._task = self._task, None
        if task is not None and task.get_loop() is asyncio.get_running_loop():
            task.cancel()
            await asyncio.wait({task})


def _look_at(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, WeChatError):
        _log.error("the access token was not renewed: %s", type(error).__name__)

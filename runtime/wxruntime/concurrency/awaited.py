"""A result that several event loops can wait for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Generic, TypeVar

__all__ = ["Awaited"]

T = TypeVar("T")


class Awaited(Generic[T]):
    """A result that is set once; a waiting task that is cancelled does not affect the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._result: tuple[T] | None = None
        self._waiting: list[asyncio.Future[T]] = []

    def come(self, result: T) -> None:
        """Set the result for all present and future waiters; only the first result counts."""
        with self._lock:
            if self._result is not None:
                return
            self._result = (result,)
            waiting, self._waiting = self._waiting, []
        here = _running_loop()
        for future in waiting:
            loop = future.get_loop()
            if loop is here:
                _give(future, result)
            else:
                with suppress(RuntimeError):  # that loop has ended, and no task waits on it
                    loop.call_soon_threadsafe(_give, future, result)

    async def wait(self, seconds: float) -> T | None:
        """Wait for the result; return None if it does not come in time.

        Args:
            seconds: How long to wait at most.
        """
        with self._lock:
            if self._result is not None:
                return self._result[0]
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
        await asyncio.wait((future,), timeout=seconds)
        return future.result() if future.done() else None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _give(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)

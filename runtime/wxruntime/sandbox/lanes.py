"""Work in lanes: one piece after the other in each, and several lanes at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Lanes"]

T = TypeVar("T")


class Lanes(Generic[T]):
    """Hands items to a function in threads, so that no lane waits for another one."""

    def __init__(self, serve: Callable[[T], None], *, threads: int, name: str) -> None:
        """Start no thread yet.

        Args:
            serve: Takes an item; it must raise nothing.
            threads: How many lanes may be served at once.
            name: What the names of the threads begin with.
        """
        self._serve = serve
        self._lock = threading.Lock()
        self._closed = False
        self._lanes: dict[str, deque[T]] = {}
        self._threads = ThreadPoolExecutor(threads, name)

    def put(self, lane: str, item: T) -> bool:
        """Put an item at the end of a lane.

        Returns:
            Whether it was taken: after `close`, none is.
        """
        with self._lock:
            if self._closed:
                return False
            items = self._lanes.setdefault(lane, deque())
            items.append(item)
            if len(items) == 1:
                self._threads.submit(self._step, lane)
            return True

    def _step(self, lane: str) -> None:
        """Serve the first item of a lane, which then gets behind the other lanes."""
        items = self._lanes[lane]
        self._serve(items[0])
        with self._lock:
            items.popleft()
            if not items:
                del self._lanes[lane]
            elif not self._closed:
                self._threads.submit(self._step, lane)

    def close(self) -> list[T]:
        """Wait for what is being served, and end the threads.

        Returns:
            What was not served any more.
        """
        with self._lock:
            self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        left = [item for items in self._lanes.values() for item in items]
        self._lanes.clear()
        return left

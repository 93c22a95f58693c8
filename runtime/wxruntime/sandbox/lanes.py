"""Queues served by threads: in order within each lane, several lanes at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

__all__ = ["Lanes"]

T = TypeVar("T")


class Lanes(Generic[T]):
    """Calls a function for each item, in threads, so that no lane waits for another one."""

    def __init__(self, serve: Callable[[T], None], *, threads: int, name: str) -> None:
        """Prepare; threads start with the first items.

        Args:
            serve: Called for each item; must not raise.
            threads: How many lanes are served at once, at most.
            name: The prefix of the threads' names.
        """
        self._serve = serve
        self._lock = threading.Lock()
        self._closed = False
        self._lanes: dict[str, deque[T]] = {}
        self._threads = ThreadPoolExecutor(threads, name)

    def put(self, lane: str, item: T) -> bool:
        """Put an item at the end of a lane.

        Returns:
            Whether the item was accepted; False after `close`.
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
        """Serve the first item of a lane, and put the lane behind the other lanes."""
        items = self._lanes[lane]
        self._serve(items[0])
        with self._lock:
            items.popleft()
            if not items:
                del self._lanes[lane]
            elif not self._closed:
                self._threads.submit(self._step, lane)

    def close(self) -> list[T]:
        """Wait for the items that are being served, and end the threads.

        Returns:
            The items that were not served.
        """
        with self._lock:
            self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)
        left = [item for items in self._lanes.values() for item in items]
        self._lanes.clear()
        return left

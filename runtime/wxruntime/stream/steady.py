"""Going on when the server is back, however long it was away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from wxruntime.errors import StoreError

__all__ = ["Steady"]

_log = logging.getLogger("wxoa.stream")

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0


class Steady:
    """Asks until there is an answer, and logs when the server goes and when it is back."""

    def __init__(self) -> None:
        self._away = ""
        """What is wrong; empty while nothing is."""
        self._answered = 0.0
        """When the last answer came, on the monotonic clock."""

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer.

        Args:
            ask: Asks once; it raises `StoreError` when there is no answer.
        """
        pause = FIRST_PAUSE
        while True:
            begun = time.monotonic()
            try:
                answer = await ask()
            except StoreError as error:
                self._failed(str(error), begun)
            else:
                self._came()
                return answer
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _failed(self, words: str, begun: float) -> None:
        # A question that was asked before the last answer came says nothing new.
        if not self._away and begun >= self._answered:
            self._away = words
            _log.warning("no entries are taken or acknowledged until it is back: %s", words)

    def _came(self) -> None:
        self._answered = time.monotonic()
        if self._away:
            self._away = ""
            _log.warning("the server of the stream is back")

"""Repeating requests until the server can be reached again."""

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
    """Repeats requests until they are answered; logs the beginning and the end of an outage."""

    def __init__(self) -> None:
        self._away = ""
        """The failure of the current outage; empty if there is none."""
        self._answered = 0.0
        """The time of the last answer, on the monotonic clock."""

    async def __call__(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until it is answered.

        Args:
            ask: Sends the request once; raises a `StoreError` if there is no answer.

        Returns:
            The answer.
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
        # The failure of a request from before the last answer does not mean a new outage.
        if not self._away and begun >= self._answered:
            self._away = words
            _log.warning("no entries are taken or acknowledged until it is back: %s", words)

    def _came(self) -> None:
        self._answered = time.monotonic()
        if self._away:
            self._away = ""
            _log.warning("the server of the stream is back")

"""An inbox that continues in memory while its server is unreachable.

Refusing all pushes until the server is back would lose pushes in a longer outage. With the memory,
repeated deliveries still join their handlers within one process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from wxruntime.errors import StoreError
from wxruntime.inbox import Inbox
from wxruntime.inbox.memory import MemoryInbox
from wxruntime.inbox.nonce import NonceChange
from wxruntime.inbox.record import Change

__all__ = ["SteadyInbox"]

_log = logging.getLogger("wxoa.callback")

R = TypeVar("R")

PAUSE = 5.0
"""Seconds after a failure before the server is asked again; a delivery has no more time."""
LIMIT = 3.0
"""Seconds that an answer may take, including the wait for a connection."""


class SteadyInbox:
    """Uses an inbox, and its own memory while that inbox fails."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._spare = MemoryInbox()
        self._away = False
        self._away_until = 0.0
        self.lease = inbox.lease

    async def update(self, push: str, change: Change[R]) -> R:
        """Apply a change to a push's record; see `Inbox.update`."""
        return await self._first_of(
            lambda: self._inbox.update(push, change), lambda: self._spare.update(push, change)
        )

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        """Apply a change to a nonce's record; see `Inbox.meet`."""
        return await self._first_of(
            lambda: self._inbox.meet(nonce, change), lambda: self._spare.meet(nonce, change)
        )

    async def _first_of(
        self, usual: Callable[[], Awaitable[R]], spare: Callable[[], Awaitable[R]]
    ) -> R:
        if time.monotonic() < self._away_until:
            return await spare()
        if self._away:
            # Only this call tries the server; the others do not wait for it.
            self._away_until = time.monotonic() + PAUSE
        try:
            told = await _in_time(usual())
        except StoreError as error:
            self._away_until = time.monotonic() + PAUSE
            if not self._away:
                _log.warning("no inbox: %s; this process uses its own memory meanwhile", error)
            self._away = True
            return await spare()
        if self._away:
            _log.warning("the inbox is back")
            self._away, self._away_until = False, 0.0
        return told

    async def aclose(self) -> None:
        """Close the connections of the inbox."""
        await self._inbox.aclose()


async def _in_time(asked: Awaitable[R]) -> R:
    """Wait for an answer, at most `LIMIT` seconds."""
    asking = asyncio.ensure_future(asked)
    try:
        await asyncio.wait((asking,), timeout=LIMIT)
        if asking.done():
            return asking.result()
        raise StoreError(f"no answer within {LIMIT:g} s; check whether the server hangs")
    finally:
        if not asking.done():
            asking.cancel()
            asking.add_done_callback(_forget)


def _forget(asked: asyncio.Future[R]) -> None:
    """Retrieve an error for which no caller waits any more, or asyncio would log it."""
    if not asked.cancelled():
        asked.exception()

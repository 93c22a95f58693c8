"""An inbox that goes on in memory while its server is away.

Refusing every push until the server is back would lose those of a longer outage; without it, a
repeated delivery still joins its handler within the process.
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
"""How long a server that failed is left alone, in seconds; a delivery has no more time."""
LIMIT = 3.0
"""How long an answer may take, in seconds, waiting for a connection included."""


class SteadyInbox:
    """Asks an inbox, and a memory of its own while that one fails."""

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
            # This one looks whether it is back; the others do not wait for that.
            self._away_until = time.monotonic() + PAUSE
        try:
            told = await _in_time(usual())
        except StoreError as error:
            self._away_until = time.monotonic() + PAUSE
            if not self._away:
                _log.warning("no inbox: %s; this process goes on with its own memory", error)
            self._away = True
            return await spare()
        if self._away:
            _log.warning("the inbox is back")
            self._away, self._away_until = False, 0.0
        return told

    async def aclose(self) -> None:
        """Let go of the inbox's connections."""
        await self._inbox.aclose()


async def _in_time(asked: Awaitable[R]) -> R:
    """Wait for an answer as long as it may take, and let go of it then."""
    asking = asyncio.ensure_future(asked)
    try:
        await asyncio.wait((asking,), timeout=LIMIT)
        if asking.done():
            return asking.result()
        raise StoreError(f"no answer within {LIMIT:g} s; look whether the server hangs")
    finally:
        if not asking.done():
            asking.cancel()
            asking.add_done_callback(_forget)


def _forget(asked: asyncio.Future[R]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not asked.cancelled():
        asked.exception()

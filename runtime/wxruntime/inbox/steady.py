"""An inbox that goes on in memory while its server is away.

Refusing every push until the server is back would lose those of a longer outage; without it, a
repeated delivery still joins its handler within the process.
"""

from __future__ import annotations

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


class SteadyInbox:
    """Asks an inbox, and a memory of its own while that one fails."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._spare = MemoryInbox()
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
        if time.monotonic() >= self._away_until:
            try:
                return await usual()
            except StoreError as error:
                self._away_until = time.monotonic() + PAUSE
                _log.warning("no inbox: %s; this process goes on with its own memory", error)
        return await spare()

    async def aclose(self) -> None:
        """Let go of the inbox's connections."""
        await self._inbox.aclose()

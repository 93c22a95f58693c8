"""Inboxes, where processes remember the pushes that they have received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from wxruntime.inbox.nonce import NonceChange
from wxruntime.inbox.record import Change
from wxruntime.lazy import lazy

if TYPE_CHECKING:
    from wxruntime.inbox.memory import MemoryInbox as MemoryInbox
    from wxruntime.inbox.redis import RedisInbox as RedisInbox

__all__ = ["Inbox", "MemoryInbox", "RedisInbox"]

__getattr__, __dir__ = lazy(__name__, (), {"MemoryInbox": "memory", "RedisInbox": "redis"})

R = TypeVar("R")


class Inbox(Protocol):
    """Keeps a record for each push and each nonce; safe to use from any event loop and thread."""

    lease: float
    """Seconds for which a handler counts as running without a renewal."""

    async def update(self, push: str, change: Change[R]) -> R:
        """Apply a change to a push's record as one transaction.

        Args:
            push: The key of the record: a digest, which holds no secret.
            change: Returns the new record and a result, from the old record and the inbox's time in
                seconds. It may be called again, for example if another process was faster; only
                the last call counts.

        Returns:
            The result of the change.

        Raises:
            StoreError: If the records cannot be reached within a few seconds.
        """
        ...

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        """Apply a change to a nonce's record as one transaction; see `update`."""
        ...

    async def aclose(self) -> None:
        """Close the connections that the inbox has opened."""
        ...

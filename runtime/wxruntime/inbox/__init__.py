"""Where processes remember the pushes they have seen."""

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
    """Keeps a record per push and per nonce; safe to use from any event loop and thread."""

    lease: float
    """How long a handler counts as running if nothing more is heard of it, in seconds."""

    async def update(self, push: str, change: Change[R]) -> R:
        """Apply a change to a push's record as one transaction.

        Args:
            push: Which record: a digest, with nothing secret in it.
            change: What to do, given the record and the inbox's time in seconds. It may be asked
                again, for example when somebody else was faster; only the last result counts.

        Returns:
            What the change tells.

        Raises:
            StoreError: If the records cannot be reached, or not within a few seconds.
        """
        ...

    async def meet(self, nonce: str, change: NonceChange) -> bool:
        """Apply a change to a nonce's record as one transaction; see `update`."""
        ...

    async def aclose(self) -> None:
        """Let go of connections that are the inbox's own."""
        ...

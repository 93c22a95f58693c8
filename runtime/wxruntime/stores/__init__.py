"""Where processes share an access token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from wxruntime.lazy import lazy
from wxruntime.stores.state import Change

if TYPE_CHECKING:
    from wxruntime.stores.file import FileStore as FileStore
    from wxruntime.stores.memory import MemoryStore as MemoryStore
    from wxruntime.stores.redis import AsyncRedisStore as AsyncRedisStore
    from wxruntime.stores.redis import RedisStore as RedisStore

__all__ = [
    "AsyncRedisStore",
    "AsyncTokenStore",
    "FileStore",
    "MemoryStore",
    "RedisStore",
    "TokenStore",
]

__getattr__, __dir__ = lazy(
    __name__,
    (),
    {
        "AsyncRedisStore": "redis",
        "FileStore": "file",
        "MemoryStore": "memory",
        "RedisStore": "redis",
    },
)

R = TypeVar("R")


class TokenStore(Protocol):
    """Keeps one small state per account; safe to share between threads.

    To keep it elsewhere, in a database for example, implement `update` as one transaction.
    """

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state as one transaction.

        Args:
            account: Which state; it holds no secret and may be part of a key.
            change: What to do, given the state and the store's time in seconds. It may be asked
                again, for example when somebody else was faster; only the last result counts.
                A state that it returns unchanged need not be written.

        Returns:
            What the change tells.

        Raises:
            StoreError: If the store cannot be reached, or not within a few seconds.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files that are the store's own."""
        ...


class AsyncTokenStore(Protocol):
    """A token store for asynchronous clients."""

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state as one transaction; see `TokenStore.update`."""
        ...

    async def close(self) -> None:
        """Let go of connections that are the store's own."""
        ...

"""Stores, where processes share an access token."""

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
    "is_redis",
    "open_store",
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

_REDIS = ("redis://", "rediss://", "unix://")


class TokenStore(Protocol):
    """Keeps one small state for each account; safe to share between threads.

    To keep tokens elsewhere, such as in a database, implement `update` as one transaction.
    """

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state as one transaction.

        Args:
            account: The key of the state; it holds no secret.
            change: Returns the new state and a result, from the old state and the store's time in
                seconds. It may be called again, for example if another process was faster; only
                the last call counts. A state that it returns unchanged need not be written.

        Returns:
            The result of the change.

        Raises:
            StoreError: If the store cannot be reached within a few seconds.
        """
        ...

    def close(self) -> None:
        """Close the connections and files that the store has opened."""
        ...


class AsyncTokenStore(Protocol):
    """A token store for asyncio clients."""

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state as one transaction; see `TokenStore.update`."""
        ...

    async def close(self) -> None:
        """Close the connections that the store has opened."""
        ...


def is_redis(address: str) -> bool:
    """Return whether the address of a store is a Redis URL, and not the path of a file."""
    return address.startswith(_REDIS)


def open_store(address: str, timeout: float = 5.0) -> TokenStore:
    """Return the store at an address; it connects when it is first used.

    Args:
        address: A Redis URL, or the path of a file.
        timeout: How long to wait for the store, in seconds; at most 5.

    Raises:
        ValueError: If it begins like a Redis URL and is none; the address is not shown.
        ImportError: If it is a Redis URL, and redis-py is not installed.
    """
    if is_redis(address):
        from wxruntime.stores.redis import RedisStore

        return RedisStore.from_url(address, timeout=timeout)
    from wxruntime.stores.file import FileStore

    return FileStore(address, busy=timeout)

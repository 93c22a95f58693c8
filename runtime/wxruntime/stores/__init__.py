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

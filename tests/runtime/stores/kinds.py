"""Every kind of store, driven alike, and a clock that a test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import redis
from attrs import define

from tests.redis_server import RedisServer
from wxruntime.redact import Secret
from wxruntime.stores import AsyncRedisStore, FileStore, MemoryStore, RedisStore, TokenStore
from wxruntime.stores.state import Busy, Change, Lease, StoredToken, TokenState, begin

R = TypeVar("R")

HOUR = 3600.0


class Asynchronous:
    """An asyncio store behind the interface of the others: a loop and connections per change."""

    def __init__(self, url: str) -> None:
        self._url = url

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change on an event loop."""

        async def run() -> R:
            store = AsyncRedisStore.from_url(self._url)
            try:
                return await store.update(account, change)
            finally:
                await store.close()

        return asyncio.run(run(), debug=True)

    def close(self) -> None:
        """Do nothing: everything is closed already."""


class OwnPool(redis.ConnectionPool):
    """A kind of pool that the store does not know, so that it uses the client as it is."""


@contextmanager
def client_of(server: RedisServer, pool: type[Any], *, decode: bool) -> Generator[redis.Redis]:
    """Make a client on a kind of pool."""
    made = pool(port=server.port, decode_responses=decode, socket_timeout=3)
    with redis.Redis(connection_pool=made) as client:
        yield client
    made.disconnect()


@contextmanager
def opened(kind: str, folder: Path, server: Callable[[], RedisServer]) -> Generator[TokenStore]:
    """Open a store of a kind.

    Args:
        kind: One of `KINDS`.
        folder: Where a file may be.
        server: Finds a Redis server; asked only for the kinds that need one.
    """
    if kind == "memory":
        with MemoryStore() as store:
            yield store
    elif kind == "file":
        with FileStore(folder / "tokens.db") as store:
            yield store
    elif kind == "asyncio":
        yield Asynchronous(server().url)
    else:
        pool = OwnPool if "as-it-is" in kind else redis.ConnectionPool
        with (
            client_of(server(), pool, decode="decoding" in kind) as client,
            RedisStore(client) as store,
        ):
            yield store


KINDS = (
    "memory",
    "file",
    "redis",
    "redis-decoding",
    "redis-as-it-is",
    "redis-as-it-is-decoding",
    "asyncio",
)


@define
class Clocked:
    """A store on a clock that stands still until it is moved."""

    store: TokenStore
    now: float = 1_700_000_000.0

    def update(self, change: Change[R], account: str = "desk") -> R:
        """Apply a change at the clock's time."""

        def timed(state: TokenState, _: float) -> tuple[TokenState, R]:
            return change(state, self.now)

        return self.store.update(account, timed)

    def begin(self, owner: str, refused: str | None = None) -> StoredToken | Lease | Busy:
        """Begin as the client does."""
        given = () if refused is None else (Secret(refused),)
        return self.update(begin(owner, 30.0, refused=given, spare=60.0, longest=2 * HOUR))

    def lease(self, owner: str, refused: str | None = None) -> Lease:
        """Begin, and get the lease."""
        told = self.begin(owner, refused)
        assert isinstance(told, Lease)
        return told


def state_of(store: TokenStore, account: str = "desk") -> TokenState:
    """Look at an account's state."""
    return store.update(account, lambda state, _: (state, state))


def counted(state: TokenState, _: float) -> tuple[TokenState, int]:
    """Count one more; a change for tests."""
    more = TokenState(fence=state.fence + 1)
    return more, more.fence

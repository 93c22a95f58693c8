"""Token stores for the processes of several machines, on a Redis server.

The connections are the store's own, made after the client that was given: with its address,
credentials and encryption, without its retries, and never waiting longer than a few seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import field, frozen

from wxruntime.closing import Closing
from wxruntime.errors import StoreError
from wxruntime.forking import renew_after_fork
from wxruntime.redact import Secret
from wxruntime.stores.codec import TOKENS, key_of
from wxruntime.stores.kind import Kind
from wxruntime.stores.rediswords import in_words
from wxruntime.stores.state import Change
from wxruntime.stores.swapping import Ask, Held, transaction

try:
    import redis
    import redis.asyncio as aioredis
    from redis.asyncio.retry import Retry as AsyncRetry
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ModuleNotFoundError as missing:
    if missing.name != "redis":
        raise
    raise ImportError(
        "a Redis store needs redis-py, which is not installed: pip install 'wxoa[redis]'",
        name="redis",
    ) from None

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncRedisStore", "RedisStore"]

R = TypeVar("R")
S = TypeVar("S")

PREFIX = "wxoa:"
TIMEOUT = 3.0
"""How long a store made from an address waits for the server, in seconds."""
LONGEST_TIMEOUT = 5.0
"""How long any store waits for the server, in seconds, whatever the client that was given says."""
_CONNECTIONS = 16

# The time is asked last: a server before Redis 5 allows no write after it. Nothing and an empty
# value are the same here; an empty one is never written, and refused when it is read. Where memory
# is full, Redis refuses a script's first write if it could take more, and none after it: EXPIRE
# takes none, so a state, which is small, is kept all the same: a lease guards what frees memory.
_SCRIPT = """
local held = redis.call('GET', KEYS[1])
local swapped = 0
if ARGV[2] ~= '' and (held or '') == ARGV[1] then
    if redis.pcall('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]).err then
        redis.call('EXPIRE', KEYS[1], ARGV[3])
        redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
    end
    swapped = 1
end
local time = redis.call('TIME')
return {swapped, time[1], time[2], held}
"""

_POOLS_OWN = ("cache", "event_dispatcher", "himport", "maint", "orig_", "oss_cluster", "retry")
"""How the settings begin that belong to the pool they were made for."""


class RedisStore(Closing):
    """Keeps tokens on a Redis server; its time is the server's. Safe to share between threads."""

    def __init__(self, client: redis.Redis, *, prefix: str = PREFIX) -> None:
        """Take over how a client connects; nothing is connected yet.

        Args:
            client: Says where the server is and how to get in. It stays open when the store is
                closed. One that finds its server by a sentinel is used as it is.
            prefix: What the store's keys begin with.

        Raises:
            ValueError: If the client could wait for ever, or is of a cluster.
        """
        route = _route(client, (redis.ConnectionPool, redis.BlockingConnectionPool))
        if isinstance(route, str):
            raise ValueError(route)
        self._route, self._prefix = route, prefix
        self._pool: Any = None
        self._client = client
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Leave the parent's connections, and the locks of its pool, to the parent."""
        self._pool = self._route.pool(redis.BlockingConnectionPool, Retry(NoBackoff(), 0))
        if self._pool is not None:
            self._client = redis.Redis(connection_pool=self._pool)

    @classmethod
    def from_url(cls, url: str, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> Self:
        """Make a store from an address; nothing is connected yet.

        Args:
            url: `redis://[user:password]@host:port/db`, or with `rediss:` or `unix:`.
            prefix: What the store's keys begin with.
            timeout: How long to wait for a connection, and for each answer, in seconds; at
                most 5.

        Raises:
            ValueError: If it is not such an address; it is not shown.
        """
        address = Secret(url)
        del url  # no frame shows the password in it
        pool = _pool_of(redis.ConnectionPool, address, timeout)
        if pool is None:
            raise ValueError(_NO_ADDRESS)
        return cls(redis.Redis(connection_pool=pool), prefix=prefix)

    def __repr__(self) -> str:
        return f"RedisStore({self._route.place!r}, prefix={self._prefix!r})"

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state; see `TokenStore.update`."""
        return self.transact(TOKENS, account, change)

    def transact(self, kind: Kind[S], name: str, change: Callable[[S, float], tuple[S, R]]) -> R:
        """Apply a change to a state of any kind as one transaction.

        Args:
            kind: What kind of state it is.
            name: Which one; it holds no secret.
            change: As in `TokenStore.update`.

        Raises:
            StoreError: As in `TokenStore.update`.
        """
        key = f"{self._prefix}{kind.label}:{key_of(name)}"
        steps = transaction(f"{self._route.place}, key {key}", kind, change)
        ask = next(steps)
        while True:
            time.sleep(ask.pause)
            held = self._ask(key, ask, kind.expiry)
            if isinstance(held, str):
                raise StoreError(f"{self._route.place}: {held}")
            try:
                ask = steps.send(held)
            except StopIteration as end:
                return cast("R", end.value)

    def _ask(self, key: str, ask: Ask, expiry: int) -> Held | str:
        """Return the server's answer, or say in words why there is none."""
        try:
            return _held(self._client.eval(*_command(key, ask, expiry)))
        except Exception as error:
            return in_words(error)
        except BaseException as interruption:
            # redis-py's frames hold the password and the token.
            raise interruption.with_traceback(None) from None

    def close(self) -> None:
        """Close the store's own connections."""
        if self._pool is not None:
            self._pool.disconnect()


class AsyncRedisStore:
    """Keeps tokens on a Redis server; its time is the server's. It is for one event loop."""

    def __init__(self, client: aioredis.Redis, *, prefix: str = PREFIX) -> None:
        """Take over how a client connects; see `RedisStore`."""
        route = _route(client, (aioredis.ConnectionPool, aioredis.BlockingConnectionPool))
        if isinstance(route, str):
            raise ValueError(route)
        self._route, self._prefix = route, prefix
        self._pool = route.pool(aioredis.BlockingConnectionPool, AsyncRetry(NoBackoff(), 0))
        self._client = (
            aioredis.Redis(connection_pool=self._pool) if self._pool is not None else client
        )

    @classmethod
    def from_url(cls, url: str, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> Self:
        """Make a store from an address; see `RedisStore.from_url`."""
        address = Secret(url)
        del url  # no frame shows the password in it
        pool = _pool_of(aioredis.ConnectionPool, address, timeout)
        if pool is None:
            raise ValueError(_NO_ADDRESS)
        return cls(aioredis.Redis(connection_pool=pool), prefix=prefix)

    def __repr__(self) -> str:
        return f"AsyncRedisStore({self._route.place!r}, prefix={self._prefix!r})"

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state; see `TokenStore.update`."""
        return await self.transact(TOKENS, account, change)

    async def transact(
        self, kind: Kind[S], name: str, change: Callable[[S, float], tuple[S, R]]
    ) -> R:
        """Apply a change to a state of any kind as one transaction.

        Args:
            kind: What kind of state it is.
            name: Which one; it holds no secret.
            change: As in `TokenStore.update`.

        Raises:
            StoreError: As in `TokenStore.update`.
        """
        key = f"{self._prefix}{kind.label}:{key_of(name)}"
        steps = transaction(f"{self._route.place}, key {key}", kind, change)
        ask = next(steps)
        while True:
            await asyncio.sleep(ask.pause)
            held = await self._ask(key, ask, kind.expiry)
            if isinstance(held, str):
                raise StoreError(f"{self._route.place}: {held}")
            try:
                ask = steps.send(held)
            except StopIteration as end:
                return cast("R", end.value)

    async def _ask(self, key: str, ask: Ask, expiry: int) -> Held | str:
        """Return the server's answer, or say in words why there is none."""
        try:
            return _held(await self._client.eval(*_command(key, ask, expiry)))
        except Exception as error:
            return in_words(error)
        except BaseException as interruption:
            # redis-py's frames hold the password and the token.
            raise interruption.with_traceback(None) from None

    async def close(self) -> None:
        """Close the store's own connections."""
        if self._pool is not None:
            await self._pool.disconnect()


_NO_ADDRESS = (
    "expected an address such as redis://user:password@host:6379/0, with rediss: for TLS; write "
    "`/`, `#`, `?`, `@` and `%` of a password as %2F, %23, %3F, %40 and %25"
)


@frozen
class _Route:
    """How to reach the server."""

    place: str
    """The server's name for errors: its host and port, never a password."""
    options: Mapping[str, Any] | None = field(repr=False)
    """Settings for a pool of the store's own; None to use the client as it is."""

    def pool(self, kind: type[Any], retry: object) -> Any:
        """Make the store's own pool, if it is to have one."""
        return None if self.options is None else kind(retry=retry, **self.options)


def _pool_of(kind: type[Any], address: Secret, timeout: float) -> Any:
    """Make a pool from an address, only for its settings; None if it is no address."""
    try:
        pool = kind.from_url(
            address.reveal(), socket_timeout=timeout, socket_connect_timeout=timeout
        )
        pool.connection_class(**pool.connection_kwargs)
        return pool
    except Exception:  # ValueError for the address, TypeError for an option in it, ...
        return None


def _route(client: object, ordinary: tuple[type[Any], ...]) -> _Route | str:
    """Say how to reach a client's server, or in words why this client will not do."""
    pool: Any = getattr(client, "connection_pool", None)
    if pool is None:
        return (
            f"expected a redis.Redis, got {type(client).__name__}; for a cluster give a client of "
            "its proxy, or of a single server beside it"
        )
    settings: dict[str, Any] = pool.connection_kwargs
    # What a pool does not set is as redis-py's release has it: only a connection knows.
    connection = pool.connection_class(**settings)
    waits = (connection.socket_timeout, connection.socket_connect_timeout)
    if None in waits:
        return (
            "the client could wait for Redis for ever; make it with socket_timeout=3 and "
            "socket_connect_timeout=3 (in seconds), or use from_url()"
        )
    place = _place(pool, settings)
    if type(pool) not in ordinary:
        if connection.retry.get_retries() > 1:
            return (
                f"the client of {place} tries each command {connection.retry.get_retries() + 1} "
                "times; make it with retry=Retry(NoBackoff(), 0)"
            )
        return _Route(place, None)
    wait, connect = (min(seconds, LONGEST_TIMEOUT) for seconds in waits)
    kept = {name: value for name, value in settings.items() if not name.startswith(_POOLS_OWN)}
    own = {
        "connection_class": pool.connection_class,
        "max_connections": _CONNECTIONS,
        "timeout": LONGEST_TIMEOUT,
        "socket_timeout": wait,
        "socket_connect_timeout": connect,
        "decode_responses": False,
        "protocol": 2,  # every server speaks it
    }
    return _Route(place, {**kept, **own})


def _place(pool: Any, settings: Mapping[str, Any]) -> str:
    """Name the server that a pool leads to."""
    service = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis service {service}"
    if "path" in settings:
        return f"Redis at {settings['path']}"
    return f"Redis at {settings.get('host', 'localhost')}:{settings.get('port', 6379)}"


def _command(key: str, ask: Ask, expiry: int) -> tuple[str, int, str, str, str, str]:
    """Return the arguments of EVAL; the caller keeps them in no variable."""
    old = "" if ask.old is None else ask.old.reveal()
    new = "" if ask.new is None else ask.new.reveal()
    return _SCRIPT, 1, key, old, new, str(expiry)


def _held(reply: object) -> Held:
    """Read the script's answer, whether the client decodes or not."""
    swapped, seconds, microseconds, found = cast("list[Any]", reply)
    document = None
    if found is not None:
        text = found if isinstance(found, str) else bytes(found).decode(errors="replace")
        document = Secret(text)
    return Held(document, int(seconds) + int(microseconds) / 1e6, bool(swapped))

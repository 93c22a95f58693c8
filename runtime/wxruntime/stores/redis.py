"""Token stores for the processes of several machines, on a Redis server.

A store opens its own connections, with the address, the credentials and the TLS settings of the
client passed to it, but without that client's retries, and with timeouts of a few seconds.
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
"""Seconds for which a store made by `from_url` waits for the server, by default."""
LONGEST_TIMEOUT = 5.0
"""Seconds for which any store waits for the server at most, even if the client's timeout is longer.
"""
_CONNECTIONS = 16

# TIME comes last, because before Redis 5 a script may not write after it. A missing value and an
# empty one are the same here; an empty one is never written, and refused when it is read. If memory
# is full, Redis refuses the first write of a script if that write may need memory, but no write
# after it. EXPIRE needs none, so this script can store a small state all the same: the lease in it
# protects work that frees memory.
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
"""The prefixes of settings that are not copied, because they belong to the pool they came from."""


class RedisStore(Closing):
    """Keeps tokens on a Redis server, whose time it uses; safe to share between threads."""

    def __init__(self, client: redis.Redis, *, prefix: str = PREFIX) -> None:
        """Build a store from the settings of a client, without connecting.

        Args:
            client: Has the address, the credentials and the TLS settings; the caller closes it. A
                client that finds its server by a sentinel is used itself.
            prefix: The beginning of the store's keys.

        Raises:
            ValueError: If the client has no timeouts, or belongs to a cluster.
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
        """Replace the connections and the pool with its locks, which belong to the parent."""
        self._pool = self._route.pool(redis.BlockingConnectionPool, Retry(NoBackoff(), 0))
        if self._pool is not None:
            self._client = redis.Redis(connection_pool=self._pool)

    @classmethod
    def from_url(cls, url: str, *, prefix: str = PREFIX, timeout: float = TIMEOUT) -> Self:
        """Return a store for an address, without connecting.

        Args:
            url: `redis://[user:password]@host:port/db`, or with `rediss:` or `unix:`.
            prefix: The beginning of the store's keys.
            timeout: Seconds to wait for a connection, and again for each answer; at most 5.

        Raises:
            ValueError: If it is no such address; the error does not show it.
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
            kind: The kind of state.
            name: The name of the state; it holds no secret.
            change: As for `TokenStore.update`.

        Returns:
            The result of the change.

        Raises:
            StoreError: As for `TokenStore.update`.
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
        """Return the answer of the server, or the failure in words."""
        try:
            return _held(self._client.eval(*_command(key, ask, expiry)))
        except Exception as error:
            return in_words(error)
        except BaseException as interruption:
            # The frames of redis-py hold the password and the token.
            raise interruption.with_traceback(None) from None

    def close(self) -> None:
        """Close the connections that the store has opened."""
        if self._pool is not None:
            self._pool.disconnect()


class AsyncRedisStore:
    """Keeps tokens on a Redis server, whose time it uses; for one event loop."""

    def __init__(self, client: aioredis.Redis, *, prefix: str = PREFIX) -> None:
        """Build a store from the settings of a client; see `RedisStore`."""
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
        """Return a store for an address; see `RedisStore.from_url`."""
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
            kind: The kind of state.
            name: The name of the state; it holds no secret.
            change: As for `TokenStore.update`.

        Returns:
            The result of the change.

        Raises:
            StoreError: As for `TokenStore.update`.
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
        """Return the answer of the server, or the failure in words."""
        try:
            return _held(await self._client.eval(*_command(key, ask, expiry)))
        except Exception as error:
            return in_words(error)
        except BaseException as interruption:
            # The frames of redis-py hold the password and the token.
            raise interruption.with_traceback(None) from None

    async def close(self) -> None:
        """Close the connections that the store has opened."""
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
    """The server in errors: host and port, never a password."""
    options: Mapping[str, Any] | None = field(repr=False)
    """The settings of the store's own pool; None to use the client itself."""

    def pool(self, kind: type[Any], retry: object) -> Any:
        """Return the store's own pool; None if the client itself is used."""
        return None if self.options is None else kind(retry=retry, **self.options)


def _pool_of(kind: type[Any], address: Secret, timeout: float) -> Any:
    """Return a pool for an address, only for its settings; None if it is no address."""
    try:
        pool = kind.from_url(
            address.reveal(), socket_timeout=timeout, socket_connect_timeout=timeout
        )
        pool.connection_class(**pool.connection_kwargs)
        return pool
    except Exception:  # ValueError for the address, TypeError for an option in it, ...
        return None


def _route(client: object, ordinary: tuple[type[Any], ...]) -> _Route | str:
    """Return how to reach a client's server, or why this client cannot be used, in words."""
    pool: Any = getattr(client, "connection_pool", None)
    if pool is None:
        return (
            f"expected a redis.Redis, got {type(client).__name__}; for a cluster pass a client of "
            "its proxy, or of a single server beside it"
        )
    settings: dict[str, Any] = pool.connection_kwargs
    # The defaults of what a pool does not set differ between releases; a connection has them.
    connection = pool.connection_class(**settings)
    waits = (connection.socket_timeout, connection.socket_connect_timeout)
    if None in waits:
        return (
            "the client could wait for Redis forever; make it with socket_timeout=3 and "
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
    """Return the name of a pool's server, for errors."""
    service = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis service {service}"
    if "path" in settings:
        return f"Redis at {settings['path']}"
    return f"Redis at {settings.get('host', 'localhost')}:{settings.get('port', 6379)}"


def _command(key: str, ask: Ask, expiry: int) -> tuple[str, int, str, str, str, str]:
    """Return the arguments of EVAL; the caller must not keep them in a variable."""
    old = "" if ask.old is None else ask.old.reveal()
    new = "" if ask.new is None else ask.new.reveal()
    return _SCRIPT, 1, key, old, new, str(expiry)


def _held(reply: object) -> Held:
    """Read the answer of the script, decoded by the client or not."""
    swapped, seconds, microseconds, found = cast("list[Any]", reply)
    document = None
    if found is not None:
        text = found if isinstance(found, str) else bytes(found).decode(errors="replace")
        document = Secret(text)
    return Held(document, int(seconds) + int(microseconds) / 1e6, bool(swapped))

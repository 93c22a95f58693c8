"""The connections of a stream to its server.

They are made on first use, by the process and the event loop that use them, and nobody sees a
password: redis-py's errors and frames stay here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.redis import LONGEST_TIMEOUT, AsyncRedisStore
from wxruntime.stores.rediswords import in_words

try:
    import redis.asyncio as aioredis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import BusyLoadingError, ReadOnlyError
    from redis.exceptions import ConnectionError as NoConnection
    from redis.exceptions import TimeoutError as NoAnswer
except ModuleNotFoundError as missing:  # pragma: no cover - the store says it first
    if missing.name != "redis":
        raise
    raise ImportError(
        "a stream needs redis-py, which is not installed: pip install 'wxoa[redis]'", name="redis"
    ) from None

__all__ = ["Argument", "AwayError", "Link"]

Argument: TypeAlias = "str | bytes | int | float"

TIMEOUT = 3.0
"""How long to wait for a connection, and for each answer, in seconds."""
CONNECTIONS = 32
"""How many connections there are at most; who finds none free waits for one."""
_PASSING = (NoConnection, NoAnswer, BusyLoadingError, ReadOnlyError, OSError)
_PASSING_CODES = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN")
_REFUSED = ("AuthenticationError", "AuthorizationError", "NoPermissionError")
"""Subclasses of a lost connection that do not pass by themselves."""


class AwayError(StoreError):
    """Raised when the server cannot be reached for the moment."""


@frozen
class _Failure:
    """A failure, without anything of redis-py's."""

    words: str
    passing: bool


class Link:
    """Asks one server."""

    def __init__(self, url: Secret, prefix: str) -> None:
        """Keep the address; nothing is connected yet.

        Args:
            url: The server's address.
            prefix: What the keys of the leases begin with.

        Raises:
            ValueError: If it is no such address; it is not shown.
        """
        AsyncRedisStore.from_url(url.reveal(), prefix=prefix)
        self._url, self._prefix = url, prefix
        # Connections belong to the event loop that made them, and several callbacks may share them.
        self._made: dict[asyncio.AbstractEventLoop, _Made] = {}
        self.place = _place(self._client().connection_pool.connection_kwargs)

    @property
    def store(self) -> AsyncRedisStore:
        """The store of the leases, on the same server."""
        return self._here().store

    async def ask(self, script: str, keys: Sequence[str], args: Sequence[Argument] = ()) -> Any:
        """Run a script.

        Args:
            script: In Lua.
            keys: Its keys.
            args: Its arguments.

        Raises:
            AwayError: If the server cannot be reached for the moment.
            StoreError: If it refuses.
        """
        return await self._answer("EVAL", script, len(keys), *keys, *args)

    async def command(self, *command: Argument) -> Any:
        """Send one command; raises as `ask` does."""
        return await self._answer(*command)

    async def ring(self, after: Mapping[str, str], wait: float) -> set[str]:
        """Wait until there are entries behind some ids.

        Args:
            after: The id behind which to look, for each stream.
            wait: How long at most, in seconds; less than an answer may take.

        Returns:
            The streams that have some.
        """
        block = max(1, int(wait * 1000))
        found = await self._answer(
            "XREAD", "COUNT", 1, "BLOCK", block, "STREAMS", *after, *after.values()
        )
        return {bytes(stream).decode() for stream, _ in _pairs(found)}

    async def _answer(self, *command: Argument) -> Any:
        answer = await self._try(*command)
        if isinstance(answer, _Failure):
            kind = AwayError if answer.passing else StoreError
            raise kind(f"{self.place}: {answer.words}")
        return answer

    async def _try(self, *command: Argument) -> Any:
        try:
            return await self._here().client.execute_command(*command)
        except Exception as error:
            return _Failure(in_words(error), _passes(error))
        except BaseException as interruption:
            # redis-py's frames hold the password.
            raise interruption.with_traceback(None) from None

    def _here(self) -> _Made:
        """Return what belongs to this process and this event loop."""
        loop, process = asyncio.get_running_loop(), os.getpid()
        made = self._made.get(loop)
        if made is None or made.process != process:
            for ended in [other for other in list(self._made) if other.is_closed()]:
                self._made.pop(ended, None)
            store = AsyncRedisStore.from_url(self._url.reveal(), prefix=self._prefix)
            made = self._made[loop] = _Made(process, self._client(), store)
        return made

    def _client(self) -> Any:
        # redis-py's signatures are partly unknown.
        pools: Any = aioredis.BlockingConnectionPool
        pool = pools.from_url(
            self._url.reveal(),
            max_connections=CONNECTIONS,
            timeout=LONGEST_TIMEOUT,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # every server speaks it
            decode_responses=False,
        )
        return aioredis.Redis(connection_pool=pool)

    async def aclose(self) -> None:
        """Close the connections of this event loop; the next question makes others."""
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await made.client.connection_pool.disconnect()
            await made.store.close()


@frozen(eq=False)
class _Made:
    """What belongs to one process and one event loop."""

    process: int
    client: Any
    store: AsyncRedisStore


def _pairs(found: Any) -> list[Any]:
    """Return the streams of an answer, in either protocol's form."""
    if not found:
        return []
    return list(found.items()) if isinstance(found, dict) else list(found)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _passes(error: Exception) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    if names.intersection(_REFUSED):
        return False
    return isinstance(error, _PASSING) or str(error).startswith(_PASSING_CODES)


def _place(settings: Mapping[str, Any]) -> str:
    """Name the server, without its password."""
    if "path" in settings:
        return f"Redis at {settings['path']}"
    return f"Redis at {settings.get('host', 'localhost')}:{settings.get('port', 6379)}"

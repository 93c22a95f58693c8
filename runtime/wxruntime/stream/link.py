"""The connections of a stream to its Redis server.

They are made on first use, by the process and the event loop that use them. The errors and frames
of redis-py do not leave this module, because they may show a password.
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
"""Seconds to wait for a connection, and again for each answer."""
CONNECTIONS = 32
"""The number of connections at most; further requests wait for a free one."""
_PASSING = (NoConnection, NoAnswer, BusyLoadingError, ReadOnlyError, OSError)
_PASSING_CODES = ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN")
_REFUSED = ("AuthenticationError", "AuthorizationError", "NoPermissionError")
"""Subclasses of redis-py's ConnectionError that do not pass by themselves."""


class AwayError(StoreError):
    """Raised if the server cannot be reached at the moment."""


@frozen
class _Failure:
    """A failure in words, without the exception of redis-py."""

    words: str
    passing: bool


class Link:
    """Sends commands to one server."""

    def __init__(self, url: Secret, prefix: str) -> None:
        """Build a link without connecting.

        Args:
            url: The address of the server.
            prefix: The beginning of the leases' keys.

        Raises:
            ValueError: If it is no such address; the error does not show it.
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
            script: The script, in Lua.
            keys: Its keys.
            args: Its arguments.

        Returns:
            The result of the script.

        Raises:
            AwayError: If the server cannot be reached at the moment.
            StoreError: If the server refuses.
        """
        return await self._answer("EVAL", script, len(keys), *keys, *args)

    async def command(self, *command: Argument) -> Any:
        """Send one command; see `ask` for what it raises."""
        return await self._answer(*command)

    async def ring(self, after: Mapping[str, str], wait: float) -> set[str]:
        """Wait until a stream has entries after a given id.

        Args:
            after: Each stream with the id after which to look.
            wait: Seconds to wait at most; less than the timeout of an answer.

        Returns:
            The streams that have such entries.
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
            # The frames of redis-py hold the password.
            raise interruption.with_traceback(None) from None

    def _here(self) -> _Made:
        """Return the connections of this process and this event loop."""
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
        """Close the connections of this event loop; a later request opens new ones."""
        made = self._made.pop(asyncio.get_running_loop(), None)
        if made is not None:
            await made.client.connection_pool.disconnect()
            await made.store.close()


@frozen(eq=False)
class _Made:
    """The connections of one process and one event loop."""

    process: int
    client: Any
    store: AsyncRedisStore


def _pairs(found: Any) -> list[Any]:
    """Return the streams of an answer, in the form of either protocol version."""
    if not found:
        return []
    return list(found.items()) if isinstance(found, dict) else list(found)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _passes(error: Exception) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    if names.intersection(_REFUSED):
        return False
    return isinstance(error, _PASSING) or str(error).startswith(_PASSING_CODES)


def _place(settings: Mapping[str, Any]) -> str:
    """Return the name of the server for errors, without its password."""
    if "path" in settings:
        return f"Redis at {settings['path']}"
    return f"Redis at {settings.get('host', 'localhost')}:{settings.get('port', 6379)}"

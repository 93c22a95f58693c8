"""The asyncio client: other tasks run while a call waits for its answer."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from attrs import frozen

from wxruntime.call import Call
from wxruntime.concurrency.tasks import Tasks
from wxruntime.credentials import hidden
from wxruntime.dispatch import Options
from wxruntime.download import File, Saved, Target
from wxruntime.observe import OnCall
from wxruntime.redact import Secret
from wxruntime.retry import Retry
from wxruntime.setup import AnyClient, Ask, OwnTokens, set_up
from wxruntime.stores import AsyncTokenStore, TokenStore
from wxruntime.stores.memory import MemoryStore
from wxruntime.stores.state import Change
from wxruntime.tokensource import AsyncExternalSource
from wxruntime.transport import AsyncTransport, Timeout
from wxruntime.transport.aiohttp import AiohttpTransport

if TYPE_CHECKING:
    from typing_extensions import Self, TypeIs

__all__ = ["BaseAsyncClient"]

R = TypeVar("R")
T = TypeVar("T")


class BaseAsyncClient(AnyClient):
    """Sends calls for one account; belongs to one event loop.

    Use it as an asynchronous context manager, or await `close()`.
    """

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str | None = None,
        base_url: str | Sequence[str] | None = None,
        timeout: float | Timeout = 10.0,
        retry: Retry | None = None,
        token_store: AsyncTokenStore | TokenStore | None = None,
        token_source: OwnTokens | AsyncExternalSource = "stable",
        transport: AsyncTransport | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        """Build a client without sending anything; the first call fetches an access token.

        Args:
            app_id: See `BaseClient`, also for app_secret, base_url, timeout, retry and on_call.
            token_store: Where several processes share the access token. A blocking store is
                called in a thread. The caller closes the store.
            token_source: See `BaseClient`. A function may also return an awaitable; a blocking
                function is called in a thread.
            transport: Sends the requests; by default a pool of aiohttp connections. The caller
                closes a transport passed here.

        Raises:
            ValueError: If an argument cannot work.
        """
        secret = hidden(app_secret)
        app_secret = None  # the frame of an error would show it
        self.app_id = app_id
        self._options = Options(Timeout.of(timeout), retry or Retry())
        self._tasks = Tasks()
        self._owns_transport = transport is None
        self._transport = AiohttpTransport() if transport is None else transport
        self._dispatcher = set_up(
            self.service,
            app_id=app_id,
            app_secret=secret,
            base_url=base_url,
            options=self._options,
            token_source=_awaited(token_source) if callable(token_source) else token_source,
            token_store=_awaiting(token_store),
            transport=self._transport,
            concurrency=self._tasks,
            on_call=on_call,
        )

    async def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer; see `BaseClient.send`."""
        return await self._dispatcher.send(call, self._options)

    async def download(self, call: Call[File], target: Target) -> Saved:
        """Write the file that a call returns to a target; see `BaseClient.download`."""
        return await self._dispatcher.download(call, self._options, target)

    async def close(self) -> None:
        """Close the connections, and cancel a renewal of the access token in the background.

        Later calls raise a `TransportError`.
        """
        if self._borrowed:
            return
        self._dispatcher.closed = True
        await self._tasks.close()
        if self._owns_transport:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


@frozen
class _StoreInThread:
    """A blocking store, called in a thread."""

    store: TokenStore

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state."""
        return await asyncio.to_thread(self.store.update, account, change)

    async def close(self) -> None:
        """Close the store."""
        await asyncio.to_thread(self.store.close)


@frozen
class _MemoryAtOnce:
    """A store in memory, called without a thread because it never waits."""

    store: MemoryStore

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state."""
        return self.store.update(account, change)

    async def close(self) -> None:
        """Close the store."""


def _awaiting(store: AsyncTokenStore | TokenStore | None) -> AsyncTokenStore:
    """Return a store whose methods are awaited."""
    if store is None or isinstance(store, MemoryStore):
        return _MemoryAtOnce(store or MemoryStore())
    return store if _is_async(store) else _StoreInThread(store)


def _is_async(store: AsyncTokenStore | TokenStore) -> TypeIs[AsyncTokenStore]:
    return inspect.iscoroutinefunction(store.update)


def _awaited(source: Callable[[str | None], object]) -> Ask:
    """Return a token source that is awaited."""

    async def ask(refused: Secret | None) -> object:
        def call() -> object:
            return source(None if refused is None else refused.reveal())

        grant = call() if inspect.iscoroutinefunction(source) else await asyncio.to_thread(call)
        return await grant if inspect.isawaitable(grant) else grant

    return ask

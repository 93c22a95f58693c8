"""The client that blocks until a call is answered; safe to share between threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import frozen

from wxruntime.call import Call
from wxruntime.closing import Closing
from wxruntime.concurrency import run
from wxruntime.concurrency.threads import Threads
from wxruntime.credentials import hidden
from wxruntime.dispatch import Options
from wxruntime.download import File, Saved, Target
from wxruntime.observe import OnCall
from wxruntime.redact import Secret
from wxruntime.retry import Retry
from wxruntime.setup import AnyClient, Ask, OwnTokens, set_up
from wxruntime.stores import TokenStore
from wxruntime.stores.memory import MemoryStore
from wxruntime.stores.state import Change
from wxruntime.tokensource import ExternalSource
from wxruntime.transport import HttpRequest, HttpResponse, Timeout, Transport
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["BaseClient"]

R = TypeVar("R")
T = TypeVar("T")


class BaseClient(AnyClient, Closing):
    """Sends calls for one account; safe to share between threads.

    Use it as a context manager, or call `close()`.
    """

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str | None = None,
        base_url: str | Sequence[str] | None = None,
        timeout: float | Timeout = 10.0,
        retry: Retry | None = None,
        token_store: TokenStore | None = None,
        token_source: OwnTokens | ExternalSource = "stable",
        transport: Transport | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        """Build a client without sending anything; the first call fetches an access token.

        Args:
            app_id: The account's AppID.
            app_secret: The account's AppSecret; no log, repr or error shows it. Not needed if
                `token_source` is a function.
            base_url: Where to send calls instead of the platform's hosts: one address, or several
                in order of preference. While one address fails, the next one is used.
            timeout: Seconds for connecting, and again for the whole answer; or a `Timeout` with
                a value for each.
            retry: When a call is sent again, and how long a call may take in total; by default
                `Retry()`, at most 4 attempts within 30 seconds.
            token_store: Where several processes share the access token; by default this client
                keeps the token for itself. The caller closes the store.
            token_source: `stable` for the platform's stable token; `plain` for its older token,
                which becomes invalid when any process requests another one; or a function that
                asks your own token service. The function gets the token that the platform
                refused, or None, and returns an object with `access_token` and `expires_in`.
            transport: Sends the requests; by default a pool of urllib3 connections. The caller
                closes a transport passed here.
            on_call: Called with a `CallEvent` after each attempt.

        Raises:
            ValueError: If an argument cannot work.
        """
        secret = hidden(app_secret)
        app_secret = None  # the frame of an error would show it
        self.app_id = app_id
        self._options = Options(Timeout.of(timeout), retry or Retry())
        self._threads = Threads()
        self._owns_transport = transport is None
        self._transport = Urllib3Transport() if transport is None else transport
        store = MemoryStore() if token_store is None else token_store
        self._dispatcher = set_up(
            self.service,
            app_id=app_id,
            app_secret=secret,
            base_url=base_url,
            options=self._options,
            token_source=_blocking(token_source) if callable(token_source) else token_source,
            token_store=_BlockingStore(store),
            transport=_BlockingTransport(self._transport),
            concurrency=self._threads,
            on_call=on_call,
        )

    def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer.

        Raises:
            ApiError: If the platform answers with an error code.
            TransportError: If no complete answer came in time.
            DecodeError: If the answer does not match the specification.
            EncodeError: If a value cannot be written to the wire, or a file cannot be read.
            StoreError: If the token store fails, and a token fetched without it would end the
                token of other processes.
        """
        return run(self._dispatcher.send(call, self._options))

    def download(self, call: Call[File], target: Target) -> Saved:
        """Send a call and write the file that it returns to a target, chunk by chunk.

        Args:
            call: A call that returns a file, such as `media.get(media_id)`.
            target: A path, where the file appears only when it is complete; or an open binary
                file, which is written from its current position and stays open.

        Returns:
            The size, name and type of the file.

        Raises:
            WeChatError: As for `send`.
            OSError: If the target cannot be written.
        """
        return run(self._dispatcher.download(call, self._options, target))

    def close(self) -> None:
        """Close the connections; a connection in use is closed when its call ends.

        If the access token is being renewed in the background, wait for that, at most 20 seconds.
        Later calls raise a `TransportError`.
        """
        if self._borrowed:
            return
        self._dispatcher.closed = True
        self._threads.close()
        if self._owns_transport:
            self._transport.close()


# Parts that block, behind the interface of parts that are awaited.


@frozen
class _BlockingTransport:
    """A transport that blocks."""

    transport: Transport

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer."""
        return self.transport.send(request, timeout)

    async def close(self) -> None:
        """Close every connection."""
        self.transport.close()


@frozen
class _BlockingStore:
    """A store that blocks."""

    store: TokenStore

    async def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state."""
        return self.store.update(account, change)

    async def close(self) -> None:
        """Close the store."""
        self.store.close()


def _blocking(source: Callable[[str | None], object]) -> Ask:
    async def ask(refused: Secret | None) -> object:
        return source(None if refused is None else refused.reveal())

    return ask

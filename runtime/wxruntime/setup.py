"""The parts of both kinds of client, and the check of their arguments."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from wxruntime.call import Call
from wxruntime.concurrency import Concurrency
from wxruntime.credentials import check_credential
from wxruntime.dispatch import Dispatcher, Options, SendBy
from wxruntime.hosts import Hosts
from wxruntime.observe import Observer, OnCall
from wxruntime.redact import Secret
from wxruntime.retry import Deadline, Retry
from wxruntime.service import Service
from wxruntime.stores import AsyncTokenStore
from wxruntime.token import AccessTokens, Grant, TokenSource
from wxruntime.tokensource import Send, external, plain, stable
from wxruntime.transport import AsyncTransport, Timeout

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AnyClient", "Ask", "OwnTokens", "set_up"]

OwnTokens: TypeAlias = Literal["stable", "plain"]
"""The platform's two kinds of access tokens."""

Ask: TypeAlias = Callable[[Secret | None], Awaitable[object]]


class AnyClient:
    """The common part of both kinds of client."""

    service: ClassVar[Service]
    """The facts of the service, set by the generated client."""

    app_id: str
    _options: Options
    _dispatcher: Dispatcher
    _borrowed = False
    """Whether another client owns the connections, so that `close()` does nothing."""

    def with_options(
        self, *, timeout: float | Timeout | None = None, retry: Retry | None = None
    ) -> Self:
        """Return a client with other options, which shares everything else with this one.

        The new client needs no closing; close this one.

        Args:
            timeout: Seconds, or a `Timeout`; unchanged by default.
            retry: When a call is sent again; unchanged by default.

        Raises:
            ValueError: If the timeout is not above zero.
        """
        other = copy.copy(self)
        other._options = Options(
            self._options.timeout if timeout is None else Timeout.of(timeout),
            self._options.retry if retry is None else retry,
        )
        other._borrowed = True
        return other

    def __repr__(self) -> str:
        # A traceback may show a client whose __init__ has failed.
        dispatcher = vars(self).get("_dispatcher")
        where = f" at {dispatcher.hosts}" if isinstance(dispatcher, Dispatcher) else ", half made"
        return f"<{type(self).__name__} {self.app_id}{where}>"


def set_up(
    service: Service,
    *,
    app_id: str,
    app_secret: Secret | None,
    base_url: str | Sequence[str] | None,
    options: Options,
    token_source: OwnTokens | Ask,
    token_store: AsyncTokenStore,
    transport: AsyncTransport,
    concurrency: Concurrency,
    on_call: OnCall | None,
) -> Dispatcher:
    """Check the arguments of a client, and build what sends its calls.

    Raises:
        ValueError: If an argument cannot work.
    """
    check_credential("app_id", app_id)
    if app_secret is not None or not callable(token_source):
        check_credential("app_secret", app_secret)
    secret = app_secret or Secret("")
    hosts = Hosts(service.hosts if base_url is None else base_url)

    def tokens(send_by: SendBy) -> AccessTokens:
        async def send(call: Call[Grant], deadline: Deadline) -> Grant:
            return await send_by(call, options, deadline)

        source = _source(token_source, service, app_id, secret, send)
        return AccessTokens(source, token_store, app_id, concurrency)

    return Dispatcher(service, hosts, transport, concurrency, secret, Observer(on_call), tokens)


def _source(
    kind: OwnTokens | Ask, service: Service, app_id: str, app_secret: Secret, send: Send
) -> TokenSource:
    """Return the source of access tokens that a client was asked to use."""
    if callable(kind):
        return external(kind)
    if kind == "stable":
        return stable(service, app_id, app_secret, send)
    if kind == "plain":
        return plain(service, app_id, app_secret, send)
    raise ValueError(
        "token_source: expected 'stable', 'plain', or a function that returns a token, "
        f"got {kind!r}"
    )

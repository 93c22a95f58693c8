"""What both kinds of client are made of, and the check of what they are given."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from wxruntime.call import Call
from wxruntime.concurrency import Concurrency
from wxruntime.credentials import check_credential
from wxruntime.delivery import Delivery, Options
from wxruntime.hosts import Hosts
from wxruntime.observe import Observer, OnCall
from wxruntime.redact import Secret
from wxruntime.retry import Deadline, Retry
from wxruntime.service import Service
from wxruntime.stores import AsyncTokenStore
from wxruntime.token import AccessTokens, Grant, TokenSource
from wxruntime.tokensource import external, plain, stable
from wxruntime.transport import AsyncTransport, Timeout

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AnyClient", "Ask", "OwnTokens", "set_up"]

OwnTokens: TypeAlias = Literal["stable", "plain"]
"""The platform's two kinds of access tokens."""

Ask: TypeAlias = Callable[[Secret | None], Awaitable[object]]


class AnyClient:
    """What both kinds of client have."""

    service: ClassVar[Service]
    """The facts of the service, set by the generated client."""

    app_id: str
    _options: Options
    _delivery: Delivery
    _borrowed = False
    """Whether another client has to be closed for what this one uses."""

    def with_options(
        self, *, timeout: float | Timeout | None = None, retry: Retry | None = None
    ) -> Self:
        """Return a client that sends its calls otherwise, and shares everything with this one.

        Closing it closes nothing.

        Args:
            timeout: Seconds, or a `Timeout`; as it is by default.
            retry: When a call is sent again; as it is by default.

        Raises:
            ValueError: If the time-out cannot work.
        """
        other = copy.copy(self)
        other._options = Options(
            self._options.timeout if timeout is None else Timeout.of(timeout),
            self._options.retry if retry is None else retry,
        )
        other._borrowed = True
        return other

    def __repr__(self) -> str:
        # An error while it is made must not become another when it is shown.
        delivery = vars(self).get("_delivery")
        where = f" at {delivery.hosts}" if isinstance(delivery, Delivery) else ", half made"
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
) -> Delivery:
    """Check what a client is given, and put together what sends its calls.

    Raises:
        ValueError: If an argument cannot work.
    """
    check_credential("app_id", app_id)
    if app_secret is not None or not callable(token_source):
        check_credential("app_secret", app_secret)
    secret = app_secret or Secret("")
    hosts = Hosts(service.hosts if base_url is None else base_url)
    delivery = Delivery(service, hosts, transport, concurrency, secret, Observer(on_call))

    async def send(call: Call[Grant], deadline: Deadline) -> Grant:
        return await delivery.send_by(call, options, deadline)

    source: TokenSource
    if callable(token_source):
        source = external(token_source)
    elif token_source == "stable":
        source = stable(service, app_id, secret, send)
    elif token_source == "plain":
        source = plain(service, app_id, secret, send)
    else:
        raise ValueError(
            "token_source: expected 'stable', 'plain', or a function that returns a token, "
            f"got {token_source!r}"
        )
    delivery.tokens = AccessTokens(source, token_store, app_id, concurrency)
    return delivery

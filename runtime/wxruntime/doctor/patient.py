"""What is examined, and the clients that examine it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import field, frozen

from wxruntime.client import BaseClient
from wxruntime.redact import Secret
from wxruntime.retry import Retry
from wxruntime.service import Service
from wxruntime.surface import Surface
from wxruntime.token import Grant
from wxruntime.tokensource import ExternalSource
from wxruntime.transport import Transport

__all__ = ["Patient", "Token"]

_NOBODY = "doctor"
"""The app id of a client that asks without any."""


@frozen
class Token:
    """An access token at hand, as a client takes it from a token service."""

    secret: Secret
    expires_in: int
    """How long it still serves, in seconds."""

    @property
    def access_token(self) -> str:
        """The token."""
        return self.secret.reveal()


@frozen
class Patient:
    """An account, and how its calls are sent."""

    surface: Surface
    app_id: str
    app_secret: Secret
    base_urls: Sequence[str] | None
    """Where calls are sent; the platform's own hosts if None."""
    store: str | None = field(repr=False)
    """Where its processes share a token: a Redis URL, or the path of a file; None if nowhere."""
    token_source: Literal["stable", "plain"]
    path: str
    """The endpoint whose quota is asked for."""
    timeout: float
    """How long a check may take, in seconds."""

    @property
    def service(self) -> Service:
        """The facts of the service."""
        with self.anonymous(None) as client:
            return client.service

    @property
    def hosts(self) -> Sequence[str]:
        """The base URLs, the usual one first."""
        return self.service.hosts if self.base_urls is None else self.base_urls

    def anonymous(self, host: str | None, transport: Transport | None = None) -> BaseClient:
        """Make a client that asks one host once, without a token."""
        return self._client(_no_token, host, Retry.never(self.timeout), transport)

    def holding(self, token: Token, hosts: Sequence[str]) -> BaseClient:
        """Make a client that has this token and no way to come by another."""

        def source(refused: str | None) -> Grant:
            return token

        return self._client(source, hosts, Retry(deadline=self.timeout))

    def asking(self, hosts: Sequence[str]) -> BaseClient:
        """Make a client that can ask for tokens, which it does only by an explicit call."""
        return self.surface.client(
            app_id=self.app_id,
            app_secret=self.app_secret.reveal(),
            base_url=hosts,
            timeout=self.timeout,
            retry=Retry(deadline=self.timeout),
        )

    def _client(
        self,
        source: ExternalSource,
        base_url: str | Sequence[str] | None,
        retry: Retry,
        transport: Transport | None = None,
    ) -> BaseClient:
        return self.surface.client(
            app_id=_NOBODY,
            base_url=base_url,
            timeout=self.timeout,
            retry=retry,
            token_source=source,
            transport=transport,
        )


def _no_token(refused: str | None) -> Grant:
    raise AssertionError("this client sends no call that needs a token")

"""The client: send a call, read the envelope, return what the call decodes."""

from __future__ import annotations

import re
from typing import ClassVar, TypeVar

from wxruntime.call import Call
from wxruntime.closing import Closing
from wxruntime.credentials import check_credential
from wxruntime.envelope import read_answer, write_request
from wxruntime.errors import ApiError, DecodeError
from wxruntime.redact import Secret, redact
from wxruntime.service import Service
from wxruntime.token import AccessTokens, Grant
from wxruntime.transport import Transport, Urllib3Transport

__all__ = ["BaseClient"]

_DAY = 86400
_BASE_URL = re.compile(r"(?i:https?)://[^\s/?#@\\]+(/[^\s?#\\]*)?")

T = TypeVar("T")


class BaseClient(Closing):
    """Sends calls for one account; safe to share between threads.

    Use it as a context manager, or call `close()`.
    """

    service: ClassVar[Service]
    """The facts of the service, set by the generated client."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        base_url: str | None = None,
        timeout: float = 10.0,
        transport: Transport | None = None,
    ) -> None:
        """Send nothing yet; the access token is asked for when the first call needs it.

        Args:
            app_id: The account's AppID.
            app_secret: The account's AppSecret; it is never shown.
            base_url: Where to send calls instead of the platform's own host.
            timeout: Seconds to wait for a connection, and again for a whole answer.
            transport: What sends the requests; a pool of urllib3 connections by default.
                One that is given is the caller's to close.

        Raises:
            ValueError: If an argument cannot work.
        """
        check_credential("app_id", app_id)
        check_credential("app_secret", app_secret)
        base_url = self.service.hosts[0] if base_url is None else base_url.rstrip("/")
        if not _BASE_URL.fullmatch(base_url):
            raise ValueError(
                "base_url: expected an http:// or https:// address with a host, perhaps a path, "
                f"and no user name, query or fragment, got {redact(base_url)!r}"
            )
        if not 0 < timeout <= _DAY:
            raise ValueError(f"timeout: expected seconds, from above 0 to a day, got {timeout!r}")
        self.app_id = app_id
        self._app_secret = Secret(app_secret)
        self._base_url = base_url
        self._timeout = timeout
        self._owns_transport = transport is None
        self._transport = Urllib3Transport() if transport is None else transport
        self._tokens = AccessTokens(self._grant)

    def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer.

        A token the platform refuses is replaced, and the call is sent again exactly once: a
        refused token means that nothing was done.

        Raises:
            ApiError: If the platform answers with an error code.
            TransportError: If no whole answer came.
            DecodeError: If the answer is not what the specification describes.
        """
        if not call.token:
            return self._exchange(call, None)
        token = self._tokens.get()
        try:
            return self._exchange(call, token)
        except ApiError as error:
            if error.code not in self.service.dead_token:
                raise
            other = self._tokens.replace(token)
            if other is None:
                raise
        return self._exchange(call, other)

    def _exchange(self, call: Call[T], token: Secret | None) -> T:
        """Send one request and read its answer."""
        request = write_request(self.service, self._base_url, call, token)
        response = self._transport.send(request, self._timeout)
        # A call that sends secrets is answered with one: what came is not shown.
        private = bool(call.secrets)
        secrets = (self._app_secret,) if token is None else (self._app_secret, token)
        try:
            answer = read_answer(self.service, call.operation, response, secrets, private=private)
            return call.decode(answer)
        except DecodeError as error:
            failure = DecodeError(error.expected if private else error.problem, error.path)
        # Raised here and not where it was found: a decoder's frames hold the answer, which may
        # be a token.
        raise failure

    def _grant(self, force: bool) -> Grant:
        return self.send(self.service.grant(self.app_id, self._app_secret.reveal(), force))

    def close(self) -> None:
        """Close the connections; one that serves a call is closed when the call ends."""
        if self._owns_transport:
            self._transport.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.app_id} at {self._base_url}>"

"""The three sources of access tokens: stable tokens, plain tokens, your own token service."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from attrs import evolve

from wxruntime.call import Call
from wxruntime.errors import DecodeError, TransportError, WeChatError
from wxruntime.redact import Secret
from wxruntime.retry import Deadline
from wxruntime.service import Service
from wxruntime.token import Forcing, Grant, TokenSource

__all__ = ["AsyncExternalSource", "ExternalSource", "Send", "external", "plain", "stable"]

Send: TypeAlias = "Callable[[Call[Grant], Deadline], Awaitable[Grant]]"
ExternalSource: TypeAlias = "Callable[[str | None], Grant]"
"""Asks your own token service; it gets the token that the platform refused, or None."""
AsyncExternalSource: TypeAlias = "Callable[[str | None], Grant | Awaitable[Grant]]"

PLAIN_FORCING = Forcing(a_day=200, apart=30.0)
"""How often a refused plain token is replaced at most: a tenth of the 2,000 requests of a day."""


def stable(service: Service, app_id: str, app_secret: Secret, send: Send) -> TokenSource:
    """Return the source of stable tokens: every process of an account gets the same token.

    Args:
        service: The facts of the service, including the call for a token.
        app_id: The account's AppID.
        app_secret: The account's AppSecret.
        send: Sends the call.
    """

    async def fetch(forced: bool, refused: Secret | None, deadline: Deadline) -> Grant:
        call = service.grant(app_id, app_secret.reveal(), forced)
        # An unforced request changes nothing; a second forced one would end the first one's token.
        return await send(evolve(call, idempotent=not forced), deadline)

    forcing = Forcing(service.forces_a_day, service.force_apart)
    return TokenSource("stable", fetch, repeats=True, forcing=forcing)


def plain(service: Service, app_id: str, app_secret: Secret, send: Send) -> TokenSource:
    """Return the source of plain tokens: each request returns a new token and ends the old one.

    Raises:
        ValueError: If the service has no plain tokens.
    """
    grant = service.plain_grant
    if grant is None:
        raise ValueError("token_source: this service has no plain tokens, expected 'stable'")

    async def fetch(forced: bool, refused: Secret | None, deadline: Deadline) -> Grant:
        return await send(grant(app_id, app_secret.reveal()), deadline)

    return TokenSource("plain", fetch, repeats=False, forcing=PLAIN_FORCING)


def external(ask: Callable[[Secret | None], Awaitable[object]]) -> TokenSource:
    """Return the source that asks your own token service.

    Args:
        ask: Asks for a token; it gets the token that the platform refused, or None.
    """

    async def fetch(forced: bool, refused: Secret | None, deadline: Deadline) -> Grant:
        try:
            # No variable for the answer: the frames of an error would show the token in it.
            outcome = _granted(await ask(refused))
        except WeChatError:
            raise
        except Exception as error:
            problem = f"the token source given to the client failed ({type(error).__name__})"
            raise TransportError(problem, sent=False) from error
        if isinstance(outcome, DecodeError):
            raise outcome
        return outcome

    return TokenSource("external", fetch, repeats=True, forcing=None)


def _granted(grant: object) -> Grant | DecodeError:
    """Check what the caller's function returned; return an error instead of raising it here."""
    token = getattr(grant, "access_token", None)
    left = getattr(grant, "expires_in", None)
    if inspect.iscoroutine(grant):
        grant.close()
        problem = "an awaitable; an asynchronous source needs an AsyncClient"
    elif not isinstance(token, str) or type(left) is not int:
        problem = type(grant).__name__
    else:
        return _Granted(token, left)
    return DecodeError(
        "expected the token source given to the client to return access_token, a text, and "
        f"expires_in, whole seconds, for example an AccessToken, got {problem}"
    )


class _Granted:
    """A grant whose types have been checked."""

    def __init__(self, access_token: str, expires_in: int) -> None:
        self.access_token = access_token
        self.expires_in = expires_in

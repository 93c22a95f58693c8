"""Access tokens: one refresh at a time, early, and never for a token that is already gone."""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Protocol

from attrs import evolve, frozen

from wxruntime.errors import DecodeError, WeChatError
from wxruntime.forking import renew_after_fork
from wxruntime.redact import Secret

__all__ = ["AccessTokens", "Grant"]

_log = logging.getLogger("wxoa.token")

EARLY = 270.0
"""How long before expiry a token is renewed, in seconds. The platform hands out the next
token from 300 s before the end of the old one; asked earlier, it repeats the old one."""
FORCE_INTERVAL = 30.0
"""The least time between two forced renewals, in seconds; the platform refuses more."""
RETRY_EARLY = 10.0
"""How long to leave a failed early renewal alone while the old token still serves, in seconds."""
LONGEST = 86400
"""The longest a token is trusted, in seconds; the platform's last 7200, whatever an answer says."""

_LOOK_AGAIN = 1.0
"""How often who waits for a renewal looks whether anybody is at it, in seconds."""


class Grant(Protocol):
    """What the platform grants: a token and the seconds it has left."""

    @property
    def access_token(self) -> str:
        """The token."""
        ...

    @property
    def expires_in(self) -> int:
        """How long it still serves, in seconds."""
        ...


@frozen
class _Held:
    """A token, and when it is due and over, on the monotonic clock."""

    token: Secret
    renew_at: float
    expires_at: float


class AccessTokens:
    """The access token of one account, shared by all threads of this process.

    However many threads want a token, one asks the platform and the others take what it got,
    be it a token or an error.
    """

    def __init__(
        self, fetch: Callable[[bool], Grant], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Hold no token yet.

        Args:
            fetch: Asks the platform; the argument says whether to force a new token.
            clock: Seconds on a clock that never goes back.
        """
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._flight: Future[_Held] | None = None
        self._forced_at = float("-inf")
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Begin without the parent's lock and renewal; its token serves here as well."""
        self._lock = threading.Lock()
        self._flight = None

    def get(self) -> Secret:
        """Return a token that should still serve.

        Raises:
            WeChatError: If there is none and the platform grants none.
        """
        while True:
            held = self._held
            now = self._clock()
            if held is not None and now < held.renew_at:
                return held.token
            joined = self._join(held)
            if joined is None:
                continue
            flight, mine = joined
            if held is not None and now < held.expires_at:
                # It still serves: one thread renews it, and no other waits for that.
                return (self._renew_early(flight, held) if mine else held).token
            landed = self._renew(flight, force=False) if mine else self._outcome(flight)
            if landed is not None:
                return landed.token

    def replace(self, refused: Secret) -> Secret | None:
        """Return another token than the one the platform refused.

        What this process holds is compared first, then what the platform holds; only when both
        are the refused token is a new one forced, because that ends the old one for everybody.

        Returns:
            The other token, or None when there is none to be had now.

        Raises:
            WeChatError: If the platform grants none.
        """
        asked = False
        while True:
            held = self._held
            if held is not None and held.token.reveal() != refused.reveal():
                return held.token
            joined = self._join(held, force=asked)
            if joined is None:
                if self._held is held:
                    return None
                continue
            flight, mine = joined
            landed = self._renew(flight, force=asked) if mine else self._outcome(flight)
            asked = asked or landed is not None

    def _join(
        self, held: _Held | None, *, force: bool = False
    ) -> tuple[Future[_Held], bool] | None:
        """Return the renewal under way, and whether it is this thread that has to do it.

        None when what is held is no longer what the caller saw, or when it is too early to
        force: whatever a caller decides on is looked at again under the lock.
        """
        now = self._clock()
        with self._lock:
            if self._flight is not None:
                return self._flight, False
            if self._held is not held or (force and now - self._forced_at < FORCE_INTERVAL):
                return None
            if force:
                self._forced_at = now
            self._flight = Future()
            return self._flight, True

    def _renew(self, flight: Future[_Held], *, force: bool) -> _Held:
        """Ask the platform, and hand what came to every thread that waits."""
        try:
            flight.set_running_or_notify_cancel()
            asked_at = self._clock()
            grant = self._fetch(force)
            if not grant.access_token:
                raise DecodeError("expected a token, got empty text", ("access_token",))
            # The remaining time counts from before the question: the answer took time as well.
            left = float(min(max(grant.expires_in, 0), LONGEST))
            landed = _Held(
                Secret(grant.access_token), asked_at + left - min(EARLY, left / 10), asked_at + left
            )
        except BaseException as error:
            flight.set_exception(error)
            self._flight = None
            self._put_off()
            raise
        self._held = landed
        self._flight = None
        flight.set_result(landed)
        return landed

    def _put_off(self) -> None:
        """Leave a token that still serves alone for a while, never beyond its end."""
        if self._held is not None:
            again = min(self._clock() + RETRY_EARLY, self._held.expires_at)
            self._held = evolve(self._held, renew_at=again)

    def _renew_early(self, flight: Future[_Held], held: _Held) -> _Held:
        """Renew a token that still serves; a failure only puts the renewal off."""
        try:
            return self._renew(flight, force=False)
        except WeChatError as error:
            _log.warning("early renewal of the access token failed, will try again: %s", error)
            return held

    def _outcome(self, flight: Future[_Held]) -> _Held | None:
        """Wait for another thread's renewal; None when that thread was interrupted."""
        while True:
            try:
                error = flight.exception(timeout=_LOOK_AGAIN)
            except FutureTimeoutError:
                # Whoever was to do it was interrupted before it began, or its end got lost.
                if flight.running() and self._flight is flight:
                    continue
                self._abandon(flight)
                return None
            break
        if error is None:
            return flight.result()
        if isinstance(error, WeChatError):
            raise copy.copy(error)
        return None

    def _abandon(self, flight: Future[_Held]) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None

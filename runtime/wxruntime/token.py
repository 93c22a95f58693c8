"""Access tokens: one renewal at a time, ahead of expiry, in the background, and only if needed.

Before a refused token is replaced, it is compared with the token that this process holds, with the
one in the store, and with the one that the platform returns. Only if all three are the refused
token is a new one forced, because that ends the old token for all processes.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from typing import Protocol, TypeVar

from attrs import evolve, frozen

from wxruntime.concurrency import Concurrency
from wxruntime.errors import DecodeError, StoreError, TransportError, WeChatError
from wxruntime.forking import renew_after_fork
from wxruntime.redact import Secret
from wxruntime.retry import Deadline
from wxruntime.stores import AsyncTokenStore
from wxruntime.stores.state import (
    Busy,
    Change,
    Lease,
    StoredToken,
    TokenState,
    begin,
    end,
    force,
    look,
)

__all__ = ["AccessTokens", "Forcing", "Grant", "TokenSource"]

_log = logging.getLogger("wxoa.token")

R = TypeVar("R")

EARLY = 270.0
"""Seconds before expiry at which a token is renewed. The platform returns the next token from
300 s before the end of the old one; asked earlier, it returns the old one again."""
EARLY_SPREAD = 0.3
"""The part of that time by which processes differ at random, so that they do not ask at once."""
RETRY_EARLY = 10.0
"""Seconds after a failed early renewal before the next one, while the old token is valid."""
SPARE = 10.0
"""Seconds for which a stored token must still be valid for a process without one to take it."""
LONGEST = 86400.0
"""Seconds for which a token is used at most, whatever an answer says; the platform's last 7200."""
LEASE = 10.0
"""Seconds that a renewal may take before another process may begin one."""
RENEWAL = 2 * LEASE
"""Seconds that a process spends at most on waiting for the lease and renewing the token."""
FORCE_BUDGET = 3.0
"""Seconds of the lease that must remain to force a new token: if the answer comes after the lease,
the token of all processes has ended and no process has the new one."""
COOL_DOWN = 5.0
"""Seconds after a failed replacement before the platform is asked for another token."""
LEAST = 5.0
"""Seconds for which a granted token is used at least, whatever an answer says."""
REMEMBERED = 8
"""How many refused tokens are remembered."""
_POLL = (0.03, 0.12)
"""The bounds of the random wait, in seconds, before looking whether another process has renewed
the token."""


class Grant(Protocol):
    """A token that the platform has granted, and its validity."""

    @property
    def access_token(self) -> str:
        """The token."""
        ...

    @property
    def expires_in(self) -> int:
        """Seconds for which the token is still valid."""
        ...


@frozen
class Forcing:
    """How often a source may be forced to grant a new token."""

    a_day: int
    """How often in a day at most."""
    apart: float
    """Seconds between two forced tokens at least."""


@frozen
class TokenSource:
    """Where tokens come from, and what asking for one does."""

    name: str
    """Distinguishes the sources of one account, in a store's key and in logs."""
    fetch: Callable[[bool, Secret | None, Deadline], Awaitable[Grant]]
    """Asks for a token. Arguments: whether to force a new one, the refused token or None, and the
    deadline."""
    repeats: bool
    """Whether asking again returns the same token, so that no other process loses its token."""
    forcing: Forcing | None
    """How often a new token may be forced; None if it cannot be."""


@frozen
class _Held:
    """A token, with the times of its renewal and its expiry on the monotonic clock."""

    token: Secret
    renew_at: float
    expires_at: float


class AccessTokens:
    """The access token of one account, shared with all processes that use the same store."""

    def __init__(
        self,
        source: TokenSource,
        store: AsyncTokenStore,
        account: str,
        concurrency: Concurrency,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start without a token.

        Args:
            source: Where tokens come from.
            store: Where tokens are shared.
            account: The account, part of the store's key.
            concurrency: How to wait.
            clock: Returns seconds on a monotonic clock.
        """
        self._source = source
        self._store = store
        self._account = f"{account}:{source.name}"
        self._clock = clock
        self._concurrency = concurrency
        self._flight = concurrency.flight()
        self._owner = os.urandom(8).hex()
        self._held: _Held | None = None
        # Always replaced as a whole: other threads may be iterating over it.
        self._refused: tuple[Secret, ...] = ()
        """Tokens that the platform refused; a store that cannot be written may still hold them."""
        self._in_vain = 0
        """How often a refused token could not be replaced."""
        self._wait_until = -inf
        """The time before which the platform is not asked for another token."""
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Take another owner name for leases; the parent's token stays in use."""
        self._owner = os.urandom(8).hex()

    def held(self) -> Secret | None:
        """Return the valid token that this process holds, or None; start its renewal if due."""
        held = self._held
        if held is None:
            return None
        now = self._clock()
        if now >= held.expires_at:
            return None
        if now >= held.renew_at:
            self._put_off(held)
            self._flight.start(self._renew_early)
        return held.token

    async def get(self, deadline: Deadline) -> Secret:
        """Return a token that should be valid.

        Raises:
            WeChatError: If this process has none and none is granted.
        """
        token = self.held()
        if token is None:
            await self._join(None, deadline)
            assert self._held is not None  # a renewal without a token raises
            token = self._held.token
        return token

    async def replace(self, refused: Secret, deadline: Deadline) -> Secret | None:
        """Return another token than the one that the platform refused.

        Returns:
            The other token, or None if there is none for now.

        Raises:
            WeChatError: If the source fails.
        """
        before = self._in_vain
        while (other := self._other(refused)) is None and self._in_vain == before:
            if not self._is_refused(refused):
                self._refused = (*self._refused, refused)[-REMEMBERED:]
            await self._join(refused, deadline)
        return other

    def _other(self, refused: Secret) -> Secret | None:
        held = self._held
        if held is None or held.token.reveal() == refused.reveal():
            return None
        return None if self._is_refused(held.token) else held.token

    def _is_refused(self, token: Secret) -> bool:
        return any(token.reveal() == one.reveal() for one in self._refused)

    async def _join(self, refused: Secret | None, deadline: Deadline) -> None:
        """Start a renewal, or wait for the one that is under way."""
        while (left := deadline.left()) > 0:
            if await self._flight.join(partial(self._renew, refused), left):
                return
        raise TransportError("no access token in time: its renewal is still under way", sent=False)

    async def _renew_early(self) -> None:
        """Renew a token that is still valid; a failure only postpones the renewal."""
        deadline = Deadline(LEASE)
        try:
            try:
                found = await self._take(EARLY)
                if isinstance(found, Lease):
                    await self._renew_under(found, None, deadline)
            except StoreError as error:
                await self._renew_without_store(error, None, deadline)
        except WeChatError as error:
            _log.warning("early renewal of the access token failed, will try again: %s", error)

    async def _renew(self, refused: Secret | None) -> None:
        """Take another token from the store, or renew it when no other process does."""
        if refused is not None and self._other(refused) is not None:
            return  # the renewal before this one has replaced it
        try:
            if refused is None or self._clock() >= self._wait_until:
                await self._renew_in_turn(refused)
            else:
                await self._look()
        except StoreError as error:
            await self._renew_without_store(error, refused, Deadline(LEASE))
        if refused is not None and self._other(refused) is None:
            self._in_vain += 1
            self._wait_until = max(self._wait_until, self._clock() + COOL_DOWN)

    async def _renew_in_turn(self, refused: Secret | None) -> None:
        """Take the stored token, or else wait for the lease and renew the token."""
        patience = Deadline(RENEWAL)
        while True:
            budget = Deadline(LEASE)
            found = await self._take(SPARE)
            if isinstance(found, Lease):
                return await self._renew_under(found, refused, budget)
            if not isinstance(found, Busy):
                return None
            wait = min(random.uniform(*_POLL), found.left)
            if patience.left() < wait or not await self._concurrency.sleep(wait):
                raise TransportError(
                    "no access token in time: another process is renewing it", sent=False
                )

    async def _take(self, spare: float) -> StoredToken | Lease | Busy:
        """Take the stored token if it is valid long enough, or else the lease to renew it."""
        asked_at = self._clock()
        now, found = await self._update(
            begin(self._owner, LEASE, refused=self._refused, spare=spare, longest=LONGEST)
        )
        if isinstance(found, StoredToken):
            self._hold(found.token, asked_at, found.expires_at - now)
        return found

    async def _look(self) -> None:
        """Take the stored token if another process has renewed it."""
        asked_at = self._clock()
        now, found = await self._update(look(refused=self._refused, spare=SPARE, longest=LONGEST))
        if found is not None:
            self._hold(found.token, asked_at, found.expires_at - now)

    async def _update(self, change: Change[R]) -> tuple[float, R]:
        """Change the shared state; return the store's time and the result of the change."""

        def timed(state: TokenState, now: float) -> tuple[TokenState, tuple[float, R]]:
            changed, result = change(state, now)
            return changed, (now, result)

        return await self._store.update(self._account, timed)

    async def _renew_under(self, lease: Lease, refused: Secret | None, deadline: Deadline) -> None:
        """Ask for a token and store it."""
        asked_at = self._clock()
        try:
            grant = await self._ask(refused, deadline, lease)
        except BaseException:
            await self._end_in_vain(lease)
            raise
        if grant is None:
            await self._end_in_vain(lease)
            return
        token, left = _checked(grant)
        # The validity counts from before the request, because the answer took time as well.
        left -= self._clock() - asked_at
        try:
            now, stored = await self._update(end(lease, token, max(left, 0.0)))
        except StoreError as error:
            _log.warning(
                "the access token was not stored, other processes have to ask for it: %s", error
            )
        else:
            # If our lease had expired, the token of a later lease wins.
            assert stored is not None  # our token, or a later one
            token, left = stored.token, stored.expires_at - now
        self._hold(token, self._clock(), left)

    async def _ask(
        self, refused: Secret | None, deadline: Deadline, lease: Lease | None
    ) -> Grant | None:
        """Ask the source; force a new token only if the source returns the refused one again."""
        source = self._source
        if refused is None:
            return await source.fetch(False, None, deadline)
        if source.repeats:
            grant = await source.fetch(False, refused, deadline)
            if grant.access_token != refused.reveal():
                return grant
        limit = source.forcing
        if limit is None or lease is None or deadline.left() < FORCE_BUDGET:
            return None
        _, allowed = await self._update(force(lease, a_day=limit.a_day, apart=limit.apart))
        if not allowed:
            _log.warning("the access token was refused, and it is too early to force another")
            return None
        if deadline.left() < FORCE_BUDGET:
            _log.warning("no other access token was forced: the right to do so has run out")
            return None
        return await source.fetch(True, refused, deadline)

    async def _end_in_vain(self, lease: Lease) -> None:
        try:
            await self._update(end(lease))
        except StoreError:
            _log.debug("a lease was not released; it expires by itself", exc_info=True)

    async def _renew_without_store(
        self, error: StoreError, refused: Secret | None, deadline: Deadline
    ) -> None:
        """Go on without the store if that cannot end the token of another process.

        A source that repeats its token gives every process the same one; any other source would
        end the token of all other processes.
        """
        if not self._source.repeats:
            raise error
        _log.warning("going on without the token store: %s", error)
        asked_at = self._clock()
        grant = await self._ask(refused, deadline, None)
        if grant is not None:
            token, left = _checked(grant)
            self._hold(token, asked_at, left)

    def _hold(self, token: Secret, since: float, left: float) -> None:
        left = max(0.0, min(left, LONGEST))
        early = min(EARLY * (1 - EARLY_SPREAD * random.random()), left / 10)
        self._held = _Held(token, since + left - early, since + left)

    def _put_off(self, held: _Held) -> None:
        """Postpone the renewal of a token that is still valid, at most to its expiry."""
        again = min(self._clock() + RETRY_EARLY, held.expires_at)
        if self._held is held:
            self._held = evolve(held, renew_at=again)


def _checked(grant: Grant) -> tuple[Secret, float]:
    """Return a granted token and its validity in seconds."""
    if not grant.access_token:
        raise DecodeError("expected a token, got empty text", ("access_token",))
    return Secret(grant.access_token), float(min(max(grant.expires_in, LEAST), LONGEST))

"""Access tokens: one renewal at a time, early, in the background, and never for nothing.

A token is compared before it is renewed: with what this process holds, with what the store
holds, with what the platform holds. Only when all three are the one that was refused is a new
one forced, because that ends the old one for everybody.
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
"""How long before expiry a token is renewed, in seconds. The platform hands out the next
token from 300 s before the end of the old one; asked earlier, it repeats the old one."""
EARLY_SPREAD = 0.3
"""The part of that by which processes differ, so that they do not all come at once."""
RETRY_EARLY = 10.0
"""How long to leave a failed early renewal alone while the old token still serves, in seconds."""
SPARE = 10.0
"""How long a token of the store must still serve to be taken by who has none, in seconds."""
LONGEST = 86400.0
"""The longest a token is trusted, in seconds; the platform's last 7200, whatever an answer says."""
LEASE = 10.0
"""How long a renewal may take before others go on, in seconds."""
RENEWAL = 2 * LEASE
"""How long a process waits for its turn and renews, in seconds, whoever called first."""
FORCE_BUDGET = 3.0
"""How much of the lease must be left to force another token, in seconds: a forced request whose
answer comes too late ends the token of everybody, and nobody has the new one."""
COOL_DOWN = 5.0
"""How long not to ask for another token after there was none, in seconds."""
LEAST = 5.0
"""The least a granted token is trusted, in seconds, whatever an answer says."""
REMEMBERED = 8
"""How many refused tokens are remembered."""
_POLL = (0.03, 0.12)
"""How often to look whether another process has renewed the token: the bounds of a random wait."""


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
class Forcing:
    """How often a source lets itself be forced to give another token."""

    a_day: int
    apart: float
    """The least time between two, in seconds."""


@frozen
class TokenSource:
    """Where tokens come from, and what asking for one does."""

    name: str
    """Tells the sources of one account apart, in a store's key and in logs."""
    fetch: Callable[[bool, Secret | None, Deadline], Awaitable[Grant]]
    """Asks for a token: whether to force another one, which one was refused, by when."""
    repeats: bool
    """Whether asking again gives the same token, and so harms nobody."""
    forcing: Forcing | None
    """How often it may be forced; None when it cannot be."""


@frozen
class _Held:
    """A token, and when it is due and over, on the monotonic clock."""

    token: Secret
    renew_at: float
    expires_at: float


class AccessTokens:
    """The access token of one account, shared through a store with all who use that store."""

    def __init__(
        self,
        source: TokenSource,
        store: AsyncTokenStore,
        account: str,
        concurrency: Concurrency,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Hold no token yet.

        Args:
            source: Where tokens come from.
            store: Where they are shared.
            account: The account, for the store's key.
            concurrency: How to wait.
            clock: Seconds on a clock that never goes back.
        """
        self._source = source
        self._store = store
        self._account = f"{account}:{source.name}"
        self._clock = clock
        self._concurrency = concurrency
        self._flight = concurrency.flight()
        self._owner = os.urandom(8).hex()
        self._held: _Held | None = None
        # Replaced and never changed: other threads may be looking through it.
        self._refused: tuple[Secret, ...] = ()
        """What the platform refused: a store that cannot be written may still have it."""
        self._in_vain = 0
        """How often a refused token could not be replaced."""
        self._wait_until = -inf
        """Until when not to ask for another token, because there was none."""
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Take a name of its own for leases; the parent's token serves here as well."""
        self._owner = os.urandom(8).hex()

    def held(self) -> Secret | None:
        """Return the token that this process holds, and see to it that it is renewed in time."""
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
        """Return a token that should still serve.

        Raises:
            WeChatError: If there is none and none is granted.
        """
        token = self.held()
        if token is None:
            await self._join(None, deadline)
            assert self._held is not None  # a renewal without a result has raised
            token = self._held.token
        return token

    async def replace(self, refused: Secret, deadline: Deadline) -> Secret | None:
        """Return another token than the one the platform refused.

        Returns:
            The other token, or None when there is none to be had now.

        Raises:
            WeChatError: If none is granted.
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
        """Have the token renewed, or wait for the renewal that is under way."""
        while (left := deadline.left()) > 0:
            if await self._flight.join(partial(self._renew, refused), left):
                return
        raise TransportError("no access token in time: its renewal is still under way", sent=False)

    async def _renew_early(self) -> None:
        """Renew a token that still serves; a failure only puts the renewal off."""
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
        """Take another token from the store, or renew it as soon as nobody else does."""
        if refused is not None and self._other(refused) is not None:
            return  # whoever flew before has replaced it
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
        """Take the stored token, or the lease as soon as it is free, and renew the token."""
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
        """Take the stored token if it will do, or the lease to renew it."""
        asked_at = self._clock()
        now, found = await self._update(
            begin(self._owner, LEASE, refused=self._refused, spare=spare, longest=LONGEST)
        )
        if isinstance(found, StoredToken):
            self._hold(found.token, asked_at, found.expires_at - now)
        return found

    async def _look(self) -> None:
        """Take the stored token if somebody else has renewed it."""
        asked_at = self._clock()
        now, found = await self._update(look(refused=self._refused, spare=SPARE, longest=LONGEST))
        if found is not None:
            self._hold(found.token, asked_at, found.expires_at - now)

    async def _update(self, change: Change[R]) -> tuple[float, R]:
        """Change the shared state; return the store's time and what the change tells."""

        def timed(state: TokenState, now: float) -> tuple[TokenState, tuple[float, R]]:
            changed, told = change(state, now)
            return changed, (now, told)

        return await self._store.update(self._account, timed)

    async def _renew_under(self, lease: Lease, refused: Secret | None, deadline: Deadline) -> None:
        """Ask for a token and share it."""
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
        # The remaining time counts from before the question: the answer took time as well.
        left -= self._clock() - asked_at
        try:
            now, stored = await self._update(end(lease, token, max(left, 0.0)))
        except StoreError as error:
            _log.warning("the access token was not stored, others have to ask for it: %s", error)
        else:
            # Whoever came after our lease had run out knows better.
            assert stored is not None  # ours, or a later one
            token, left = stored.token, stored.expires_at - now
        self._hold(token, self._clock(), left)

    async def _ask(
        self, refused: Secret | None, deadline: Deadline, lease: Lease | None
    ) -> Grant | None:
        """Ask the source, and force another token only if it repeats the refused one."""
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
            _log.debug("a lease was not given back; it ends by itself", exc_info=True)

    async def _renew_without_store(
        self, error: StoreError, refused: Secret | None, deadline: Deadline
    ) -> None:
        """Go on without the store where that harms nobody.

        A source that repeats its token gives every process the same one; any other would end
        the token of everybody else.
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
        """Leave a token that still serves alone for a while, never beyond its end."""
        again = min(self._clock() + RETRY_EARLY, held.expires_at)
        if self._held is held:
            self._held = evolve(held, renew_at=again)


def _checked(grant: Grant) -> tuple[Secret, float]:
    """Return a granted token and how long it serves, in seconds."""
    if not grant.access_token:
        raise DecodeError("expected a token, got empty text", ("access_token",))
    return Secret(grant.access_token), float(min(max(grant.expires_in, LEAST), LONGEST))

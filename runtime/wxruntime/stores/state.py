"""What all processes of an account share, and the ways in which it may change.

Every change is a pure function of the state and of the store's own time. A store applies it
as one transaction, so the rules are the same in memory, in a file and in Redis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias, TypeVar

from attrs import evolve, field, frozen

from wxruntime.redact import Secret

__all__ = [
    "Busy",
    "Change",
    "Lease",
    "StoredToken",
    "TokenState",
    "begin",
    "end",
    "force",
    "look",
]

R = TypeVar("R")

_DAY = 86400.0
LONGEST_LEASE = 60.0
"""The longest a lease lasts, in seconds; one that seems longer was made by another clock."""
_STEP = 1.0
"""How far a clock is set back now and then, in seconds, without being another clock."""


@frozen
class StoredToken:
    """A token as the store keeps it."""

    token: Secret = field(eq=Secret.reveal)
    granted_at: float
    """When it was stored, in seconds on the store's clock."""
    expires_at: float
    """When it ends, in seconds on the store's clock."""
    fence: int
    """The number of the lease under which it was fetched."""


@frozen
class TokenState:
    """One account's state; a store that knows nothing of an account holds `TokenState()`."""

    stored: StoredToken | None = None
    fence: int = 0
    """The number of the last lease; each gets the next one."""
    owner: str = ""
    """Who holds the lease; empty when nobody does."""
    leased_until: float = 0.0
    """When the lease ends by itself, in seconds on the store's clock."""
    forced: tuple[float, ...] = field(default=())
    """When renewals were forced during the last day, in seconds on the store's clock."""


Change: TypeAlias = Callable[[TokenState, float], tuple[TokenState, R]]
"""From a state and the store's time in seconds to the next state and what is told about it."""


@frozen
class Lease:
    """The right to renew the token, for a while."""

    owner: str
    fence: int


@frozen
class Busy:
    """Somebody else is renewing the token."""

    left: float
    """How long the lease still lasts at most, in seconds."""


def _left(state: TokenState, now: float, longest: float) -> float:
    """Return how long the stored token still serves, in seconds; 0 when it does not.

    A clock that was set back must not make a token last longer than any is granted for.
    """
    left = 0.0 if state.stored is None else state.stored.expires_at - now
    return left if 0 < left <= longest + _STEP else 0.0


def _holds(state: TokenState, lease: Lease) -> bool:
    """Say whether nobody has had the lease since; a lost state may give its number again."""
    return state.fence == lease.fence and state.owner == lease.owner


def _usable(
    state: TokenState, now: float, refused: Collection[Secret], spare: float, longest: float
) -> StoredToken | None:
    """Return the stored token if it will do."""
    stored = state.stored
    if stored is None or _left(state, now, longest) <= spare:
        return None
    return None if any(stored.token.reveal() == one.reveal() for one in refused) else stored


def look(
    *, refused: Collection[Secret], spare: float, longest: float
) -> Change[StoredToken | None]:
    """Take the stored token if it will do; else nothing. The arguments are those of `begin`."""

    def change(state: TokenState, now: float) -> tuple[TokenState, StoredToken | None]:
        return state, _usable(state, now, refused, spare, longest)

    return change


def begin(
    owner: str, seconds: float, *, refused: Collection[Secret], spare: float, longest: float
) -> Change[StoredToken | Lease | Busy]:
    """Take the stored token if it will do, or else the lease to renew it, or else wait.

    Args:
        owner: Who wants the lease; a name that nobody else has.
        seconds: How long the lease lasts if it is never ended; at most a minute.
        refused: The tokens that the platform refused, which will not do.
        spare: How long a token must still serve to do, in seconds.
        longest: The longest any token is granted for, in seconds.
    """

    def change(state: TokenState, now: float) -> tuple[TokenState, StoredToken | Lease | Busy]:
        if (stored := _usable(state, now, refused, spare, longest)) is not None:
            return state, stored
        left = state.leased_until - now
        if state.owner and state.owner != owner and 0 < left <= LONGEST_LEASE + _STEP:
            return state, Busy(left)
        lease = Lease(owner, state.fence + 1)
        taken = evolve(state, owner=owner, fence=lease.fence, leased_until=now + seconds)
        return taken, lease

    return change


def force(lease: Lease, *, a_day: int, apart: float) -> Change[bool]:
    """Take one of the day's forced renewals, before it is sent: a crash must not give it back.

    Args:
        lease: The right to renew; whoever lost it may not force.
        a_day: How many there are in a day.
        apart: The least time between two, in seconds.
    """

    def change(state: TokenState, now: float) -> tuple[TokenState, bool]:
        # One in the future was made before the clock was set back: it happened all the same.
        forced = tuple(moment for moment in state.forced if abs(now - moment) < _DAY)
        allowed = (
            _holds(state, lease)
            and len(forced) < a_day
            and all(abs(now - moment) >= apart for moment in forced)
        )
        return evolve(state, forced=(*forced, now) if allowed else forced), allowed

    return change


def end(
    lease: Lease, token: Secret | None = None, expires_in: float = 0.0
) -> Change[StoredToken | None]:
    """Give the lease back, and store the token that was fetched under it.

    A token of an older lease than the stored one's is not stored: whoever came later, after
    the lease had run out, knows better.

    Returns (by the change): the token that is stored now, None when there is none.
    """

    def change(state: TokenState, now: float) -> tuple[TokenState, StoredToken | None]:
        stored = state.stored
        if token is not None and (stored is None or stored.fence <= lease.fence):
            # A lease the state knows nothing of is of a state that was lost. Its number would
            # shut out the leases that count anew from zero.
            fence = min(lease.fence, state.fence)
            stored = StoredToken(token, now, now + expires_in, fence)
        if _holds(state, lease):
            state = evolve(state, owner="", leased_until=0.0)
        return evolve(state, stored=stored), stored

    return change

"""The state that all processes of an account share, and its changes.

Every change is a pure function of the state and the store's time. A store applies it as one
transaction, so the rules are the same in memory, in a file and in Redis.
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
"""Seconds that a lease lasts at most; one that seems longer was made by another clock."""
_STEP = 1.0
"""Seconds by which a clock may be set back in a correction, without being another clock."""


@frozen
class StoredToken:
    """A token in the store."""

    token: Secret = field(eq=Secret.reveal)
    granted_at: float
    """When it was stored, in seconds on the store's clock."""
    expires_at: float
    """When it expires, in seconds on the store's clock."""
    fence: int
    """The number of the lease under which it was requested."""


@frozen
class TokenState:
    """The state of one account; `TokenState()` if the store has none."""

    stored: StoredToken | None = None
    fence: int = 0
    """The number of the last lease; each lease gets the next number."""
    owner: str = ""
    """The owner of the lease; empty if there is no lease."""
    leased_until: float = 0.0
    """When the lease expires, in seconds on the store's clock."""
    forced: tuple[float, ...] = field(default=())
    """The times of the last day's forced renewals, in seconds on the store's clock."""


Change: TypeAlias = Callable[[TokenState, float], tuple[TokenState, R]]
"""Returns the next state and a result, from a state and the store's time in seconds."""


@frozen
class Lease:
    """The right to renew the token, until it expires."""

    owner: str
    fence: int


@frozen
class Busy:
    """Another owner is renewing the token."""

    left: float
    """Seconds until that lease expires."""


def _left(state: TokenState, now: float, longest: float) -> float:
    """Return the seconds for which the stored token is still valid; 0 if it is not.

    After the clock was set back, no token must seem valid for longer than tokens are granted for.
    """
    left = 0.0 if state.stored is None else state.stored.expires_at - now
    return left if 0 < left <= longest + _STEP else 0.0


def _holds(state: TokenState, lease: Lease) -> bool:
    """Return whether no other owner has had the lease since.

    The owner is compared too, because a state that was lost starts its numbers again.
    """
    return state.fence == lease.fence and state.owner == lease.owner


def _usable(
    state: TokenState, now: float, refused: Collection[Secret], spare: float, longest: float
) -> StoredToken | None:
    """Return the stored token if it is not refused and valid for long enough; else None."""
    stored = state.stored
    if stored is None or _left(state, now, longest) <= spare:
        return None
    return None if any(stored.token.reveal() == one.reveal() for one in refused) else stored


def look(
    *, refused: Collection[Secret], spare: float, longest: float
) -> Change[StoredToken | None]:
    """Return the stored token if it is usable, or None; the arguments are those of `begin`."""

    def change(state: TokenState, now: float) -> tuple[TokenState, StoredToken | None]:
        return state, _usable(state, now, refused, spare, longest)

    return change


def begin(
    owner: str, seconds: float, *, refused: Collection[Secret], spare: float, longest: float
) -> Change[StoredToken | Lease | Busy]:
    """Return the stored token if it is usable, or else a lease to renew it, or else `Busy`.

    Args:
        owner: The owner of the lease, by a unique name.
        seconds: Seconds after which the lease expires if it is not ended; at most 60.
        refused: The tokens that the platform refused, which are not usable.
        spare: Seconds for which a usable token must still be valid.
        longest: Seconds for which tokens are granted at most.
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
    """Count a forced renewal before it is sent, so that a crash cannot undo the count.

    Args:
        lease: The lease of the caller; without it nothing may be forced.
        a_day: The number of forced renewals in a day at most.
        apart: Seconds between two forced renewals at least.

    Returns:
        A change whose result is whether the renewal may be forced.
    """

    def change(state: TokenState, now: float) -> tuple[TokenState, bool]:
        # A time in the future is from before the clock was set back, and counts all the same.
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
    """Release the lease, and store the token that was requested under it.

    If the stored token comes from a later lease, it is kept: this lease had expired, and its token
    is older.

    Returns:
        A change whose result is the token that is stored now; None if there is none.
    """

    def change(state: TokenState, now: float) -> tuple[TokenState, StoredToken | None]:
        stored = state.stored
        if token is not None and (stored is None or stored.fence <= lease.fence):
            # A number above the state's is from a state that was lost. Stored as it is, it would
            # keep out the tokens of new leases, whose numbers start again at 1.
            fence = min(lease.fence, state.fence)
            stored = StoredToken(token, now, now + expires_in, fence)
        if _holds(state, lease):
            state = evolve(state, owner="", leased_until=0.0)
        return evolve(state, stored=stored), stored

    return change

"""What does the store hold? It is looked at by the rules of the clients, and left as it is."""

from __future__ import annotations

import os
import time
from typing import TypeAlias

from attrs import evolve, frozen

from wxruntime.doctor.bounded import bounded
from wxruntime.doctor.failures import failure
from wxruntime.doctor.patient import Patient, Token
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.errors import WeChatError
from wxruntime.stores import TokenStore, is_redis, open_store
from wxruntime.stores.state import Busy, StoredToken, TokenState, begin
from wxruntime.token import LEASE, LONGEST, SPARE
from wxruntime.tokensource import PLAIN_FORCING

__all__ = ["Shared", "check_store"]

_CHECK = "store"
_DAY = 86400.0
_LONGEST_WAIT = 5.0
_NOBODY = "doctor"

_Moment: TypeAlias = "tuple[TokenState, float]"
"""A state, and the store's time in seconds."""


@frozen
class Shared:
    """What a client would find in the store."""

    token: Token | None = None
    """The token, if it serves."""
    age: float = 0.0
    """How long ago it was stored, in seconds."""
    renewal: float = 0.0
    """The seconds that another process may still be renewing the token; 0 if none is."""


def check_store(patient: Patient, report: Report) -> Shared | None:
    """Look into the store; return what is there, None if it cannot be looked into."""
    address = patient.store
    if address is None:
        report.show(Finding(_CHECK, Verdict.SKIPPED, "none given; --token-store takes one"))
        return Shared()
    if not is_redis(address) and not os.path.exists(address):
        return _missing(os.path.abspath(address), report)
    try:
        store = open_store(address, min(patient.timeout, _LONGEST_WAIT))
        began = time.monotonic()
        state, now = bounded(lambda: _look(patient, store), patient.timeout)
    except (WeChatError, TimeoutError, ImportError) as error:
        report.show(failure(_CHECK, error))
        return None
    place = f"{store!r} answers after {1000 * (time.monotonic() - began):.0f} ms"
    shared = _shared(state, now)
    if shared.token is not None:
        report.hide(shared.token.secret)
    left, limit = _forces_left(patient, state, now)
    renewed = f"renewed by another process for {shared.renewal:.0f} s at most"
    lease = renewed if shared.renewal else "free"
    said = f"{_described(state, now)}; lease {lease}; {left} of {limit} forced renewals left today"
    found = Finding(_CHECK, Verdict.OK, f"{place}: {said}")
    if not left:
        remedy = "Look for the program that ends this account's tokens without this store."
        found = evolve(found, verdict=Verdict.WARNING, remedy=remedy)
    report.show(found)
    return shared


def _missing(path: str, report: Report) -> Shared | None:
    """Leave a file that is not there to the clients: the one who creates it owns it."""
    folder = os.path.dirname(path)
    if os.path.isdir(folder):
        details = f"{path} is not there yet; the first client to need it creates it"
        report.show(Finding(_CHECK, Verdict.OK, details))
        return Shared()
    details = f"{path}: the folder {folder} does not exist, or may not be entered"
    report.show(
        Finding(_CHECK, Verdict.FAILED, details, "Create the folder, for the clients' user.")
    )
    return None


def _look(patient: Patient, store: TokenStore) -> _Moment:
    """Read the state, and change nothing."""

    def change(state: TokenState, now: float) -> tuple[TokenState, _Moment]:
        return state, (state, now)

    try:
        # By the name under which a client's access tokens are kept.
        return store.update(f"{patient.app_id}:{patient.token_source}", change)
    finally:
        store.close()


def _shared(state: TokenState, now: float) -> Shared:
    """Return what a client would be told, by what it would ask."""
    take = begin(_NOBODY, LEASE, refused=(), spare=SPARE, longest=LONGEST)
    _, found = take(state, now)
    _, other = take(evolve(state, stored=None), now)
    renewal = other.left if isinstance(other, Busy) else 0.0
    if not isinstance(found, StoredToken):
        return Shared(renewal=renewal)
    token = Token(found.token, int(found.expires_at - now))
    return Shared(token, now - found.granted_at, renewal)


def _described(state: TokenState, now: float) -> str:
    """Describe the stored token, and nothing of its text."""
    stored = state.stored
    if stored is None:
        return "no token yet"
    age, left = now - stored.granted_at, stored.expires_at - now
    if left <= 0:
        return f"a token that ended {-left:.0f} s ago"
    return f"a token {age:.0f} s old, {left:.0f} s left"


def _forces_left(patient: Patient, state: TokenState, now: float) -> tuple[int, int]:
    """Return how many forced renewals are left today, and how many a day has."""
    stable = patient.token_source == "stable"
    limit = patient.service.forces_a_day if stable else PLAIN_FORCING.a_day
    used = sum(abs(now - moment) < _DAY for moment in state.forced)
    return max(0, limit - used), limit

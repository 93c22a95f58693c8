"""The access tokens of the local WeChat, of two independent kinds.

The stable token is shared by all callers, and a new one can be forced only so often. A plain token
is new each time, and the one before it stays valid for five more minutes.
"""

from __future__ import annotations

import re
import secrets

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["LOOK", "PLAIN", "STABLE", "Tokens"]

STABLE = "stable"
PLAIN = "plain"

LIFETIME = 7200
"""How long a token is valid, in seconds."""
RENEWED = 300
"""How long before its expiry a stable token is renewed, in seconds; until then it is shared."""
FORCE_INTERVAL = 30
"""The shortest time between two forced renewals, in seconds."""
FORCES_A_DAY = 20
"""How often a renewal may be forced in a day."""
OVERLAP = 300
"""How long a plain token stays valid after a newer one was fetched, in seconds."""
_DAY = 86400
_PREFIX = "local-"
LOOK = re.compile(rf"{_PREFIX}[0-9a-f]{{8,}}")
"""The form of every token, also of one that was cut short."""

INVALID_CREDENTIAL = 40001
INVALID_ACCESS_TOKEN = 40014
ACCESS_TOKEN_MISSING = 41001
ACCESS_TOKEN_EXPIRED = 42001
DAILY_LIMIT = 45009
TOO_FREQUENT = 45011


def _none_yet() -> dict[str, int]:
    return {STABLE: 0, PLAIN: 0}


@define
class Tokens:
    """The tokens of one account."""

    current: dict[str, str] = field(factory=dict[str, str], repr=False)
    """Kind → the latest token, unless it was revoked."""
    ends: dict[str, float] = field(factory=dict[str, float], repr=False)
    """Token → when it expires; a token that is not here was revoked or expired a day ago."""
    forced: list[float] = field(factory=list[float])
    """When renewals were forced in the last day."""
    fetched: dict[str, int] = field(factory=_none_yet)
    """Kind → how often a token was fetched."""

    def fetch(self, now: float, *, force: bool) -> tuple[str, int]:
        """Return the stable token, and the seconds for which it is still valid.

        Raises:
            Refusal: If `force` is set too soon or too often.
        """
        self.fetched[STABLE] += 1
        if force:
            self._force(now)
        elif self.ends.get(self.current.get(STABLE, ""), 0.0) - now <= RENEWED:
            self._renew(STABLE, now)
        token = self.current[STABLE]
        return token, int(self.ends[token] - now)

    def fetch_plain(self, now: float) -> tuple[str, int]:
        """Return a new plain token, and the seconds for which it is valid."""
        self.fetched[PLAIN] += 1
        former = self.current.get(PLAIN)
        if former is not None:
            self.ends[former] = min(self.ends[former], now + OVERLAP)
        return self._renew(PLAIN, now), LIFETIME

    def _force(self, now: float) -> None:
        self.forced = [moment for moment in self.forced if now - moment < _DAY]
        if len(self.forced) >= FORCES_A_DAY:
            raise Refusal(DAILY_LIMIT)
        if self.forced and now - self.forced[-1] < FORCE_INTERVAL:
            raise Refusal(TOO_FREQUENT)
        self.forced.append(now)
        self.revoke(STABLE)
        self._renew(STABLE, now)

    def _renew(self, kind: str, now: float) -> str:
        # The current tokens stay, even if expired: the next fetch looks their expiry up.
        current = self.current.values()
        self.ends = {t: end for t, end in self.ends.items() if now - end < _DAY or t in current}
        token = f"{_PREFIX}{secrets.token_hex(32)}"
        self.current[kind] = token
        self.ends[token] = now + LIFETIME
        return token

    def revoke(self, kind: str) -> None:
        """Make the current token invalid at once, as a forced renewal by another caller does."""
        self.ends.pop(self.current.pop(kind, ""), None)

    def check(self, token: str | None, now: float) -> None:
        """Refuse a request whose token is missing, invalid or expired."""
        if not token:
            raise Refusal(ACCESS_TOKEN_MISSING)
        if not token.startswith(_PREFIX):
            raise Refusal(INVALID_ACCESS_TOKEN)
        if token not in self.ends:
            raise Refusal(INVALID_CREDENTIAL)
        if self.ends[token] <= now:
            raise Refusal(ACCESS_TOKEN_EXPIRED)

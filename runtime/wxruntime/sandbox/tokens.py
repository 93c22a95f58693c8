"""The local WeChat's access tokens: shared, expiring, and forced anew only so often."""

from __future__ import annotations

import secrets

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["Tokens"]

LIFETIME = 7200
"""How long a token serves, in seconds."""
RENEWED = 300
"""How long before its end a token is renewed, in seconds; until then it is repeated."""
FORCE_INTERVAL = 30
"""The least time between two forced renewals, in seconds."""
FORCES_A_DAY = 20
"""How often a renewal may be forced in a day."""
_DAY = 86400
_PREFIX = "local-"

INVALID_CREDENTIAL = 40001
INVALID_ACCESS_TOKEN = 40014
ACCESS_TOKEN_MISSING = 41001
ACCESS_TOKEN_EXPIRED = 42001
DAILY_LIMIT = 45009
TOO_FREQUENT = 45011


@define
class Tokens:
    """The tokens of one account."""

    current: str = ""
    ends: dict[str, float] = field(factory=dict[str, float])
    """When each token that was handed out ends; a token that is not here was ended early."""
    forced: list[float] = field(factory=list[float])
    fetched: int = 0
    """How often a token was asked for."""

    def fetch(self, now: float, *, force: bool) -> tuple[str, int]:
        """Hand out the token everybody shares, and the seconds it has left."""
        self.fetched += 1
        if force:
            self._force(now)
        elif self.ends.get(self.current, 0.0) - now <= RENEWED:
            self._renew(now)
        return self.current, int(self.ends[self.current] - now)

    def _force(self, now: float) -> None:
        self.forced = [moment for moment in self.forced if now - moment < _DAY]
        if len(self.forced) >= FORCES_A_DAY:
            raise Refusal(DAILY_LIMIT)
        if self.forced and now - self.forced[-1] < FORCE_INTERVAL:
            raise Refusal(TOO_FREQUENT)
        self.forced.append(now)
        self.revoke()
        self._renew(now)

    def _renew(self, now: float) -> None:
        self.current = f"{_PREFIX}{secrets.token_hex(32)}"
        self.ends[self.current] = now + LIFETIME

    def revoke(self) -> None:
        """End the current token at once, as another caller who forces a new one does."""
        self.ends.pop(self.current, None)
        self.current = ""

    def check(self, token: str | None, now: float) -> None:
        """Refuse a request whose token does not serve."""
        if not token:
            raise Refusal(ACCESS_TOKEN_MISSING)
        if not token.startswith(_PREFIX):
            raise Refusal(INVALID_ACCESS_TOKEN)
        if token not in self.ends:
            raise Refusal(INVALID_CREDENTIAL)
        if self.ends[token] <= now:
            raise Refusal(ACCESS_TOKEN_EXPIRED)

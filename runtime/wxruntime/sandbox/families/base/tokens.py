"""Access tokens."""

from __future__ import annotations

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import Given, as_json
from wxruntime.sandbox.families.base import proof
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import boolean

__all__ = ["ELSEWHERE", "TokenCalls"]

ELSEWHERE = "203.0.113.7"
"""The caller's address in the refusal; reserved for documentation (RFC 5737)."""

INVALID_GRANT_TYPE = 40002
IP_NOT_LISTED = 40164


class TokenCalls(Family):
    """Answers the calls that fetch an access token."""

    def stable_token(self, given: Given) -> Outgoing:
        self._check(given)
        force = boolean(given["force_refresh"] or None, "force_refresh", False)
        token, left = self._state.tokens.fetch(self._state.clock.now(), force=force)
        return as_json({"access_token": token, "expires_in": left})

    def token(self, given: Given) -> Outgoing:
        self._check(given)
        token, left = self._state.tokens.fetch_plain(self._state.clock.now())
        return as_json({"access_token": token, "expires_in": left})

    def _check(self, given: Given) -> None:
        """Refuse a call that may not have a token."""
        if given["grant_type"] != "client_credential":
            raise Refusal(INVALID_GRANT_TYPE)
        proof.check(given, self._state.account)
        if self._state.refuses_ip:
            message = f"invalid ip {ELSEWHERE} ipv6 ::ffff:{ELSEWHERE}, not in whitelist"
            raise Refusal(IP_NOT_LISTED, message)

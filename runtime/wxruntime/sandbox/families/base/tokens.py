"""Access tokens and addresses."""

from __future__ import annotations

import secrets

from attrs import field, frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import Given, Handlers, as_json
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.world import World
from wxruntime.wire import boolean

__all__ = ["ELSEWHERE", "handlers"]

ELSEWHERE = "203.0.113.7"
"""The address that is on no list; it is nobody's (RFC 5737)."""

INVALID_GRANT_TYPE = 40002
INVALID_APPID = 40013
INVALID_APP_SECRET = 40125
IP_NOT_LISTED = 40164
APPID_MISSING = 41002
APP_SECRET_MISSING = 41004


def handlers(world: World) -> Handlers:
    """Return what answers this family's calls."""
    family = _Tokens(world)
    return {
        "base.stable_token": family.stable_token,
        "base.token": family.token,
        "base.get_callback_ip": family.get_callback_ip,
    }


@frozen
class _Tokens:
    world: World = field(repr=False)

    def stable_token(self, given: Given) -> Outgoing:
        self._check(given)
        force = boolean(given["force_refresh"] or None, "force_refresh", False)
        token, left = self.world.tokens.fetch(self.world.clock.now(), force=force)
        return as_json({"access_token": token, "expires_in": left})

    def token(self, given: Given) -> Outgoing:
        self._check(given)
        token, left = self.world.tokens.fetch_plain(self.world.clock.now())
        return as_json({"access_token": token, "expires_in": left})

    def get_callback_ip(self, given: Given) -> Outgoing:
        # The platform lists single addresses and networks; pushes come from the first here.
        return as_json({"ip_list": ["127.0.0.1", "203.0.113.0/25"]})

    def _check(self, given: Given) -> None:
        """Refuse whoever is to be given no token."""
        account = self.world.account
        if given["grant_type"] != "client_credential":
            raise Refusal(INVALID_GRANT_TYPE)
        if not given["app_id"]:
            raise Refusal(APPID_MISSING)
        if not given["app_secret"]:
            raise Refusal(APP_SECRET_MISSING)
        if given["app_id"] != account.app_id:
            raise Refusal(INVALID_APPID)
        if not secrets.compare_digest(given["app_secret"].encode(), account.app_secret.encode()):
            raise Refusal(INVALID_APP_SECRET)
        if self.world.refuses_ip:
            said = f"invalid ip {ELSEWHERE} ipv6 ::ffff:{ELSEWHERE}, not in whitelist"
            raise Refusal(IP_NOT_LISTED, said)

"""Quotas and failed requests."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, Handlers, as_json
from wxruntime.sandbox.families.base import proof
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.state import PlatformState
from wxruntime.wire import JsonObject

__all__ = ["handlers"]

PATH_MISWRITTEN = 76003
PATH_NOT_FOUND = 76021
PATH_NOT_ALLOWED = 76022


def handlers(state: PlatformState) -> Handlers:
    """Return what answers this family's calls."""
    family = _Quotas(state, frozenset(e.path for e in state.catalog.endpoints.values()))
    return {
        "base.get_quota": family.get_quota,
        "base.clear_quota": family.clear_quota,
        "base.clear_quota_by_app_secret": family.clear_quota_by_app_secret,
        "base.clear_api_quota": family.clear_api_quota,
        "base.get_rid": family.get_rid,
    }


@frozen
class _Quotas:
    state: PlatformState = field(repr=False)
    paths: frozenset[str]

    def get_quota(self, given: Given) -> Outgoing:
        quota = self.state.quotas.of(self._path(given))
        used = quota.used(self.state.clock.now())
        shown: JsonObject = {
            "daily_limit": quota.limit,
            "used": used,
            "remain": quota.limit - used,
        }
        return as_json({"errcode": 0, "errmsg": "ok", "quota": shown})

    def clear_quota(self, given: Given) -> Outgoing:
        if given["app_id"] != self.state.account.app_id:
            raise Refusal(proof.INVALID_APPID)
        self.state.quotas.reset(self.state.clock.now())
        return DONE

    def clear_quota_by_app_secret(self, given: Given) -> Outgoing:
        proof.check(given, self.state.account)
        self.state.quotas.reset(self.state.clock.now())
        return DONE

    def clear_api_quota(self, given: Given) -> Outgoing:
        self.state.quotas.reset(self.state.clock.now(), self._path(given))
        return DONE

    def get_rid(self, given: Given) -> Outgoing:
        request = self.state.refused_requests.find(given["rid"], self.state.clock.now())
        return as_json(
            {
                "errcode": 0,
                "errmsg": "ok",
                "request": {
                    "invoke_time": request.time,
                    "cost_in_ms": 0,
                    "request_url": request.query,
                    "request_body": request.body,
                    "response_body": request.response,
                    "client_ip": "127.0.0.1",
                },
            }
        )

    def _path(self, given: Given) -> str:
        """Return the endpoint that is asked about; refuse what is none."""
        path = given["cgi_path"]
        if not path.startswith("/"):
            raise Refusal(PATH_MISWRITTEN)
        if path.startswith("/sns/"):
            raise Refusal(PATH_NOT_ALLOWED)
        if path not in self.paths:
            raise Refusal(PATH_NOT_FOUND)
        return path

"""API quotas, and the requests that were refused."""

from __future__ import annotations

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, as_json
from wxruntime.sandbox.families.base import proof
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import JsonObject

__all__ = ["QuotaCalls"]

PATH_MISWRITTEN = 76003
PATH_NOT_FOUND = 76021
PATH_NOT_ALLOWED = 76022


class QuotaCalls(Family):
    """Answers the calls about quotas and refused requests."""

    def get_quota(self, given: Given) -> Outgoing:
        quota = self._state.quotas.of(self._path(given))
        used = quota.used(self._state.clock.now())
        shown: JsonObject = {
            "daily_limit": quota.limit,
            "used": used,
            "remain": quota.limit - used,
        }
        return as_json({"errcode": 0, "errmsg": "ok", "quota": shown})

    def clear_quota(self, given: Given) -> Outgoing:
        if given["app_id"] != self._state.account.app_id:
            raise Refusal(proof.INVALID_APPID)
        self._state.quotas.reset(self._state.clock.now())
        return DONE

    def clear_quota_by_app_secret(self, given: Given) -> Outgoing:
        proof.check(given, self._state.account)
        self._state.quotas.reset(self._state.clock.now())
        return DONE

    def clear_api_quota(self, given: Given) -> Outgoing:
        self._state.quotas.reset(self._state.clock.now(), self._path(given))
        return DONE

    def get_rid(self, given: Given) -> Outgoing:
        request = self._state.refused_requests.find(given["rid"], self._state.clock.now())
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
        """Return the path that the call names; refuse one that no endpoint has."""
        path = given["cgi_path"]
        if not path.startswith("/"):
            raise Refusal(PATH_MISWRITTEN)
        if path.startswith("/sns/"):
            raise Refusal(PATH_NOT_ALLOWED)
        if path not in {e.path for e in self._state.catalog.endpoints.values()}:
            raise Refusal(PATH_NOT_FOUND)
        return path

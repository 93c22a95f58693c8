"""The platform's side of every call: find the endpoint, check the request, answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import Attribute, field, frozen

from wxruntime.catalog import Catalog, Endpoint
from wxruntime.credentials import check_credential
from wxruntime.errors import DecodeError
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.desk import MAX_WAIT_CASES, Changes, Conversation, Desk
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.tokens import Tokens
from wxruntime.wire import JsonObject, boolean, json, text

__all__ = ["Account", "Platform"]

INVALID_GRANT_TYPE = 40002
INVALID_APPID = 40013
INVALID_PARAMETER = 40035
INVALID_URL = 40066
INVALID_APP_SECRET = 40125
APPID_MISSING = 41002
APP_SECRET_MISSING = 41004
WRONG_METHOD = 43002
EMPTY_BODY = 44002
NOT_JSON = 47001

Parameters: TypeAlias = "dict[str, str]"
Handler: TypeAlias = "Callable[[Parameters], JsonObject]"


def _shown(instance: object, attribute: Attribute[str], value: str) -> None:
    """Refuse what no client can be given."""
    check_credential(attribute.name, value)


@frozen
class Account:
    """The Official Account that the local WeChat knows."""

    app_id: str = field(validator=_shown)
    app_secret: str = field(validator=_shown, repr=False)
    user_name: str = "gh_local"
    """Its original id, the receiver of every push."""


class Platform:
    """Answers the calls that a catalog describes; not safe for threads by itself."""

    def __init__(
        self, catalog: Catalog, account: Account, clock: Clock, push: Callable[[Changes], None]
    ) -> None:
        """Serve one account.

        Args:
            catalog: What there is to be called.
            account: Who may call.
            clock: Tells the time.
            push: Takes what is to be told to the callback.
        """
        self.desk = Desk()
        self.tokens = Tokens()
        self._catalog = catalog
        self._account = account
        self._clock = clock
        self._push = push
        self._routes = {(e.method, e.path): e for e in catalog.endpoints.values()}
        self._paths = {e.path for e in catalog.endpoints.values()}
        self._handlers: dict[str, Handler] = {
            "base.stable_token": self._stable_token,
            "kf_session.create": self._create,
            "kf_session.close": self._close,
            "kf_session.get": self._get,
            "kf_session.list": self._list,
            "kf_session.wait_case_list": self._wait_case_list,
        }

    def answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> JsonObject:
        """Answer a call, refusals included."""
        self.tick()
        try:
            endpoint = self._endpoint(method, path)
            if endpoint.token:
                self.tokens.check(query.get("access_token"), self._clock.now())
            content = self._handlers[endpoint.operation](_parameters(endpoint, query, body))
        except Refusal as refusal:
            return self._refused(refusal.code)
        except DecodeError:
            return self._refused(INVALID_PARAMETER)
        return content or {"errcode": 0, "errmsg": "ok"}

    def _endpoint(self, method: str, path: str) -> Endpoint:
        endpoint = self._routes.get((method, path))
        if endpoint is None:
            raise Refusal(WRONG_METHOD if path in self._paths else INVALID_URL)
        if endpoint.operation not in self._handlers:
            raise Refusal(INVALID_URL)
        return endpoint

    def _refused(self, code: int) -> JsonObject:
        described = self._catalog.errors.get(code)
        said = described.doc.rstrip(".") if described else "refused"
        return {
            "errcode": code,
            "errmsg": f"{said} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}",
        }

    def tick(self) -> None:
        """Let happen what time alone brings about; call it before anything else."""
        self._push(self.desk.end_idle(self.now()))

    def now(self) -> int:
        """Return the time in whole Unix seconds."""
        return int(self._clock.now())

    # One method per call.

    def _stable_token(self, given: Parameters) -> JsonObject:
        if given["grant_type"] != "client_credential":
            raise Refusal(INVALID_GRANT_TYPE)
        if not given["app_id"]:
            raise Refusal(APPID_MISSING)
        if not given["app_secret"]:
            raise Refusal(APP_SECRET_MISSING)
        if given["app_id"] != self._account.app_id:
            raise Refusal(INVALID_APPID)
        if not secrets.compare_digest(
            given["app_secret"].encode(), self._account.app_secret.encode()
        ):
            raise Refusal(INVALID_APP_SECRET)
        force = boolean(given["force_refresh"] or None, "force_refresh", False)
        token, left = self.tokens.fetch(self._clock.now(), force=force)
        return {"access_token": token, "expires_in": left}

    def _create(self, given: Parameters) -> JsonObject:
        self._push(self.desk.create(given["openid"], given["kf_account"], self.now()))
        return {}

    def _close(self, given: Parameters) -> JsonObject:
        self._push(self.desk.close(given["openid"], given["kf_account"], self.now()))
        return {}

    def _get(self, given: Parameters) -> JsonObject:
        conversation = self.desk.serving(given["openid"])
        if conversation is None:
            return {"createtime": 0, "kf_account": ""}
        return {"createtime": conversation.create_time, "kf_account": conversation.kf_account}

    def _list(self, given: Parameters) -> JsonObject:
        return {"sessionlist": [_listed(c) for c in self.desk.served_by(given["kf_account"])]}

    def _wait_case_list(self, given: Parameters) -> JsonObject:
        waiting = self.desk.wait_cases()
        return {
            "count": len(waiting),
            "waitcaselist": [
                {"latest_time": customer.latest_time, "openid": customer.openid}
                for customer in waiting[:MAX_WAIT_CASES]
            ],
        }


def _listed(conversation: Conversation) -> JsonObject:
    return {"createtime": conversation.create_time, "openid": conversation.openid}


def _parameters(endpoint: Endpoint, query: Mapping[str, str], body: bytes) -> Parameters:
    """Return the parameters of a call by their names in Python; absent ones are empty."""
    sent: JsonObject = {}
    if endpoint.method == "POST":
        if not body:
            raise Refusal(EMPTY_BODY)
        try:
            sent = json.loads_object(body)
        except DecodeError:
            raise Refusal(NOT_JSON) from None
    given = {parameter.name: query.get(parameter.wire, "") for parameter in endpoint.query}
    for parameter in endpoint.body:
        value = sent.get(parameter.wire)
        if isinstance(value, bool):
            value = int(value)
        given[parameter.name] = text(value, parameter.wire, "")
    return given

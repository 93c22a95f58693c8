"""Answering calls: find the endpoint, check token and quota, let the family answer."""

from __future__ import annotations

from attrs import evolve

from wxruntime.catalog import Endpoint
from wxruntime.errors import DecodeError
from wxruntime.httpd import Incoming, Outgoing
from wxruntime.sandbox.calls import as_json, read
from wxruntime.sandbox.families import handlers
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.request_log import new_rid
from wxruntime.sandbox.state import PlatformState

__all__ = ["Platform"]

INVALID_PARAMETER = 40035
INVALID_URL = 40066
GET_REQUIRED = 43001
POST_REQUIRED = 43002


class Platform:
    """Answers the calls that a catalog describes; the caller must hold the lock of the state."""

    def __init__(self, state: PlatformState) -> None:
        """Find the calls that can be served.

        Args:
            state: The state of the platform, with the catalog.
        """
        self._state = state
        self._handlers = handlers(state)
        described = state.catalog.endpoints.values()
        served = [e for e in described if e.operation in self._handlers]
        served += [_twin(endpoint) for endpoint in served if endpoint.twin]
        self._routes = {(e.method, e.path): e for e in served}
        self._methods = {path: method for method, path in self._routes}

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer a call; a refused call is answered with its error code."""
        state = self._state
        state.tick()
        try:
            endpoint = self._endpoint(incoming)
            now = state.clock.now()
            if endpoint.token:
                state.tokens.check(incoming.query.get("access_token"), now)
            state.quotas.check(endpoint.path, now)
            outgoing = self._handlers[endpoint.operation](read(endpoint, incoming))
            state.quotas.use(endpoint.path, now)
            state.executed[endpoint.operation] += 1
        except Refusal as refusal:
            return self._refused(refusal, incoming)
        except DecodeError:
            return self._refused(Refusal(INVALID_PARAMETER), incoming)
        return outgoing

    def _endpoint(self, incoming: Incoming) -> Endpoint:
        endpoint = self._routes.get((incoming.method, incoming.path))
        if endpoint is not None:
            return endpoint
        method = self._methods.get(incoming.path)
        if method is None:
            raise Refusal(INVALID_URL)
        raise Refusal(GET_REQUIRED if method == "GET" else POST_REQUIRED)

    def _refused(self, refusal: Refusal, incoming: Incoming) -> Outgoing:
        """Answer with an error code, and log the request."""
        now = self._state.clock.now()
        rid = new_rid(now)
        message = f"{self._state.error_message(refusal)} rid: {rid}"
        outgoing = as_json({"errcode": refusal.code, "errmsg": message})
        self._state.refused_requests.keep(rid, now, incoming, outgoing.body.decode())
        return outgoing


def _twin(endpoint: Endpoint) -> Endpoint:
    """Return the older request of an endpoint; a GET has all parameters in the query."""
    method, path = endpoint.twin.split()
    older = evolve(endpoint, method=method, path=path)
    if method == "GET":
        return evolve(older, query=(*endpoint.query, *endpoint.body), body=())
    return evolve(older, query=(), body=(*endpoint.query, *endpoint.body))

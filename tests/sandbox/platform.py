"""The local WeChat's platform without sockets, at a time that stands still."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from tests.account import APP_ID, APP_SECRET
from wxoa.catalog import CATALOG
from wxruntime.httpd import Incoming, Outgoing
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.desk import Changes
from wxruntime.sandbox.platform import Platform
from wxruntime.sandbox.state import PlatformState
from wxruntime.wire import JsonObject, json

BEGAN = 1_700_000_000
CREDENTIALS = f"grant_type=client_credential&appid={APP_ID}&secret={APP_SECRET}"


def still() -> float:
    """Return a time that only `advance` moves."""
    return BEGAN


class StillPlatform:
    """A platform whose time stands still."""

    def __init__(self) -> None:
        self.clock = Clock(still)
        self.state = PlatformState(CATALOG, Account(APP_ID, APP_SECRET), self.clock, self._push)
        self._platform = Platform(self.state)

    def _push(self, changes: Changes) -> None:
        """Push nothing."""

    def answer(self, method: str, target: str, body: bytes = b"", kind: str = "") -> Outgoing:
        """Answer a request."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return self._platform.answer(Incoming(method, parts.path, query, body, kind))

    def ask(self, method: str, target: str, body: bytes = b"", kind: str = "") -> JsonObject:
        """Answer a request with JSON."""
        return json.loads_object(self.answer(method, target, body, kind).body)

    def plain_token(self) -> str:
        """Fetch a plain token."""
        return str(self.ask("GET", f"/cgi-bin/token?{CREDENTIALS}")["access_token"])

    def call(self, method: str, target: str, body: bytes = b"", kind: str = "") -> JsonObject:
        """Answer a request that carries the stable token."""
        token, _ = self.state.tokens.fetch(self.clock.now(), force=False)
        separator = "&" if "?" in target else "?"
        return self.ask(method, f"{target}{separator}access_token={token}", body, kind)

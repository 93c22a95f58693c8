"""The local WeChat over HTTP: the paths of the platform, and those of the stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from attrs import evolve

from wxruntime.catalog import Catalog
from wxruntime.closing import Closing
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.redact import Secret
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.calls import as_json
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.deliveries import Delivery
from wxruntime.sandbox.outbox import PushOutbox
from wxruntime.sandbox.platform import Platform
from wxruntime.sandbox.pushes import PATIENCE, Pusher
from wxruntime.sandbox.replies import TRANSFER, received, transferred_to
from wxruntime.sandbox.sealing import Form, Mode, Sealing
from wxruntime.sandbox.stage import PREFIX, Stage
from wxruntime.sandbox.state import PlatformState
from wxruntime.sandbox.tags import KIND

__all__ = ["LocalWeChat"]

MAX_BODY = 64 << 20
"""How large a request may be, in bytes: larger than any allowed file.

A file that is too large is refused by its error code and not by HTTP.
"""


class LocalWeChat(Closing):
    """A WeChat on 127.0.0.1 for one account, until it is closed."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        app_id: str,
        app_secret: str,
        callback_url: str | None = None,
        callback_token: str = "",
        callback_aes_key: str | None = None,
        callback_mode: Mode | None = None,
        callback_form: Form = "xml",
        fresh_nonce: bool = True,
        patience: float = PATIENCE,
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Listen, and start to answer.

        Args:
            catalog: The catalog of the generated package, such as `wxoa.catalog.CATALOG`.
            app_id: The account's AppID.
            app_secret: The account's AppSecret.
            callback_url: The address to which events and messages are pushed; by default nothing
                is pushed.
            callback_token: The token that signs pushes.
            callback_aes_key: The EncodingAESKey that encrypts pushes: 43 letters and digits.
            callback_mode: `plain`, `compatible` (the fields and their encryption) or `safe` (the
                encryption only). The default is `safe` with a key and `plain` without.
            callback_form: The form of pushes, `xml` or `json`.
            fresh_nonce: Whether each attempt to deliver a push is signed anew; if not, all attempts
                are the same, byte by byte.
            patience: How long the callback has for its complete answer, in seconds, up to 60.
            port: The port to listen on; 0 takes a free one.
            now: Returns the time of the platform, in Unix seconds. Signatures carry the machine's
                time.

        Raises:
            ValueError: If an argument cannot work.
            ImportError: If pushes are to be encrypted and cryptography is not installed.
            OSError: If the port is in use.
        """
        token = Secret(callback_token)
        aes_key = None if callback_aes_key is None else Secret(callback_aes_key)
        del callback_token, callback_aes_key
        account = Account(app_id, app_secret)
        del app_secret  # an exception raised below has this frame in its traceback
        sealing = Sealing.of(app_id, token, aes_key, callback_mode, callback_form)
        pusher = None
        if callback_url is not None:
            pusher = Pusher(
                callback_url,
                sealing,
                patience=patience,
                fresh_nonce=fresh_nonce,
                answered=self._answered,
            )
        self._lock = threading.Lock()
        self._outbox = PushOutbox(catalog, account, sealing, pusher)
        self._state = PlatformState(catalog, account, Clock(now), self._outbox.push, callback_url)
        self._platform = Platform(self._state)
        self._stage = Stage(self._state, self._outbox, self._lock)
        self._server = LoopbackServer(self._answer, port, max_body=MAX_BODY)
        self.url = self._server.url

    def _answer(self, incoming: Incoming) -> Outgoing:
        if incoming.path.startswith(PREFIX):
            action = incoming.path.removeprefix(PREFIX)
            status, content = self._stage.act(action, incoming.body)
            return evolve(as_json(content), status=status)
        with self._lock:
            return self._platform.answer(incoming)

    def _answered(self, delivery: Delivery) -> None:
        """Let a reply take effect: show it to the customer, or transfer the customer."""
        reply = delivery.reply
        if reply is None:
            return
        with self._lock:
            state = self._state
            state.tick()
            now = state.now()
            if reply[KIND] == TRANSFER:
                state.push(state.desk.forward(delivery.openid, transferred_to(reply), now))
            else:
                state.correspondence.receive(delivery.openid, received(reply, now))

    def close(self) -> None:
        """Stop listening and pushing, after the attempts under way."""
        self._server.close()
        self._outbox.close()

"""Pushing events to a callback: signed, in order, again when it is not answered."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from urllib.parse import urlencode

from attrs import define, field

from wxruntime.callback.signature import sign
from wxruntime.errors import TransportError
from wxruntime.redact import Secret
from wxruntime.transport import HttpRequest, Urllib3Transport

__all__ = ["ATTEMPTS", "PATIENCE", "Delivery", "Pusher"]

_log = logging.getLogger("wxoa.sandbox")

PATIENCE = 5.0
"""How long the platform waits for an answer, in seconds."""
ATTEMPTS = 3
"""How often the platform tries to deliver a push."""


@define
class Delivery:
    """A push, and what has become of it."""

    event: str
    openid: str
    body: bytes = field(repr=False)
    attempts: int = 0
    status: int = 0
    """The last status the callback answered with; 0 while it has not answered."""

    @property
    def done(self) -> bool:
        """Whether the platform is through with it, delivered or not."""
        return self.status == 200 or self.attempts == ATTEMPTS


class Pusher:
    """Delivers pushes one after the other, in a thread of its own."""

    def __init__(self, url: str, token: str, now: Callable[[], int]) -> None:
        """Push to one callback.

        Args:
            url: Where the callback listens.
            token: The callback token, which signs every push.
            now: Tells the time of the signature, in Unix seconds.
        """
        self._url = f"{url}{'&' if '?' in url else '?'}"
        self._token = Secret(token)
        self._now = now
        self._transport = Urllib3Transport()
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="wechat-push", daemon=True)
        self._thread.start()

    def push(self, delivery: Delivery) -> None:
        """Queue a push."""
        self._queue.put(delivery)

    def _work(self) -> None:
        while (delivery := self._queue.get()) is not None:
            while not delivery.done and not self._closing.is_set():
                self._attempt(delivery)

    def _attempt(self, delivery: Delivery) -> None:
        timestamp, nonce = str(self._now()), secrets.token_hex(5)
        signed = {
            "signature": sign(self._token.reveal(), timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": delivery.openid,
        }
        request = HttpRequest("POST", f"{self._url}{urlencode(signed)}", delivery.body)
        try:
            delivery.status = self._transport.send(request, PATIENCE).status
        except TransportError as error:
            _log.info("a push was not answered: %s", error)
        finally:
            delivery.attempts += 1

    def close(self) -> None:
        """Stop after the attempt under way; what is queued behind it is given up."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()
        self._transport.close()

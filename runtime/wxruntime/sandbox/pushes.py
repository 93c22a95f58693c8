"""Pushing events to a callback: signed, in order, again when it is not answered."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from attrs import define, field

from wxruntime.callback.signature import sign
from wxruntime.errors import TransportError
from wxruntime.redact import Secret
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["ATTEMPTS", "PATIENCE", "Delivery", "Pusher"]

_log = logging.getLogger("wxoa.sandbox")

PATIENCE = Timeout(5.0, 5.0)
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

        Raises:
            ValueError: If nothing could be pushed to this URL or signed with this token.
        """
        _check(url, token)
        self._url = f"{url}{'&' if '?' in url else '?'}"
        self._token = Secret(token)
        self._now = now
        self._transport = Urllib3Transport()
        self._queue: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="wechat-push", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def push(self, delivery: Delivery) -> None:
        """Queue a push."""
        self._queue.put(delivery)

    def _work(self) -> None:
        while (delivery := self._queue.get()) is not None:
            while not delivery.done and not self._closing.is_set():
                self._attempt(delivery)

    def _attempt(self, delivery: Delivery) -> None:
        try:
            body = Bytes(delivery.body, "text/xml; charset=utf-8")
            request = HttpRequest("POST", self._signed(delivery.openid), body)
            delivery.status = self._transport.send(request, PATIENCE).status
        except TransportError as error:
            _log.info("a push was not answered: %s", error)
        except Exception:
            # Whatever one push runs into, the next ones are still to be delivered.
            _log.exception("a push could not be sent")
        finally:
            delivery.attempts += 1

    def _signed(self, openid: str) -> str:
        """Return the URL of one attempt, signed now."""
        timestamp, nonce = str(self._now()), secrets.token_hex(5)
        query = {
            "signature": sign(self._token.reveal(), timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": openid,
        }
        return f"{self._url}{urlencode(query)}"

    def close(self) -> None:
        """Stop after the attempt under way; what is queued behind it is given up."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()
        self._transport.close()


def _check(url: str, token: str) -> None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the host in brackets, or of the port
        whole = False
    if not whole:
        raise ValueError("callback_url: expected an http:// or https:// address")
    if "#" in url:
        raise ValueError("callback_url: expected no fragment, which would swallow the signature")
    try:
        token.encode()
    except UnicodeEncodeError:
        raise ValueError("callback_token: expected text that UTF-8 can hold") from None

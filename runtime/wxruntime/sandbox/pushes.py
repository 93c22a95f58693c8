"""Delivering pushes as the platform does: three tries, each cut when it lasts too long."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from wxruntime.errors import TransportError, WeChatError
from wxruntime.sandbox import replies
from wxruntime.sandbox.deliveries import Attempt, Delivery
from wxruntime.sandbox.lanes import Lanes
from wxruntime.sandbox.sealing import Sealing
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["PATIENCE", "Pusher", "machine_time"]

_log = logging.getLogger("wxoa.sandbox")

PATIENCE = 5.0
"""How long the platform waits for a whole answer, in seconds."""
_LONGEST = 60.0
THREADS = 32
"""To how many customers' pushes it listens at once."""
_IDLE = 1.0
"""How long a connection is kept for a next push, in seconds: less than any server keeps it."""


def machine_time() -> int:
    """Return the machine's time, in Unix seconds.

    Signatures bear it and not the local WeChat's, which can be moved: a callback refuses what was
    not signed just now.
    """
    return int(time.time())


class Pusher:
    """Delivers pushes: a customer's one after the other, those of several customers at once."""

    def __init__(
        self,
        url: str,
        sealing: Sealing,
        *,
        patience: float = PATIENCE,
        fresh_nonce: bool = True,
        answered: Callable[[Delivery], None] = lambda delivery: None,
        now: Callable[[], int] = machine_time,
    ) -> None:
        """Push to one callback.

        Args:
            url: Where the callback listens.
            sealing: How pushes are written, and answers read.
            patience: How long a try may last, to the end of the answer, in seconds, up to 60.
            fresh_nonce: Whether each try is signed anew; else each sends what the first one sent.
            answered: Is told of every push that was answered as the platform understands it.
            now: Tells the time of the signature, in Unix seconds.

        Raises:
            ValueError: If nothing could be pushed to this URL or in this time.
        """
        _check(url)
        if not 0 < patience <= _LONGEST:
            raise ValueError(f"patience: expected seconds, up to {_LONGEST:g}, got {patience!r}")
        self._url = f"{url}{'&' if '?' in url else '?'}"
        self._sealing = sealing
        self._timeout = Timeout(patience, patience)
        self._fresh_nonce = fresh_nonce
        self._answered = answered
        self._now = now
        self._transport = Urllib3Transport(connections=THREADS, idle=_IDLE)
        self.closing = threading.Event()
        """Set when no other try is to follow."""
        self._lanes = Lanes(self._deliver, threads=THREADS, name="wechat-push")

    def push(self, delivery: Delivery) -> None:
        """Deliver a push, when those of the same customer before it are done."""
        if not self._lanes.put(delivery.openid, delivery):
            self._deliver(delivery)  # which gives it up

    def check_url(self) -> Attempt:
        """Ask the callback for what the platform asks before it accepts an address."""
        echo = str(secrets.randbelow(9 * 10**18) + 10**18)
        attempt, content = self._ask("GET", {**self._sealing.signed(self._now()), "echostr": echo})
        if attempt.problem or content == echo.encode():
            return attempt
        said = f"expected the echostr and nothing else, got {len(content)} bytes of something else"
        return Attempt(attempt.status, attempt.cut, attempt.elapsed, said)

    def _deliver(self, delivery: Delivery) -> None:
        while not delivery.done and not self.closing.is_set():
            self._attempt(delivery)
        if not delivery.answered_on:
            tries = len(delivery.attempts)
            delivery.problem = (
                f"none of {tries} tries was answered with 200"
                if delivery.done
                else f"given up after {tries} tries: the local WeChat was closed"
            )
        delivery.over.set()

    def _attempt(self, delivery: Delivery) -> None:
        try:
            if delivery.sealed is None or self._fresh_nonce:
                delivery.sealed = self._sealing.seal(delivery.wire, self._now())
            body = Bytes(delivery.sealed.body, self._sealing.content_type)
            attempt, answer = self._ask("POST", delivery.sealed.query, body)
        except Exception as error:
            # Whatever one push runs into, the next ones are still to be delivered.
            _log.exception("a push could not be sent")
            attempt, answer = Attempt(0, False, 0.0, f"not sent: {type(error).__name__}"), b""
        delivery.attempts.append(attempt)
        if attempt.problem:
            _log.info("a push was not handled: %s", attempt.problem)
        else:
            delivery.answered_on = len(delivery.attempts)
            self._take(delivery, answer)

    def _ask(
        self, method: str, query: Mapping[str, str], body: Bytes | None = None
    ) -> tuple[Attempt, bytes]:
        """Send a request, and close the connection if it is not answered in time.

        Returns:
            How it went, and the content of the answer.
        """
        began = time.monotonic()
        deadline = began + self._timeout.read
        request = HttpRequest(method, f"{self._url}{urlencode(query)}", body, deadline=deadline)
        status, content = 0, b""
        try:
            response = self._transport.send(request, self._timeout)
        except TransportError as error:
            problem = str(error)
        else:
            problem = response.cut
            if not problem:
                status, content = response.status, response.body
        ended = time.monotonic()
        cut = bool(problem) and ended >= deadline
        if cut:
            problem = f"not answered within {self._timeout.read:g} s: the connection was cut"
        elif status not in (0, 200):
            problem = f"answered with {status}"
        return Attempt(status, cut, round(ended - began, 3), problem), content

    def _take(self, delivery: Delivery, answer: bytes) -> None:
        """Read an answer as the platform does."""
        try:
            reply = self._sealing.open(answer)
            if reply is not None:
                replies.check(reply, delivery.wire)
        except WeChatError as error:
            delivery.problem = str(error)
            _log.info("a reply cannot be shown: %s", error)
            return
        delivery.reply = reply
        try:
            self._answered(delivery)
        except Exception:
            _log.exception("the reply to a push had no effect")

    def close(self) -> None:
        """Stop after the tries under way; what is queued behind them is given up."""
        self.closing.set()
        for delivery in self._lanes.close():
            self._deliver(delivery)
        self._transport.close()


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the host in brackets, or of the port
        whole = False
    if not whole:
        raise ValueError("callback_url: expected an http:// or https:// address")
    if "#" in url:
        raise ValueError("callback_url: expected no fragment, which would swallow the signature")

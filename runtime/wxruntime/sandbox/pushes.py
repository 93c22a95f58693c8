"""Delivering pushes as the platform does: three attempts, each with a time limit."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from wxruntime.errors import TransportError, WeChatError
from wxruntime.redact import redact
from wxruntime.sandbox import replies
from wxruntime.sandbox.deliveries import ATTEMPTS, Attempt, Delivery
from wxruntime.sandbox.lanes import Lanes
from wxruntime.sandbox.sealing import Sealing
from wxruntime.settings import InvalidSetting
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["PATIENCE", "Pusher", "machine_time"]

_log = logging.getLogger("wxoa.sandbox")

PATIENCE = 5.0
"""How long the callback has for its complete answer, in seconds."""
_MAX_PATIENCE = 60.0
THREADS = 32
"""To how many customers pushes are delivered at once."""
_IDLE = 1.0
"""How long an idle connection is kept, in seconds: shorter than servers usually keep one."""


def machine_time() -> int:
    """Return the machine's time, in Unix seconds.

    Signatures carry this time and not the local WeChat's, which can be moved: a callback refuses a
    signature that is not recent.
    """
    return int(time.time())


class Pusher:
    """Delivers pushes: in order for each customer, to several customers at once."""

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
            url: The address of the callback.
            sealing: Writes the pushes and reads the answers.
            patience: How long the callback has for its complete answer, in seconds, up to 60.
            fresh_nonce: Whether each attempt is signed anew; if not, all attempts are the same.
            answered: Called with each push whose answer the platform understands.
            now: Returns the time for signatures, in Unix seconds.

        Raises:
            InvalidSetting: If the URL or the time limit cannot work.
        """
        _check(url)
        if not 0 < patience <= _MAX_PATIENCE:
            raise InvalidSetting(
                "patience", f"expected seconds, up to {_MAX_PATIENCE:g}, got {patience!r}"
            )
        self._url = f"{url}{'&' if '?' in url else '?'}"
        self._shown = url.partition("?")[0]
        self._sealing = sealing
        self._timeout = Timeout(patience, patience)
        self._fresh_nonce = fresh_nonce
        self._answered = answered
        self._now = now
        self._transport = Urllib3Transport(connections=THREADS, idle=_IDLE)
        self.closing = threading.Event()
        """Set when no further attempt is to follow."""
        self._lanes = Lanes(self._deliver, threads=THREADS, name="wechat-push")

    def push(self, delivery: Delivery) -> None:
        """Deliver a push after the earlier ones of the same customer."""
        if not self._lanes.put(delivery.openid, delivery):
            self._deliver(delivery)  # it is closed, so the push is given up

    def check_url(self) -> Attempt:
        """Check the address as the platform does before it accepts one."""
        echo = str(secrets.randbelow(9 * 10**18) + 10**18)
        attempt, content = self._ask("GET", {**self._sealing.signed(self._now()), "echostr": echo})
        if attempt.problem or content == echo.encode():
            return attempt
        problem = f"expected the echostr and nothing else, got {len(content)} other bytes"
        return Attempt(attempt.status, attempt.cut, attempt.elapsed, problem)

    def _deliver(self, delivery: Delivery) -> None:
        while not delivery.done and not self.closing.is_set():
            self._attempt(delivery)
        if not delivery.answered_on:
            tries = len(delivery.attempts)
            delivery.problem = (
                f"none of {tries} attempts was answered with 200"
                if delivery.done
                else f"given up after {tries} of {ATTEMPTS} attempts: the local WeChat was closed"
            )
        delivery.over.set()

    def _attempt(self, delivery: Delivery) -> None:
        try:
            if delivery.sealed is None or self._fresh_nonce:
                delivery.sealed = self._sealing.seal(delivery.wire, self._now())
            body = Bytes(delivery.sealed.body, self._sealing.content_type)
            attempt, answer = self._ask("POST", delivery.sealed.query, body)
        except Exception as error:
            # An error in one push must not keep the later ones from being delivered.
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
        """Send a request, and close the connection if the answer takes too long.

        Returns:
            The attempt, and the body of the answer; empty if no complete answer came.
        """
        began = time.monotonic()
        deadline = began + self._timeout.read
        request = HttpRequest(method, f"{self._url}{urlencode(query)}", body, deadline=deadline)
        status, content = 0, b""
        try:
            response = self._transport.send(request, self._timeout)
        except TransportError as error:
            # The query has the signature, and may have secrets of the callback's own.
            problem = str(error).replace(redact(request.url), self._shown)
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
        """Read and check a reply as the platform does, and let it take effect."""
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
        """Wait for the attempts under way, and give up the queued pushes."""
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
        raise InvalidSetting("callback_url", "expected an http:// or https:// address")
    if "@" in urlsplit(url).netloc:
        raise InvalidSetting("callback_url", "expected no user name and no password in it")
    if "#" in url:
        raise InvalidSetting(
            "callback_url",
            "expected no fragment (#…), because the signature is appended to the URL",
        )

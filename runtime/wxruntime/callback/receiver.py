"""Receiving pushes in plain mode: signature first, then content, and never a wrong 200.

A 200 tells the platform that a push is handled, so whatever goes wrong is another status, and
the platform tries again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from wxruntime.callback.signature import verify
from wxruntime.errors import SignatureError, WeChatError
from wxruntime.httpd import Incoming, Outgoing
from wxruntime.redact import Secret

__all__ = ["Receiver"]

_log = logging.getLogger("wxoa.callback")

E = TypeVar("E")


class Receiver(Generic[E]):
    """Answers the platform's URL check and its pushes."""

    def __init__(
        self, token: str, decode: Callable[[bytes], E], handle: Callable[[E], object]
    ) -> None:
        """Receive for one account.

        Args:
            token: The callback token, as the account's settings have it.
            decode: Reads a push, for example `events.decode`.
            handle: Takes each event; when it raises, the platform tries again.
        """
        self._token = Secret(token)
        self._decode = decode
        self._handle = handle

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request of the platform."""
        query = incoming.query
        try:
            verify(
                self._token.reveal(),
                query.get("signature", ""),
                query.get("timestamp", ""),
                query.get("nonce", ""),
            )
        except SignatureError as error:
            _log.warning("refused a push: %s", error)
            return _text(403, "")
        if incoming.method == "GET":
            return _text(200, query.get("echostr", ""))
        try:
            event = self._decode(incoming.body)
        except WeChatError as error:
            _log.warning("refused a push that cannot be read: %s", error)
            return _text(400, "")
        try:
            self._handle(event)
        except Exception:
            _log.exception("the handler failed; the platform will try again")
            return _text(500, "")
        return _text(200, "success")


def _text(status: int, text: str) -> Outgoing:
    return Outgoing(status, "text/plain; charset=utf-8", text.encode("utf-8", "replace"))

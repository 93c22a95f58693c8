"""Serving a callback by the package's own small HTTP server, for demonstrations and tests."""

from __future__ import annotations

from typing import Protocol

from wxruntime.callback.answer import Answer
from wxruntime.callback.query import Query
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing

__all__ = ["serve"]


class _Callback(Protocol):
    def handle(self, query: Query, body: bytes = b"") -> Answer: ...


def serve(callback: _Callback, port: int = 0) -> LoopbackServer:
    """Serve a callback on 127.0.0.1, until the server is closed.

    Args:
        callback: Answers the deliveries; the caller closes it.
        port: The port to listen on; 0 takes a free port.

    Returns:
        The server; close it.

    Raises:
        ValueError: If the port is not from 0 to 65535.
        OSError: If the port is taken.
    """

    def answer(incoming: Incoming) -> Outgoing:
        body = incoming.body if incoming.method == "POST" else b""
        given = callback.handle(incoming.query, body)
        return Outgoing(given.status, given.content_type, given.body)

    return LoopbackServer(answer, port)

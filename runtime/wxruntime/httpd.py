"""A small HTTP server on loopback, for the local WeChat and for receiving its pushes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from wxruntime.closing import Closing

__all__ = ["Incoming", "LoopbackServer", "Outgoing"]

_log = logging.getLogger("wxoa.httpd")

MAX_BODY = 1 << 20
"""How large a request may be, in bytes."""
IDLE = 30.0
"""How long a connection may stand idle, in seconds."""


@frozen
class Incoming:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@frozen
class Outgoing:
    """An answer to give."""

    status: int
    content_type: str
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after the other and asks the server's function for answers."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE
    # Small answers go out at once; Nagle's algorithm would hold them back for 40 ms.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            self._send(Outgoing(413, "text/plain", b"the request is too large\n"))
            return
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        incoming = Incoming(self.command, parts.path, query, body)
        assert isinstance(self.server, _Server)  # which makes these handlers
        try:
            outgoing = self.server.answer(incoming)
        except Exception:
            _log.exception("no answer to %s %s", incoming.method, incoming.path)
            outgoing = Outgoing(500, "text/plain", b"internal error\n")
        self._send(outgoing)

    def _send(self, outgoing: Outgoing) -> None:
        self.send_response(outgoing.status)
        self.send_header("Content-Type", outgoing.content_type)
        self.send_header("Content-Length", str(len(outgoing.body)))
        self.end_headers()
        self.wfile.write(outgoing.body)

    do_GET = do_POST = _serve  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the request line has the access token in it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Incoming], Outgoing]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave a connection that broke off to its other end."""
        _log.debug("a connection broke off", exc_info=True)


class LoopbackServer(Closing):
    """Serves a function over HTTP on 127.0.0.1, in threads of its own, until it is closed."""

    def __init__(self, answer: Callable[[Incoming], Outgoing], port: int = 0) -> None:
        """Listen, and begin to answer.

        Args:
            answer: Answers a request; called in many threads.
            port: Where to listen; 0 takes one that is free.
        """
        self._server = _Server(port, answer)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

"""A small HTTP server on 127.0.0.1, for the local WeChat and for receiving its pushes."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.errors import MissingHeaderBodySeparatorDefect
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen

from wxruntime.closing import Closing
from wxruntime.settings import InvalidSetting

__all__ = ["Incoming", "LoopbackServer", "Outgoing"]

_log = logging.getLogger("wxoa.httpd")

MAX_BODY = 1 << 20
"""The size limit of a request body by default, in bytes."""
IDLE = 30.0
"""Seconds after which an idle connection is closed."""
_LENGTH = re.compile("[0-9]{1,18}")
_UNREADABLE = {
    400: "expected a request line, as in GET /path HTTP/1.1",
    414: "expected a request line of at most 65536 bytes",
    431: "expected at most 100 header lines, of at most 65536 bytes each",
    501: "expected the method GET or POST",
    505: "expected HTTP/1.0 or HTTP/1.1",
}
"""Status → what is wrong with a request that http.server itself refuses."""


@frozen
class Incoming:
    """An incoming request."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content_type: str = ""
    """The Content-Type that the sender gives."""


@frozen
class Outgoing:
    """An outgoing answer."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str])
    """Headers besides those that every answer has."""


class _Unreadable(Exception):
    """Raised for a request whose meaning or whose end is not clear."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    """Reads the requests of a connection, and answers them by the server's function."""

    protocol_version = "HTTP/1.1"
    # Of a request line without a version; an answer to HTTP/0.9 would have no status line.
    default_request_version = "HTTP/1.1"
    timeout = IDLE
    # Nagle's algorithm would hold small answers back for 40 ms.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        assert isinstance(self.server, _Server)  # which makes these handlers
        try:
            incoming = self._read(self.server.max_body)
        except _Unreadable as error:
            self._refuse(error.status, str(error))
            return
        if self.server.closed:
            self.close_connection = True
            return
        try:
            outgoing = self.server.answer(incoming)
        except Exception:
            _log.exception("no answer to %s %s", incoming.method, incoming.path)
            outgoing = Outgoing(500, "text/plain", b"internal error\n")
        self._send(outgoing)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what http.server cannot read, in plain text instead of its HTML."""
        self._refuse(code, _UNREADABLE.get(code, HTTPStatus(code).phrase))

    def _refuse(self, status: int, problem: str) -> None:
        # It is not known where the next request would begin.
        self.close_connection = True
        self._send(Outgoing(status, "text/plain", f"{problem}\n".encode()))

    def _read(self, max_body: int) -> Incoming:
        """Check the header of a request, and read its body."""
        if any(isinstance(d, MissingHeaderBodySeparatorDefect) for d in self.headers.defects):
            # The parser stopped there: lines below, such as the length, are not in `headers`.
            raise _Unreadable(400, "expected a name and a colon in each header line")
        if "Transfer-Encoding" in self.headers:
            raise _Unreadable(411, "expected a Content-Length, got a Transfer-Encoding")
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            raise _Unreadable(400, "expected one Content-Length, in digits")
        length = int(lengths[0])
        if length > max_body:
            raise _Unreadable(413, f"expected at most {max_body} bytes")
        try:
            parts = urlsplit(self.path)
        except ValueError:
            raise _Unreadable(400, "expected a path as the target") from None
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = dict(pairs)
        if len(query) < len(pairs):
            # It is not known which value is meant, and which one was signed.
            raise _Unreadable(400, "expected each name in the query once")
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Unreadable(400, f"expected {length} bytes, got {len(body)}")
        kind = self.headers.get("Content-Type", "")
        return Incoming(self.command, parts.path, query, body, kind)

    def _send(self, outgoing: Outgoing) -> None:
        self.send_response(outgoing.status)
        self.send_header("Content-Type", outgoing.content_type)
        self.send_header("Content-Length", str(len(outgoing.body)))
        for name, value in outgoing.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(outgoing.body)

    do_GET = do_POST = _serve  # noqa: N815 - the names are http.server's

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because the request line contains the access token."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Incoming], Outgoing], max_body: int) -> None:
        self.answer = answer
        self.max_body = max_body
        self.closed = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        # Called last, because it calls server_close() if the port is taken.
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the socket and stop reading from connections; answers under way still go out."""
        super().server_close()
        with self._lock:
            self.closed = True
            for connection in self._open:
                with suppress(OSError):  # the other end may be gone
                    connection.shutdown(socket.SHUT_RD)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log a connection that broke off; the other end has to handle it."""
        _log.debug("a connection broke off", exc_info=True)


class LoopbackServer(Closing):
    """Serves a function over HTTP on 127.0.0.1, in its own threads, until it is closed."""

    def __init__(
        self, answer: Callable[[Incoming], Outgoing], port: int = 0, *, max_body: int = MAX_BODY
    ) -> None:
        """Start listening and answering.

        Args:
            answer: Answers a request; called in several threads at once.
            port: The port to listen on; 0 takes a free port.
            max_body: The size limit of a request body, in bytes.

        Raises:
            InvalidSetting: If the port is not from 0 to 65535.
            OSError: If the port is taken.
        """
        if not 0 <= port <= 65535:
            raise InvalidSetting("port", f"expected 0 to 65535, got {port}")
        self._server = _Server(port, answer, max_body)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and accept no more requests, without waiting for those under way."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

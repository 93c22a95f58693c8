"""The callback as a WSGI application, for any threaded server.

Source: https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Protocol, TypeAlias, cast

from wxruntime.callback.answer import Answer, NoPush

__all__ = ["Environ", "StartResponse", "WsgiApp"]

_log = logging.getLogger("wxoa.callback")

Environ: TypeAlias = Mapping[str, object]
StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]

_LENGTH = re.compile("[0-9]{1,18}")


class _Callback(Protocol):
    """The callback, as far as the application needs it."""

    @property
    def max_size(self) -> int: ...

    def handle(self, query: bytes, body: bytes = b"") -> Answer: ...


class _Input(Protocol):
    """The stream from which a server lets the body be read."""

    def read(self, size: int, /) -> bytes: ...


class WsgiApp:
    """Passes the platform's requests from a WSGI server to a callback."""

    def __init__(self, callback: _Callback) -> None:
        """Build an application; the server or the framework decides its path.

        Args:
            callback: Answers the requests. WSGI does not report the end of the server, so the
                program that starts the server closes the callback.
        """
        self._callback = callback

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request by the protocol of PEP 3333."""
        try:
            answer = self._answer(environ)
        except NoPush as error:
            answer = error.answer
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        if answer.status == 405:
            headers.append(("Allow", "GET, POST"))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "POST"):
            raise NoPush(405)
        # By PEP 3333, the text holds bytes decoded as latin-1.
        query = str(environ.get("QUERY_STRING", "")).encode("latin-1")
        body = _body(environ, self._callback.max_size) if method == "POST" else b""
        try:
            return self._callback.handle(query, body)
        except Exception:
            _log.exception("the callback failed; the platform will try again")
            return Answer(500)


def _body(environ: Environ, max_size: int) -> bytes:
    """Read a body to its end, up to its size limit."""
    announced = str(environ.get("CONTENT_LENGTH") or "")
    stream = cast("_Input", environ["wsgi.input"])
    if not announced:
        # If the server does not end the stream, reading would wait forever.
        if not environ.get("wsgi.input_terminated"):
            raise NoPush(411)
        body = _read(stream, max_size + 1)
        if len(body) > max_size:
            raise NoPush(413)
        return body
    if not _LENGTH.fullmatch(announced):
        raise NoPush(400)
    length = int(announced)
    if length > max_size:
        raise NoPush(413)
    body = _read(stream, length)
    if len(body) < length:
        raise NoPush(400)
    return body


def _read(stream: _Input, size: int) -> bytes:
    """Read up to a number of bytes, or to the end."""
    pieces: list[bytes] = []
    while size:
        try:
            piece = stream.read(size)
        except Exception:  # each server raises its own exception for a body that broke off
            raise NoPush(400) from None
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)

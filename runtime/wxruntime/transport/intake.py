"""The common part of all transports: sending a body, taking in an answer, wording failures."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator, Mapping
from typing import cast

from attrs import frozen

from wxruntime.errors import EncodeError, TransportError
from wxruntime.redact import redact
from wxruntime.transport import Body, HttpRequest, HttpResponse
from wxruntime.transport.inflate import Inflater

__all__ = [
    "CHUNK",
    "CLOSED",
    "NOT_AN_ADDRESS",
    "OUT_OF_TIME",
    "Failure",
    "Intake",
    "broke_off",
    "headers_for",
    "not_let_through",
    "not_taken",
    "outgoing",
    "too_slow",
    "unreachable",
]

CHUNK = 1 << 16
"""The number of bytes that are sent or read at a time."""


@frozen
class Failure:
    """Why no answer began."""

    words: str
    """The reason in words, without the text of any library, which may contain the URL."""
    sent: bool = True
    """Whether bytes of the request may have gone out."""

    def of(self, request: HttpRequest) -> TransportError:
        """Return the error; raise it where the traceback has no frame of another library."""
        return TransportError(f"{request.method} {redact(request.url)}: {self.words}", self.sent)


NOT_AN_ADDRESS = Failure("expected an http:// or https:// address", sent=False)
OUT_OF_TIME = Failure("no time left to send it", sent=False)
CLOSED = Failure("the transport was closed", sent=False)


def unreachable(error: Exception, seconds: float, *, over: bool, proxied: bool) -> Failure:
    """Return why there is no connection.

    Args:
        error: The error of the system or of TLS.
        seconds: How long the attempt was.
        over: Whether the deadline of the call has passed.
        proxied: Whether the connection was to go through a proxy.
    """
    via = "no connection through the proxy" if proxied else "no connection"
    if isinstance(error, TimeoutError):
        words = f"{via} {_in_time(seconds, over)}"
    elif isinstance(error, ssl.SSLCertVerificationError):
        words = f"no secure connection: the certificate was refused: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        words = "no secure connection: the server does not speak TLS, or no common version of it"
    elif isinstance(error, socket.gaierror):
        words = f"{via}: the host has no address"
    elif isinstance(error, ConnectionRefusedError):
        words = f"{via}: the host refused it"
    else:
        words = f"{via} ({_kind(error)})"
    return Failure(words, sent=False)


def not_let_through(status: int) -> Failure:
    """Return that the proxy refused to connect, with the status of its answer."""
    return Failure(f"no connection through the proxy: it answered {status}", sent=False)


def broke_off(error: BaseException) -> str:
    """Return that a connection broke off, with the name of the exception."""
    return f"the connection broke off ({_kind(error)})"


def _kind(error: BaseException) -> str:
    """Return the name of an exception's first public class."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__[0] != "_")


def not_taken(seconds: float, *, over: bool) -> str:
    """Return that the server stopped reading the request.

    Args:
        seconds: The time that the server had.
        over: Whether the deadline of the call has passed.
    """
    return f"the server did not read the request {_in_time(seconds, over)}"


def too_slow(seconds: float, *, over: bool) -> str:
    """Return that no complete answer came in time.

    Args:
        seconds: The time that the server had.
        over: Whether the deadline of the call has passed.
    """
    return f"no complete answer {_in_time(seconds, over)}"


def _in_time(seconds: float, over: bool) -> str:
    if over:
        return "before the deadline of the call"
    # Rounded, because it may be half of the time that was left of a call.
    return f"within {round(seconds, 1):g} s" if seconds >= 1 else f"within {seconds:.2g} s"


def headers_for(body: Body | None) -> dict[str, str]:
    """Return the headers of a request; a body always has a Content-Length."""
    fields = {"Accept-Encoding": "gzip, deflate"}
    if body is not None:
        fields["Content-Type"] = body.content_type
        fields["Content-Length"] = str(body.length)
    return fields


def outgoing(body: Body) -> Generator[bytes]:
    """Yield a body in small chunks, of exactly its stated length.

    Raises:
        EncodeError: If the length differs, the chunks are not bytes, or the body cannot be read.
    """
    left = body.length
    chunks = body.chunks()
    try:
        for chunk in chunks:
            # The caller's file may be open in text mode, in spite of its declared type.
            if not isinstance(cast("object", chunk), bytes):
                raise EncodeError(f"expected bytes of content, got {type(chunk).__name__}")
            left -= len(chunk)
            if left < 0 or (left == 0 and any(chunks)):
                raise EncodeError(f"expected {body.length} bytes of content, got more")
            if len(chunk) > CHUNK:
                yield from (chunk[at : at + CHUNK] for at in range(0, len(chunk), CHUNK))
            elif chunk:
                yield chunk
        if left:
            raise EncodeError(f"expected {body.length} bytes of content, got {body.length - left}")
    finally:
        # Close the file now, not when the last traceback that refers to it is gone.
        if isinstance(chunks, Generator):
            chunks.close()


class Intake:
    """Takes in the content of one answer: decompresses it, limits its size, and writes it."""

    def __init__(self, request: HttpRequest, status: int, headers: Mapping[str, str]) -> None:
        """Prepare to take in an answer.

        Args:
            request: The request that is answered.
            status: The status of the answer.
            headers: The headers of the answer, by their names in lower case.
        """
        self._status = status
        self._headers = headers
        self._limit = request.limit
        self._body = bytearray()
        self._cut = ""
        self.sink = request.sink if status == 200 else None
        self._inflater = Inflater(coding) if (coding := headers.get("content-encoding")) else None

    def begin(self) -> None:
        """Prepare the sink, if there is one.

        Raises:
            OSError: If the sink fails.
        """
        if self.sink is not None:
            self.sink.restart()

    def take(self, chunk: bytes) -> bool:
        """Take the next bytes from the wire.

        Returns:
            Whether to go on reading.

        Raises:
            OSError: If the sink fails.
        """
        if self._inflater is None:
            return self._store(chunk)
        for piece in self._inflater.feed(chunk):
            if not self._store(piece):
                return False
        self._cut = self._inflater.problem
        return not self._cut

    def _store(self, piece: bytes) -> bool:
        if self.sink is not None:
            self.sink.write(piece)
            return True
        self._body += piece
        if len(self._body) <= self._limit:
            return True
        del self._body[self._limit :]
        self._cut = f"the answer is larger than {self._limit} bytes"
        return False

    def end(self, cut: str = "") -> HttpResponse:
        """Return the answer.

        Args:
            cut: Why the content is incomplete; empty if the answer ended normally.
        """
        cut = self._cut or cut
        if not cut and self._inflater is not None:
            cut = self._inflater.end()
        return HttpResponse(self._status, self._headers, bytes(self._body), cut)

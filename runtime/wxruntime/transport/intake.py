"""What every transport does alike: a body out, an answer in, and what goes wrong in words."""

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
"""How many bytes are moved at a time."""


@frozen
class Failure:
    """Why no answer began."""

    words: str
    """For a person; without anything a library said, because that has the URL in it."""
    sent: bool = True
    """Whether bytes of the request may have gone out."""

    def of(self, request: HttpRequest) -> TransportError:
        """Return the error; raise it where no frame of another library is near."""
        return TransportError(f"{request.method} {redact(request.url)}: {self.words}", self.sent)


NOT_AN_ADDRESS = Failure("expected an http:// or https:// address", sent=False)
OUT_OF_TIME = Failure("no time left to send it", sent=False)
CLOSED = Failure("the transport was closed", sent=False)


def unreachable(error: Exception, seconds: float, *, over: bool, proxied: bool) -> Failure:
    """Say why there is no connection.

    Args:
        error: What the system or the encryption had against it.
        seconds: How long it was tried.
        over: Whether the time of the call as a whole is over.
        proxied: Whether it was tried by way of a proxy.
    """
    via = "no connection by way of the proxy" if proxied else "no connection"
    if isinstance(error, TimeoutError):
        words = f"{via} {_in_time(seconds, over)}"
    elif isinstance(error, ssl.SSLCertVerificationError):
        words = f"no secure connection: the certificate was refused: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        words = "no secure connection: the other side speaks no TLS, or none of ours"
    elif isinstance(error, socket.gaierror):
        words = f"{via}: the host has no address"
    elif isinstance(error, ConnectionRefusedError):
        words = f"{via}: the host refused it"
    else:
        words = f"{via} ({_kind(error)})"
    return Failure(words, sent=False)


def not_let_through(status: int) -> Failure:
    """Say that the proxy does not connect to where it was asked to."""
    return Failure(f"no connection by way of the proxy: it answered {status}", sent=False)


def broke_off(error: BaseException) -> str:
    """Say that a connection ended, by what was raised."""
    return f"the connection broke off ({_kind(error)})"


def _kind(error: BaseException) -> str:
    """Return the name of an exception as others know it."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__[0] != "_")


def not_taken(seconds: float, *, over: bool) -> str:
    """Say that the other side stopped reading the request.

    Args:
        seconds: How long it could have read.
        over: Whether the time of the call as a whole is over.
    """
    return f"the request was not taken {_in_time(seconds, over)}"


def too_slow(seconds: float, *, over: bool) -> str:
    """Say that the answer did not come, or not to its end.

    Args:
        seconds: How long it could have taken.
        over: Whether the time of the call as a whole is over.
    """
    return f"no whole answer {_in_time(seconds, over)}"


def _in_time(seconds: float, over: bool) -> str:
    if over:
        return "before the time of the call was over"
    # Half of what was left of a call's time is no number that anybody has set.
    return f"within {round(seconds, 1):g} s" if seconds >= 1 else f"within {seconds:.2g} s"


def headers_for(body: Body | None) -> dict[str, str]:
    """Return the header fields of a request; its length stands for its framing."""
    fields = {"Accept-Encoding": "gzip, deflate"}
    if body is not None:
        fields["Content-Type"] = body.content_type
        fields["Content-Length"] = str(body.length)
    return fields


def outgoing(body: Body) -> Generator[bytes]:
    """Return a body in chunks that are soon sent, exactly as long as it says.

    Raises:
        EncodeError: If it is not that long, is made of something else, or cannot be read.
    """
    left = body.length
    chunks = body.chunks()
    try:
        for chunk in chunks:
            # A user's file may be open for text, whatever its type says.
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
        # A file is closed now and not when the last traceback that knows of it is gone.
        if isinstance(chunks, Generator):
            chunks.close()


class Intake:
    """Takes in the content of one answer: decompressed, within its limit, to where it goes."""

    def __init__(self, request: HttpRequest, status: int, headers: Mapping[str, str]) -> None:
        """Begin to take in.

        Args:
            request: What is answered.
            status: The answer's status.
            headers: The answer's header fields, found by their names in lower case.
        """
        self._status = status
        self._headers = headers
        self._limit = request.limit
        self._body = bytearray()
        self._cut = ""
        self.sink = request.sink if status == 200 else None
        self._inflater = Inflater(coding) if (coding := headers.get("content-encoding")) else None

    def begin(self) -> None:
        """Get the sink ready, if there is one.

        Raises:
            OSError: If the sink fails.
        """
        if self.sink is not None:
            self.sink.restart()

    def take(self, chunk: bytes) -> bool:
        """Take the next bytes as they came over the wire.

        Returns:
            Whether more can be taken.

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
        """Return what came.

        Args:
            cut: Why nothing more comes; empty if the answer ended as it should.
        """
        cut = self._cut or cut
        if not cut and self._inflater is not None:
            cut = self._inflater.end()
        return HttpResponse(self._status, self._headers, bytes(self._body), cut)

"""Bytes out, bytes in: HTTP on urllib3, with time-outs, a pool and a bound on the answer."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import TYPE_CHECKING, Any, Protocol

import urllib3
from attrs import field, frozen
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

if TYPE_CHECKING:
    from typing_extensions import Buffer

from wxruntime.errors import TransportError
from wxruntime.forking import renew_after_fork
from wxruntime.redact import guard_logger, redact

__all__ = ["HttpRequest", "HttpResponse", "Transport", "Urllib3Transport"]

MAX_ANSWER = 4 << 20
"""How large an answer may be, in bytes, after decompression."""
_CHUNK = 1 << 16


@frozen
class HttpRequest:
    """One HTTP request, ready to go; its repr shows no secret."""

    method: str
    url: str = field(repr=redact)
    body: bytes | None = field(default=None, repr=False)


@frozen
class HttpResponse:
    """One HTTP answer, whole."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Transport(Protocol):
    """What a client sends requests with."""

    def send(self, request: HttpRequest, timeout: float) -> HttpResponse:
        """Send a request and return the answer, whatever its status.

        Args:
            request: What to send.
            timeout: Seconds for the connection, and again for the answer to be complete.

        Raises:
            TransportError: If no whole answer came.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes, as long as the whole answer is in time.

    A socket's own time-out starts anew with each byte, so a server that drips would never end.
    """

    def __init__(self, stream: io.RawIOBase, sock: socket.socket) -> None:
        self._stream = stream
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType] - urllib3's own does not fit


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection  # pyright: ignore[reportAssignmentType]


class Urllib3Transport:
    """HTTP over a pool of urllib3 connections; safe to share between threads."""

    def __init__(self, *, connections: int = 16, max_answer: int = MAX_ANSWER) -> None:
        """Open no connection yet.

        Args:
            connections: How many connections to keep open to one host.
            max_answer: How large an answer may be, in bytes, after decompression.
        """
        self._connections = connections
        self._pool = self._new_pool()
        self._max_answer = max_answer
        guard_logger("urllib3.connectionpool")
        renew_after_fork(self)

    def _new_pool(self) -> urllib3.PoolManager:
        pool = urllib3.PoolManager(num_pools=8, maxsize=self._connections)
        classes: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SecurePool}
        pool.pool_classes_by_scheme = classes
        return pool

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent."""
        self._pool = self._new_pool()

    def send(self, request: HttpRequest, timeout: float) -> HttpResponse:
        """Send a request; see `Transport.send`."""
        outcome = self._attempt(request, timeout)
        if isinstance(outcome, HttpResponse):
            return outcome
        # Raised here and not where urllib3 raised: its exceptions carry the URL, token and all.
        raise TransportError(f"{request.method} {redact(request.url)}: {outcome}")

    def _attempt(self, request: HttpRequest, timeout: float) -> HttpResponse | str:
        """Return the answer, or say in words what went wrong."""
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        if request.body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            response = self._pool.urlopen(
                request.method,
                request.url,
                body=request.body,
                headers=headers,
                timeout=urllib3.Timeout(connect=timeout, read=timeout),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            return self._read(response)
        except (HTTPError, OSError, ValueError) as error:
            return _in_words(error, timeout)
        except BaseException as interruption:
            # urllib3's frames hold the URL, the token in it, and the body.
            raise interruption.with_traceback(None) from None

    def _read(self, response: BaseHTTPResponse) -> HttpResponse | str:
        """Read the body within its bound of size."""
        body = bytearray()
        try:
            while chunk := response.read1(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._max_answer:
                    return f"the answer is larger than {self._max_answer} bytes"
            content_type = response.headers.get("Content-Type", "")
            answer = HttpResponse(response.status, content_type, bytes(body))
            response.release_conn()
            return answer
        finally:
            # Closes the connection unless it went back to the pool after a whole answer.
            response.close()

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()


def _in_words(error: Exception, timeout: float) -> str:
    """Describe a failure without urllib3's own text, which has the URL in it."""
    if isinstance(error, NewConnectionError):  # to urllib3, a kind of time-out as well
        return "no connection: the host refused it or has no address"
    if isinstance(error, ConnectTimeoutError):
        return f"no connection within {timeout:g} s"
    if isinstance(error, ReadTimeoutError):
        return f"no whole answer within {timeout:g} s"
    if isinstance(error, SSLError):
        return "no secure connection: the certificate or the protocol was refused"
    return f"the connection broke off ({type(error).__name__})"

"""HTTP by urllib3's connections: a pool, strict timeouts, and a size limit for every answer."""

from __future__ import annotations

import http.client
import io
import os
import queue
import re
import socket
import time
from collections import deque
from functools import lru_cache, partial
from math import inf
from typing import TYPE_CHECKING, Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationValueError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse, HTTPResponse
from urllib3.util.wait import wait_for_read

if TYPE_CHECKING:
    from typing_extensions import Buffer

from wxruntime.forking import renew_after_fork
from wxruntime.redact import guard_logger
from wxruntime.transport import Body, Bytes, HttpRequest, HttpResponse, Timeout
from wxruntime.transport.address import split
from wxruntime.transport.intake import (
    CHUNK,
    NOT_AN_ADDRESS,
    OUT_OF_TIME,
    Failure,
    Intake,
    broke_off,
    headers_for,
    not_let_through,
    not_taken,
    outgoing,
    too_slow,
    unreachable,
)
from wxruntime.transport.route import Route

__all__ = ["Urllib3Transport"]

_ORIGINS = 8
"""The number of hosts to which connections are kept."""
_NONE = urllib3.Retry(False)
"""urllib3's own retries and redirects: none."""
_CONTINUE, _SWITCHING, _FINAL = 100, 101, 200
_RECORD = 1 << 14
"""The bytes of a TLS record; a time limit is checked between two records."""
_PROXY_ANSWERED = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")


class _UntilDeadline(io.RawIOBase):
    """Reads from a socket until the deadline of the whole answer.

    The timeout of a socket starts again with each byte, so a server that sends single bytes could
    keep a call waiting without end.
    """

    def __init__(self, stream: io.RawIOBase, sock: socket.socket) -> None:
        self._stream = stream
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)
        self.ended = False
        """Whether the server has closed its side."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count = self._stream.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._raw = _UntilDeadline(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._raw)

    def _read_status(self) -> tuple[str, int, str]:
        # http.client skips status 100 only; the final answer follows other interim answers too.
        while True:
            line = cast("tuple[str, int, str]", super()._read_status())  # type: ignore[misc]
            if line[1] == _CONTINUE or not _SWITCHING < line[1] < _FINAL:
                return line
            http.client.parse_headers(self.fp)

    def begin(self) -> None:
        super().begin()
        # http.client takes a truncated header for a complete one, and then finds no content.
        if self._raw.ended:
            raise http.client.IncompleteRead(b"")
        # Two contradicting lengths: a proxy on the way may have used the other one.
        if "transfer-encoding" in self.headers and "content-length" in self.headers:
            raise http.client.HTTPException


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    """Return a socket connected within a time, for all addresses of the host together.

    The remaining time becomes the socket's timeout, for the TLS handshake.
    """
    deadline = time.monotonic() + seconds
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
            sock.connect(address)
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            return sock
        if time.monotonic() >= deadline:
            break
    raise failure or OSError


def _over(deadline: float) -> bool:
    return time.monotonic() >= deadline


class _NoAnswer(Exception):
    """Raised if no answer began; urllib3 does not catch it, and closes the connection."""

    def __init__(self, failure: Failure | Exception) -> None:
        super().__init__()
        self.failure = failure


class _Connecting(float):
    """The connect timeout; urllib3 passes the object on unchanged, with its other attributes."""

    read: float
    deadline: float = inf
    """The deadline of request and answer, in seconds on the monotonic clock."""


def _in_urllib3s_terms(timeout: Timeout, left: float, deadline: float) -> urllib3.Timeout:
    connect = _Connecting(min(timeout.connect, left))
    connect.read = timeout.read
    connect.deadline = deadline
    return urllib3.Timeout(connect=connect, read=timeout.read)


@lru_cache(maxsize=64)
def _without_deadline(timeout: Timeout) -> urllib3.Timeout:
    return _in_urllib3s_terms(timeout, inf, inf)


class _Exact(HTTPConnection):
    """A connection that knows whether bytes of a request went out."""

    response_class = _Response
    spent = False
    """Whether the connection must not be used again, because a length was wrong on one side."""

    def __init__(self, *args: Any, idle: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle = idle
        self._used_at = time.monotonic()
        self._deadline = inf

    @property
    def is_connected(self) -> bool:
        """Whether the connection can be used again; urllib3 asks before each request."""
        # urllib3 puts a connection back as soon as it has read the content, so it is checked here.
        fresh = time.monotonic() - self._used_at < self._idle
        return fresh and not self.spent and super().is_connected

    @property
    def _patience(self) -> Timeout:
        assert isinstance(self.timeout, float | int)  # the transport gives it with each request
        if isinstance(self.timeout, _Connecting):
            return Timeout(self.timeout, self.timeout.read)
        return Timeout.of(self.timeout)

    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port, self._patience.connect)

    def connect(self) -> None:
        """Connect, including proxy and TLS, before any byte of a request goes out."""
        self.spent = False
        self._deadline = inf
        try:
            super().connect()
            return
        except (OSError, http.client.HTTPException) as error:
            status = _PROXY_ANSWERED.match(str(error))
            failure = (
                not_let_through(int(status[1]))
                if status
                else unreachable(
                    error,
                    self._patience.connect,
                    over=isinstance(self.timeout, _Connecting) and _over(self.timeout.deadline),
                    proxied=self.proxy is not None,
                )
            )
        except (ValueError, HTTPError):  # a name that is invalid for DNS
            failure = NOT_AN_ADDRESS
        raise _NoAnswer(failure)

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request."""
        if self.sock is None:
            self.connect()
        assert self.sock is not None  # it is connected
        if isinstance(self.timeout, _Connecting):
            self.sock.settimeout(self.timeout.read)
            self._deadline = self.timeout.deadline
        self._used_at = time.monotonic()
        try:
            super().request(*args, **options)
            return
        except OSError as error:
            # A server may answer and close before it has read all of a large body.
            self.spent = wait_for_read(self.sock, 0)
            slow = isinstance(error, TimeoutError)
            words = (
                not_taken(self._patience.read, over=_over(self._deadline))
                if slow
                else broke_off(error)
            )
        if not self.spent:
            raise _NoAnswer(Failure(words))

    def send(self, data: Any) -> None:
        """Send a part of a request, within the deadline."""
        if self._deadline == inf:
            super().send(data)
            return
        assert self.sock is not None  # a deadline is set for a request, which is after connecting
        for at in range(0, len(data), _RECORD):
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(min(self._patience.read, left))
            super().send(data[at : at + _RECORD])

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own is
        """Wait for an answer to begin."""
        patience = self._patience
        try:
            if self._deadline < inf:
                # http.client takes the timeout from this attribute.
                self.timeout = min(patience.read, self._deadline - time.monotonic())
                if self.timeout <= 0:
                    raise TimeoutError
            response = super().getresponse()
            self.spent |= response.status < _FINAL
            return response
        except TimeoutError:
            failure = Failure(too_slow(patience.read, over=_over(self._deadline)))
        except (OSError, http.client.HTTPException, HTTPError, ValueError) as error:
            failure = Failure(broke_off(error))
        raise _NoAnswer(failure)


class _ExactSecure(_Exact, HTTPSConnection):
    """An `_Exact` connection with TLS."""


class _Stack:
    """The idle connections of a pool, the last used on top.

    The standard library's queue has a lock that an interruption may leave locked forever. The
    operations of a deque are atomic and need no lock.
    """

    def __init__(self, maxsize: int) -> None:
        self._places = deque([None] * maxsize)
        self._items: deque[HTTPConnection | None] = deque()

    def get(self, block: bool = True, timeout: float | None = None) -> HTTPConnection | None:
        """Take the last connection, without ever waiting for one."""
        try:
            item = self._items.pop()
        except IndexError:
            raise queue.Empty from None
        self._places.append(None)
        return item

    def put(self, item: HTTPConnection | None, block: bool = True) -> None:
        """Add a connection, if there is room."""
        try:
            self._places.pop()
        except IndexError:
            raise queue.Full from None
        self._items.append(item)

    def qsize(self) -> int:
        """Return the number of connections."""
        return len(self._items)


class _Pool(HTTPConnectionPool):
    QueueCls = _Stack  # type: ignore[assignment]  # all of it that a pool asks for

    def __init__(self, *args: Any, idle: float, **options: Any) -> None:
        super().__init__(*args, **options, idle=idle)

    ConnectionCls = _Exact  # pyright: ignore[reportAssignmentType] - nor does urllib3's own fit


class _SecurePool(HTTPSConnectionPool):
    QueueCls = _Stack  # type: ignore[assignment]  # all of it that a pool asks for

    def __init__(self, *args: Any, idle: float, **options: Any) -> None:
        super().__init__(*args, **options, idle=idle)

    ConnectionCls = _ExactSecure  # pyright: ignore[reportAssignmentType]


class Urllib3Transport:
    """HTTP over a pool of urllib3 connections; safe to share between threads."""

    def __init__(
        self,
        *,
        connections: int = 16,
        proxy: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        idle: float = 20.0,
    ) -> None:
        """Build a transport without opening a connection.

        Args:
            connections: The number of connections to keep open to one host.
            proxy: The address of an HTTP proxy, `http://name:password@host:port`. The environment
                variables for proxies are not read.
            ca_file: A file of PEM certificates that are trusted instead of the system's.
            idle: Seconds after which an idle connection is not used again.

        Raises:
            ValueError: If `connections` is below 1, `proxy` is no such address, or `ca_file`
                contains no certificates.
        """
        route = Route.of(proxy, ca_file)
        proxy = None  # the frame of an error would show its password
        if isinstance(route, str):
            raise ValueError(route)
        if connections < 1:
            raise ValueError(f"connections: expected 1 or more, got {connections}")
        self._route = route
        self._connections = connections
        self._idle = idle
        self._pools = self._new_pools()
        guard_logger("urllib3.connection")
        guard_logger("urllib3.connectionpool")
        renew_after_fork(self)

    def _new_pools(self) -> urllib3.PoolManager:
        options: dict[str, Any] = {
            "num_pools": _ORIGINS,
            "maxsize": self._connections,
            "ssl_context": self._route.context,
        }
        proxy = self._route.proxy
        if proxy is None:
            pools = urllib3.PoolManager(**options)
        else:
            address = f"http://{proxy.host}:{proxy.port}"
            pools = urllib3.ProxyManager(address, proxy_headers=proxy.headers, **options)
        classes = {
            "http": partial(_Pool, idle=self._idle),
            "https": partial(_SecurePool, idle=self._idle),
        }
        pools.pool_classes_by_scheme = cast("dict[str, type[HTTPConnectionPool]]", classes)
        return pools

    def after_fork(self) -> None:
        """Drop the connections, which belong to the parent process."""
        self._pools = self._new_pools()

    def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        pools, self._pools = self._pools, self._new_pools()
        pools.clear()

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request; see `Transport.send`.

        The server has to read each 64 KiB of the request within `timeout.read`, and has the same
        time for the whole answer after that; all within the deadline of the request.
        """
        try:
            outcome = self._attempt(request, timeout)
        except Exception as error:  # raised by the body or the sink
            raise error.with_traceback(None)  # noqa: B904 - the same error, without our frames
        except BaseException as interruption:
            # The frames hold the body and the URL, with the token in it.
            raise interruption.with_traceback(None) from None
        if isinstance(outcome, HttpResponse):
            return outcome
        # Raised here, without the library's exception, which holds the URL with the token.
        raise outcome.of(request)

    def _attempt(self, request: HttpRequest, timeout: Timeout) -> HttpResponse | Failure:
        """Return the answer, or the failure in words."""
        try:
            origin, target = split(request.url)
        except ValueError:
            return NOT_AN_ADDRESS
        if origin.scheme == "http" and self._route.proxy is not None:
            target = f"{origin.text}{target}"
        left = request.deadline - time.monotonic()
        if left <= 0:
            return OUT_OF_TIME
        content = _content(request.body)
        # If all timeouts together end before the deadline, the deadline need not be checked.
        fits = timeout.connect + 2 * timeout.read <= left and not isinstance(content, _Outgoing)
        bounds = (
            _without_deadline(timeout)
            if fits or left == inf
            else _in_urllib3s_terms(timeout, left, request.deadline)
        )
        try:
            pool = self._pools.connection_from_host(origin.host, origin.port, origin.scheme)
            response = pool.urlopen(
                request.method,
                target,
                body=content,
                headers=headers_for(request.body),
                timeout=bounds,
                retries=_NONE,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
        except _NoAnswer as error:
            outcome = error.failure
        except LocationValueError:  # urllib3 checks the address first
            return NOT_AN_ADDRESS
        except (HTTPError, ValueError) as error:
            return Failure(broke_off(error))
        else:
            return _read(response, request, timeout)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class _Outgoing:
    """A body that is being sent; a failure to read it is not reported as a broken connection."""

    def __init__(self, body: Body) -> None:
        self._chunks = outgoing(body)

    def __iter__(self) -> _Outgoing:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            failure = error
        raise _NoAnswer(failure)


def _content(body: Body | None) -> bytes | _Outgoing | None:
    """Return a body in the form that is sent fastest."""
    if isinstance(body, Bytes) and body.length <= CHUNK:
        return body.content
    return None if body is None else _Outgoing(body)


def _read(response: BaseHTTPResponse, request: HttpRequest, timeout: Timeout) -> HttpResponse:
    """Read the content, within its limits of size and time."""
    intake = Intake(request, response.status, response.headers)
    try:
        intake.begin()
        answer = intake.end(_take_in(response, intake, timeout, request.deadline))
        connection = response.connection
        if not answer.cut and not (isinstance(connection, _Exact) and connection.spent):
            response.release_conn()
        return answer
    finally:
        # Closes the connection, unless it went back to its pool after a complete answer.
        response.close()


def _take_in(response: BaseHTTPResponse, intake: Intake, timeout: Timeout, deadline: float) -> str:
    """Take in the content, and return why it is incomplete; empty if it is complete."""
    try:
        while response.length_remaining != 0 and (chunk := response.read1(CHUNK)):
            if not intake.take(chunk):
                break
    except ReadTimeoutError:
        return too_slow(timeout.read, over=_over(deadline))
    except HTTPError as error:
        return broke_off(error)
    return ""

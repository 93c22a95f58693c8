"""HTTP on urllib3's connections: a pool, time-outs that hold, and bounds on every answer."""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.wait import wait_for_read

if TYPE_CHECKING:
    from typing_extensions import Buffer

from wxruntime.forking import renew_after_fork
from wxruntime.redact import guard_logger
from wxruntime.transport import Body, Bytes, HttpRequest, HttpResponse, Timeout
from wxruntime.transport.address import Origin, split
from wxruntime.transport.intake import (
    CHUNK,
    ENDED_EARLY,
    NOT_AN_ADDRESS,
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
from wxruntime.transport.route import Route, default_context

__all__ = ["Urllib3Transport"]

_PROXY_ANSWERED = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes, as long as the whole answer is in time.

    A socket's own time-out starts anew with each byte, so a server that drips would never end.
    """

    def __init__(self, stream: io.RawIOBase, sock: socket.socket) -> None:
        self._stream = stream
        self._sock = sock
        self._deadline = time.monotonic() + (sock.gettimeout() or 0)
        self.ended = False
        """Whether the other side has said its last."""

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

    def begin(self) -> None:
        super().begin()
        # To http.client, a head that breaks off is a short one, and then the content is empty.
        if self._raw.ended:
            raise http.client.IncompleteRead(b"")


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    """Return a socket that is connected within a time, whatever the number of addresses.

    What is left of the time stays behind as the socket's time-out, for the encryption.
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


class _Plain(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        assert isinstance(self.timeout, float | int)
        return _connected(self.host, self.port, self.timeout)


class _Secure(HTTPSConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        assert isinstance(self.timeout, float | int)
        return _connected(self.host, self.port, self.timeout)


class _Idle:
    """Connections that wait for a next request, the last used on top."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: dict[Origin, deque[tuple[float, HTTPConnection]]] = {}
        self._closed = False

    def take(self, origin: Origin) -> HTTPConnection | None:
        """Return one that still stands; None if there is none."""
        oldest = time.monotonic() - self._seconds
        found: HTTPConnection | None = None
        while found is None:
            expired: HTTPConnection | None = None
            with self._lock:
                waiting = self._waiting.get(origin)
                if not waiting:
                    return None
                if waiting[0][0] < oldest:
                    expired = waiting.popleft()[1]
                else:
                    found = waiting.pop()[1]
            if expired is not None:
                expired.close()
            elif found is not None and not found.is_connected:
                found.close()
                found = None
        return found

    def put(self, origin: Origin, connection: HTTPConnection) -> None:
        """Keep one, or close it if there are enough."""
        with self._lock:
            waiting = self._waiting.setdefault(origin, deque())
            if not self._closed and len(waiting) < self._size:
                waiting.append((time.monotonic(), connection))
                return
        connection.close()

    def close(self) -> None:
        """Close all of them, and each that is still to come back."""
        with self._lock:
            self._closed = True
            left, self._waiting = self._waiting, {}
        _close_all(left)

    def after_fork(self) -> None:
        """Close this process's ends, without the lock, which a thread elsewhere may hold."""
        _close_all(self._waiting)


def _close_all(waiting: dict[Origin, deque[tuple[float, HTTPConnection]]]) -> None:
    for connections in waiting.values():
        for _, connection in connections:
            connection.close()


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
        """Open no connection yet.

        Args:
            connections: How many connections to keep open to one host.
            proxy: The address of an HTTP proxy, `http://name:password@host:port`; nothing is
                taken from the environment.
            ca_file: A file of PEM certificates that are trusted in place of the system's.
            idle: How long a connection may stand idle and still be used again, in seconds.

        Raises:
            ValueError: If there is to be no connection, the proxy is no address, or the file has no
                certificates.
        """
        route = Route.of(proxy, ca_file)
        proxy = None  # the frame of an error would show its password
        if isinstance(route, str):
            raise ValueError(route)
        if connections < 1:
            raise ValueError(f"connections: expected 1 or more, got {connections}")
        self._route = route
        self._connections = connections
        self._seconds = idle
        self._idle = self._new_pool()
        guard_logger("urllib3.connection")
        renew_after_fork(self)

    def _new_pool(self) -> _Idle:
        return _Idle(self._connections, self._seconds)

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent."""
        self._idle.after_fork()
        self._idle = self._new_pool()

    def close(self) -> None:
        """Close every connection."""
        idle, self._idle = self._idle, self._new_pool()
        idle.close()

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request; see `Transport.send`.

        Each 64 KiB of the request have to be taken within `timeout.read`, and the answer has as
        long from the moment the request is out.
        """
        try:
            outcome = self._attempt(request, timeout)
        except Exception as error:  # the body's or the sink's own
            raise error.with_traceback(None)  # noqa: B904 - the same error, without our frames
        except BaseException as interruption:
            # The frames hold the URL, the token in it, and the body.
            raise interruption.with_traceback(None) from None
        if isinstance(outcome, HttpResponse):
            return outcome
        # Raised here and not where a library raised: its exceptions carry the URL, token and all.
        raise outcome.of(request)

    def _attempt(self, request: HttpRequest, timeout: Timeout) -> HttpResponse | Failure:
        """Return the answer, or say in words what went wrong."""
        try:
            origin, target = split(request.url)
        except ValueError:
            return NOT_AN_ADDRESS
        idle = self._idle
        connection = idle.take(origin)
        if connection is None:
            made = self._connect(origin, timeout)
            if isinstance(made, Failure):
                return made
            connection = made
        reusable = False
        try:
            whole = self._send(connection, origin, target, request, timeout)
            if isinstance(whole, Failure):
                return whole
            response = _head(connection, timeout)
            if isinstance(response, Failure):
                return response
            try:
                answer = _read(response, request, timeout)
            finally:
                response.close()
            reusable = whole and not answer.cut and not connection.is_closed
            return answer
        finally:
            if reusable:
                idle.put(origin, connection)
            else:
                connection.close()

    def _connect(self, origin: Origin, timeout: Timeout) -> HTTPConnection | Failure:
        """Open a connection."""
        proxy = self._route.proxy
        host, port = (origin.host, origin.port) if proxy is None else (proxy.host, proxy.port)
        connection: HTTPConnection
        if origin.scheme == "https":
            context = self._route.context or default_context()
            connection = _Secure(host, port, timeout=timeout.connect, ssl_context=context)
            if proxy is not None:
                connection.set_tunnel(origin.host, origin.port, proxy.headers)
        else:
            connection = _Plain(host, port, timeout=timeout.connect)
        done = False
        try:
            connection.connect()
            done = True
        except (OSError, http.client.HTTPException) as error:
            if status := _PROXY_ANSWERED.match(str(error)):
                return not_let_through(int(status[1]))
            return unreachable(error, timeout, proxied=proxy is not None)
        except (ValueError, HTTPError):  # a name that DNS cannot even be asked for
            return NOT_AN_ADDRESS
        finally:
            if not done:
                connection.close()
        return connection

    def _send(
        self,
        connection: HTTPConnection,
        origin: Origin,
        target: str,
        request: HttpRequest,
        timeout: Timeout,
    ) -> bool | Failure:
        """Send a request, and say whether all of it went out."""
        body = request.body
        headers = headers_for(body)
        if origin.scheme == "http" and self._route.proxy is not None:
            target = f"{origin.text}{target}"
            headers.update(self._route.proxy.headers)
        connection.timeout = timeout.read
        try:
            connection.request(
                request.method,
                target,
                body=_content(body),
                headers=headers,
            )
        except OSError as error:
            # A server may answer and hang up before it has read all of a large body.
            if connection.sock is not None and wait_for_read(connection.sock, 0):
                return False
            if isinstance(error, TimeoutError):
                return Failure(not_taken(timeout))
            return Failure(broke_off(error))
        return True


def _content(body: Body | None) -> bytes | Iterable[bytes] | None:
    """Return a body as it is sent fastest."""
    if isinstance(body, Bytes) and body.length <= CHUNK:
        return body.content
    return None if body is None else outgoing(body)


def _head(connection: HTTPConnection, timeout: Timeout) -> http.client.HTTPResponse | Failure:
    """Wait for an answer to begin, and read its status and header fields."""
    try:
        connection.sock.settimeout(timeout.read)
        # Not urllib3's own answer: what it adds, from redirects to retries, is not wanted here.
        return http.client.HTTPConnection.getresponse(connection)
    except TimeoutError:
        return Failure(too_slow(timeout))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Failure(broke_off(error))


def _read(
    response: http.client.HTTPResponse, request: HttpRequest, timeout: Timeout
) -> HttpResponse:
    """Read the content within its bounds of size and time."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    intake = Intake(request, response.status, headers)
    intake.begin()
    while response.length != 0:
        try:
            chunk = response.read1(CHUNK)
        except TimeoutError:
            return intake.end(too_slow(timeout))
        except (OSError, http.client.HTTPException, ValueError) as error:
            return intake.end(broke_off(error))
        if not chunk:
            return intake.end(ENDED_EARLY if response.length else "")
        if not intake.take(chunk):
            break
    return intake.end()

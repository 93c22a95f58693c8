"""Small servers on real sockets: each answers with the bytes its test chose."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import BinaryIO, TypeAlias
from urllib.parse import urlsplit

from attrs import define, field, frozen

from tests.runtime.leaks import TOKEN_MARK
from wxruntime.wire import JsonValue

TOKEN_PATH = "/cgi-bin/stable_token"


@frozen
class Seen:
    """A request as it came over the wire."""

    method: str
    target: str
    """Path and query, byte for byte."""
    headers: dict[str, str]
    body: bytes
    connection: int
    """Which connection it came on, counted from 0."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@frozen
class Reply:
    """What a server sends back, in pieces, and whether it leaves the connection open."""

    pieces: Iterable[bytes]
    keep: bool = True


def http(
    body: bytes | JsonValue,
    status: str = "200 OK",
    content_type: str = "application/json; charset=utf-8",
    *,
    extra: str = "",
    length: int | None = None,
    keep: bool = True,
) -> Reply:
    """Write a whole answer; what is not bytes is written as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    size = len(content) if length is None else length
    fields = f"Content-Type: {content_type}\r\nContent-Length: {size}\r\n{extra}"
    head = f"HTTP/1.1 {status}\r\n{fields}\r\n"
    return Reply([head.encode() + content], keep and length is None)


Answer: TypeAlias = Callable[[Seen], Reply]


class SocketServer:
    """Hands each connection to a thread of its own, until `close()` stops all of them."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.stopped = threading.Event()
        self.hung_up = threading.Semaphore(0)
        """Released each time the server is through with a connection."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base_url = f"{'http' if context is None else 'https'}://127.0.0.1:{self.port}"
        self._start(self._accept)

    @property
    def connections(self) -> int:
        """How many connections were made so far."""
        return len(self._connections)

    def serve(self, connection: socket.socket, number: int) -> None:
        """Do with a connection what this server is for."""
        raise NotImplementedError

    def drip(self, head: bytes, drop: bytes) -> Iterator[bytes]:
        """Send a head and then a drop now and then, until the server stops."""
        yield head
        while not self.stopped.wait(0.02):
            yield drop

    def silence(self) -> Iterator[bytes]:
        """Send nothing until the server stops."""
        self.stopped.wait()
        yield b""

    def hang_up(self) -> None:
        """Close every connection from this side, and return when that is done."""
        open_connections = [c for c in self._connections if c.fileno() >= 0]
        for connection in open_connections:
            connection.shutdown(socket.SHUT_RDWR)
        for _ in open_connections:
            self.hung_up.acquire()

    def close(self) -> None:
        """Stop every thread and close every socket."""
        self.stopped.set()
        for connection in (self._listener, *self._connections):
            with suppress(OSError):  # the other side was first
                connection.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

            assert not thread.is_alive()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number = len(self._connections)
            self._connections.append(connection)
            self._start(partial(self._run, connection, number))

    def _run(self, connection: socket.socket, number: int) -> None:
        try:
            with connection:
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
                    self._connections[number] = connection
                with connection:
                    self.serve(connection, number)
        except OSError:
            pass  # the client hung up, or the server stopped
        finally:
            self.hung_up.release()


class Server(SocketServer):
    """Answers each request by a function, and remembers what came."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self.seen: list[Seen] = []
        super().__init__(context)

    def of(self, path: str) -> list[Seen]:
        """The requests to one path."""
        return [request for request in self.seen if request.path == path]

    def serve(self, connection: socket.socket, number: int) -> None:
        """Answer requests until one says that it is the last."""
        with connection.makefile("rb") as lines:
            while (request := read_request(lines, number)) is not None:
                with self._lock:
                    self.seen.append(request)
                reply = self._answer(request)
                for piece in reply.pieces:
                    connection.sendall(piece)
                if not reply.keep:
                    break


class Script(SocketServer):
    """Does with each connection what a function says, byte by byte if it likes."""

    def __init__(
        self,
        play: Callable[[socket.socket], object],
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._play = play
        super().__init__(context)

    def serve(self, connection: socket.socket, number: int) -> None:
        """Play the script."""
        self._play(connection)


class ProxyServer(SocketServer):
    """An HTTP proxy: it passes requests on, and tunnels what is encrypted."""

    def __init__(self, authorization: str | None = None) -> None:
        self._authorization = authorization
        self.seen: list[Seen] = []
        super().__init__()

    def serve(self, connection: socket.socket, number: int) -> None:
        """Pass on requests, or everything in both directions."""
        with connection.makefile("rb") as lines:
            while (request := read_request(lines, number)) is not None:
                self.seen.append(request)
                if request.headers.get("proxy-authorization") != self._authorization:
                    connection.sendall(
                        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                    )
                elif request.method == "CONNECT":
                    host, _, port = request.target.rpartition(":")
                    with socket.create_connection((host, int(port))) as target:
                        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                        self._pass_on(connection, target)
                    return
                else:
                    self._forward(request, connection)

    def _pass_on(self, client: socket.socket, target: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([client, target], [], [])
            for source in ready:
                data = source.recv(1 << 16)
                if not data:
                    return
                (target if source is client else client).sendall(data)

    def _forward(self, request: Seen, client: socket.socket) -> None:
        parts = urlsplit(request.target)
        fields = "".join(
            f"{name}: {value}\r\n"
            for name, value in request.headers.items()
            if name not in ("proxy-authorization", "connection")
        )
        head = f"{request.method} {parts.path}?{parts.query} HTTP/1.1\r\nConnection: close\r\n"
        with socket.create_connection((parts.hostname, parts.port or 80)) as target:
            target.sendall(f"{head}{fields}\r\n".encode() + request.body)
            target.shutdown(socket.SHUT_WR)
            while data := target.recv(1 << 16):
                client.sendall(data)


def read_request(lines: BinaryIO, number: int) -> Seen | None:
    """Read one request; None when the client hung up."""
    start = lines.readline().decode("latin-1").split()
    if not start:
        return None
    headers: dict[str, str] = {}
    while line := lines.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = lines.read(int(headers.get("content-length", 0)))
    return Seen(start[0], start[1], headers, body, number)


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Generator[Server]:
    """Run a server for the length of a block."""
    server = Server(answer, context)
    try:
        yield server
    finally:
        server.close()


def token(number: int) -> str:
    """Name the token that was granted as the n-th."""
    return f"{TOKEN_MARK}-{number}"


@define
class Platform:
    """A platform by script: it grants numbered tokens and answers each path from a list.

    The last answer of a list is repeated; a path without a list answers `{"errcode": 0}`.
    """

    script: dict[str, list[Reply]] = field(factory=dict[str, list[Reply]])
    granted: int = 0
    """How many tokens it has granted; a forced renewal and the first request grant one."""
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def __call__(self, request: Seen) -> Reply:
        with self._lock:
            if answers := self.script.get(request.path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
            if request.path != TOKEN_PATH:
                return http({"errcode": 0, "errmsg": "ok"})
            if json.loads(request.body)["force_refresh"] or not self.granted:
                self.granted += 1
            return http({"access_token": token(self.granted), "expires_in": 7200})

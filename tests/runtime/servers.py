"""Small servers on real sockets: each answers with the bytes its test chose."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import BinaryIO, TypeAlias

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


class Server:
    """Answers each request by a function, and remembers what came.

    It runs on threads of its own until `close()`, which stops all of them.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.seen: list[Seen] = []
        self.stopped = threading.Event()
        self.hung_up = threading.Semaphore(0)
        """Released each time the server has closed a connection."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    @property
    def connections(self) -> int:
        """How many connections were made so far."""
        return len(self._connections)

    def of(self, path: str) -> list[Seen]:
        """The requests to one path."""
        return [request for request in self.seen if request.path == path]

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
            self._start(partial(self._serve, connection, number))

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                while (request := _read(lines, number)) is not None:
                    with self._lock:
                        self.seen.append(request)
                    reply = self._answer(request)
                    for piece in reply.pieces:
                        connection.sendall(piece)
                    if not reply.keep:
                        break
        except OSError:
            pass  # the client hung up, or the server stopped
        finally:
            self.hung_up.release()


def _read(lines: BinaryIO, number: int) -> Seen | None:
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
def serving(answer: Answer) -> Generator[Server]:
    """Run a server for the length of a block."""
    server = Server(answer)
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

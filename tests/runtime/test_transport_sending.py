"""The contract of a transport, for each there is, on real sockets: what goes out."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from tests.runtime.leaks import TOKEN_MARK, failing
from tests.runtime.servers import Answer, Reply, Script, Server, http
from tests.runtime.transports import CA, Driven, server_context
from wxruntime.errors import EncodeError, TransportError
from wxruntime.transport import Bytes, HttpRequest, Timeout

LONG = Timeout(20.0, 20.0)
SHORT = Timeout(20.0, 0.3)
QUERY = f"/x?access_token={TOKEN_MARK}-1"
MEBIBYTE = 1 << 20

Serve = Callable[[Answer], Server]
Play = Callable[[Callable[[socket.socket], object]], Script]


@pytest.fixture
def play() -> Iterator[Play]:
    """Start scripted servers; each is stopped after the test."""
    with ExitStack() as running:

        def start(script: Callable[[socket.socket], object]) -> Script:
            server = Script(script)
            running.callback(server.close)
            return server

        yield start


@define
class Pieces:
    """A body that is made while it is sent; it may not be as long as it says."""

    length: int
    pieces: Callable[[], Iterator[bytes]]
    content_type: str = "application/octet-stream"
    begun: int = 0
    ended: int = 0
    threads: set[int] = field(factory=set[int])

    def chunks(self) -> Iterator[bytes]:
        self.begun += 1
        try:
            for piece in self.pieces():
                self.threads.add(threading.get_ident())
                yield piece
        finally:
            self.ended += 1


@define
class OnDisk:
    """A body that is a file, read as it is sent."""

    path: Path
    length: int
    content_type: str = "application/octet-stream"

    def chunks(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(1 << 16):
                    yield chunk
        except OSError as error:
            raise EncodeError(f"cannot read the file: {error.strerror}") from None


def read_head(connection: socket.socket) -> bytes:
    """Read up to the end of the header fields, and what came with them."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(1 << 16)
        if not data:
            raise OSError
        head += data
    return head


def test_a_large_body_is_never_in_memory(play: Play, transport: Driven) -> None:
    """20 MB go out chunk by chunk, with their exact length and not in chunked encoding."""
    size = 20 * MEBIBYTE
    chunk = bytes(range(256)) * 256
    heads: list[bytes] = []
    digest = hashlib.sha256()

    def take(connection: socket.socket) -> None:
        head, _, rest = read_head(connection).partition(b"\r\n\r\n")
        heads.append(head.lower())
        digest.update(rest)
        left = size - len(rest)
        while left:
            data = connection.recv(1 << 16)
            digest.update(data)
            left -= len(data)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server = play(take)
    body = Pieces(size, lambda: (chunk for _ in range(size // len(chunk))))
    tracemalloc.start()
    try:
        response = transport.send(HttpRequest("POST", server.base_url, body), LONG)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert response.body == b"ok"
    assert digest.digest() == hashlib.sha256(chunk * (size // len(chunk))).digest()
    assert b"content-length: %d" % size in heads[0]
    assert b"transfer-encoding" not in heads[0]
    assert peak < 4 * MEBIBYTE


@pytest.mark.parametrize("size", [0, 1, 1 << 16, (1 << 16) + 1, 3 * MEBIBYTE])
@pytest.mark.parametrize("at_hand", [True, False])
def test_bodies_of_every_size_arrive(
    serve: Serve, transport: Driven, size: int, at_hand: bool
) -> None:
    """And the connection serves on."""
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    server = serve(lambda _: http(b"{}"))
    body = Bytes(content) if at_hand else Pieces(size, lambda: iter((content,)))

    for _ in range(2):
        transport.send(HttpRequest("POST", server.base_url, body), LONG)

    assert [seen.body for seen in server.seen] == [content] * 2
    assert server.connections == 1


def test_empty_chunks_end_nothing(serve: Serve, transport: Driven) -> None:
    """A reader that has nothing for the moment is not at its end."""
    server = serve(lambda _: http(b"{}"))
    body = Pieces(2, lambda: iter((b"", b"a", b"", b"b", b"")))

    transport.send(HttpRequest("POST", server.base_url, body), LONG)

    assert server.seen[0].body == b"ab"


def nothing() -> Iterator[bytes]:
    """A body that ends before it begins."""
    return iter(())


def unreadable() -> Iterator[bytes]:
    """A body whose disk fails in the middle."""
    yield b"x" * 70_000
    raise EncodeError("cannot read the file: Input/output error")


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        (nothing, "expected 100000 bytes of content, got 0"),
        (lambda: iter((b"x" * 99_999,)), "expected 100000 bytes of content, got 99999"),
        (lambda: iter((b"x" * 99_999, b"yz")), "expected 100000 bytes of content, got more"),
        (lambda: iter((b"x" * 100_001,)), "expected 100000 bytes of content, got more"),
        (unreadable, "cannot read the file: Input/output error"),
    ],
    ids=["nothing", "short", "long", "long at once", "unreadable"],
)
def test_a_body_that_fails_is_no_transport_error(
    serve: Serve, transport: Driven, pieces: Callable[[], Iterator[bytes]], problem: str
) -> None:
    """Its own error comes out, what it reads from is closed, and the transport serves on."""
    server = serve(lambda _: http(b"{}"))
    body = Pieces(100_000, pieces)

    with failing(EncodeError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, body), LONG)

    assert failure.value.problem == problem
    assert body.begun == body.ended == 1
    assert server.hung_up.acquire(timeout=20)
    assert transport.send(HttpRequest("GET", server.base_url), LONG).status == 200
    assert [seen.method for seen in server.seen if seen.body != b"x" * 70_000][-1] == "GET"


@pytest.mark.parametrize(
    "kind", [KeyError, ValueError, OSError, ConnectionResetError, TimeoutError]
)
@pytest.mark.parametrize("at_once", [True, False])
def test_what_a_users_file_raises_comes_out_as_it_is(
    serve: Serve, transport: Driven, kind: type[Exception], at_once: bool
) -> None:
    """With its cause: it is no failure of the connection, whatever it calls itself."""
    raised = kind("the user's own")
    raised.__cause__ = cause = RuntimeError("why")

    def pieces() -> Iterator[bytes]:
        if not at_once:
            yield b"x" * 70_000
        raise raised

    server = serve(lambda _: http(b"{}"))
    body = Pieces(100_000, pieces)

    with failing(kind) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, body), LONG)

    assert failure.value is raised
    assert failure.value.__cause__ is cause
    assert body.begun == body.ended == 1
    assert server.hung_up.acquire(timeout=20)
    assert transport.send(HttpRequest("GET", server.base_url), LONG).status == 200


@pytest.mark.parametrize(("piece", "kind"), [("12", "str"), (bytearray(2), "bytearray")])
def test_a_body_is_made_of_bytes(serve: Serve, transport: Driven, piece: Any, kind: str) -> None:
    """Nothing else is sent in their place."""
    server = serve(lambda _: http(b"{}"))
    body = Pieces(2, lambda: iter((piece,)))

    with failing(EncodeError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, body), LONG)

    assert failure.value.problem == f"expected bytes of content, got {kind}"


def test_a_file_that_is_gone_is_an_error_of_the_body(
    serve: Serve, transport: Driven, tmp_path: Path
) -> None:
    """It was there when the call was made."""
    path = tmp_path / "gone"
    server = serve(lambda _: http(b"{}"))

    with failing(EncodeError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, OnDisk(path, 5)), LONG)

    assert failure.value.problem == "cannot read the file: No such file or directory"


def test_a_file_that_shrinks_is_an_error_of_the_body(
    play: Play, transport: Driven, tmp_path: Path
) -> None:
    """The server waits for the rest in vain, and nobody else does."""
    path = tmp_path / "shrinking"
    path.write_bytes(bytes(100))
    server = play(read_to_the_end)

    with failing(EncodeError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, OnDisk(path, 200)), LONG)

    assert failure.value.problem == "expected 200 bytes of content, got 100"
    assert server.hung_up.acquire(timeout=20)


def read_to_the_end(connection: socket.socket) -> None:
    """Read until the client hangs up."""
    while connection.recv(1 << 16):
        pass


def test_a_server_that_never_reads_is_given_up(play: Play, transport: Driven) -> None:
    """However large the body is: the time-out bounds each part of it."""
    server = play(lambda _: server_stopped.wait())
    server_stopped = server.stopped
    chunk = bytes(1 << 16)
    body = Pieces(1000 * len(chunk), lambda: (chunk for _ in range(1000)))

    with failing(TransportError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, body), SHORT)

    assert failure.value.sent
    assert str(failure.value).endswith(": the server did not read the request within 0.3 s")
    assert body.begun == body.ended == 1


@pytest.mark.parametrize("context", [None, server_context()], ids=["plain", "encrypted"])
def test_a_deadline_ends_a_body_that_is_read_slowly(
    open_transport: Callable[..., Driven], context: ssl.SSLContext | None
) -> None:
    """Though each part of it would be taken in time."""

    def read_slowly(connection: socket.socket) -> None:
        while not server.stopped.wait(0.02):
            connection.recv(1 << 14)

    server = Script(read_slowly, context)
    chunk = bytes(1 << 16)
    body = Pieces(1000 * len(chunk), lambda: (chunk for _ in range(1000)))
    try:
        with failing(TransportError) as failure:
            deadline = time.monotonic() + 0.5
            request = HttpRequest("POST", server.base_url + QUERY, body, deadline=deadline)
            open_transport(ca_file=CA).send(request, LONG)
    finally:
        server.close()

    assert failure.value.sent
    assert str(failure.value).endswith(" before the deadline of the call")
    assert body.begun == body.ended == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"Content-Length: 3\r\n\r\nno!",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n",
    ],
    ids=["length", "chunks"],
)
def test_an_answer_may_come_before_the_body_is_read(
    play: Play, transport: Driven, answer: bytes
) -> None:
    """As of a server that refuses what is too large; the connection is not used again."""

    def refuse(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\n" + answer)
        # It reads on for a moment, as good servers do: a reset could overtake the answer.
        connection.shutdown(socket.SHUT_WR)
        read_to_the_end(connection)

    server = play(refuse)
    chunk = bytes(1 << 16)
    body = Pieces(100 * len(chunk), lambda: (chunk for _ in range(100)))

    for _ in range(2):
        response = transport.send(HttpRequest("POST", server.base_url, body), LONG)

        assert (response.status, response.body, response.cut) == (413, b"no!", "")
    assert body.begun == body.ended == 2
    assert server.connections == 2


def test_an_answer_instead_of_reading_is_found(play: Play, transport: Driven) -> None:
    """The server answers and reads nothing more, but leaves the connection open."""
    refused = threading.Event()

    def refuse(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!")
        refused.set()
        server_stopped.wait()

    server = play(refuse)
    server_stopped = server.stopped
    chunk = bytes(1 << 16)

    def pieces() -> Iterator[bytes]:
        yield chunk
        refused.wait(20)
        for _ in range(999):
            yield chunk

    body = Pieces(1000 * len(chunk), pieces)

    response = transport.send(HttpRequest("POST", server.base_url, body), SHORT)

    assert (response.status, response.body, response.cut) == (413, b"no!", "")


def test_a_reset_while_sending_is_an_error(play: Play, transport: Driven) -> None:
    """The server hung up without a word."""

    def reset(connection: socket.socket) -> None:
        read_head(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    server = play(reset)
    chunk = bytes(1 << 16)
    body = Pieces(1000 * len(chunk), lambda: (chunk for _ in range(1000)))

    with failing(TransportError) as failure:
        transport.send(HttpRequest("POST", server.base_url + QUERY, body), LONG)

    assert failure.value.sent
    assert body.begun == body.ended == 1


def test_a_body_is_sent_as_often_as_it_is_asked_for(
    serve: Serve, transport: Driven, tmp_path: Path
) -> None:
    """From its beginning each time."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 70_000)
    replies = [Reply([], keep=False), http(b"{}")]
    server = serve(lambda _: replies.pop(0))
    request = HttpRequest("POST", server.base_url + QUERY, OnDisk(path, 70_000))
    with failing(TransportError):
        transport.send(request, LONG)

    transport.send(request, LONG)

    assert [seen.body for seen in server.seen] == [b"x" * 70_000] * 2

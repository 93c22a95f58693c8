"""HTTP on real sockets: whole answers within their bounds, or one kind of error."""

from __future__ import annotations

import gc
import gzip
import logging
import socket
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.runtime.leaks import TOKEN_MARK, failing, secrets_logged
from tests.runtime.servers import Answer, Reply, Server, http
from wxruntime.errors import TransportError
from wxruntime.transport import HttpRequest, HttpResponse, Urllib3Transport

SHORT = 0.3
"""A time-out that has to strike, in seconds."""
LONG = 20.0
"""A time-out that must not, in seconds."""
QUERY = f"/x?access_token={TOKEN_MARK}-1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def transport() -> Iterator[Urllib3Transport]:
    """A transport with a small bound on answers; nothing of it is left after the test."""
    made = Urllib3Transport(max_answer=100_000)
    yield made
    made.close()
    gc.collect()  # a socket left open would warn here, and a warning is an error


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Listen to every logger at DEBUG; after the test, no record may show a secret."""
    caplog.set_level(logging.DEBUG)
    yield

    assert not secrets_logged(caplog)


Serve = Callable[[Answer], Server]


def get(transport: Urllib3Transport, base_url: str, timeout: float = LONG) -> HttpResponse:
    """Ask for the one address of these tests."""
    return transport.send(HttpRequest("GET", base_url + QUERY), timeout)


def test_a_request_goes_out_as_it_is(serve: Serve, transport: Urllib3Transport) -> None:
    """Method, path, query and body reach the server byte for byte."""
    server = serve(lambda _: http(b"{}"))
    url = f"{server.base_url}/a/b?k=x%20y%26z@gh%231&q=%E5%90%8D"

    response = transport.send(HttpRequest("POST", url, "名".encode()), LONG)

    assert response == HttpResponse(200, "application/json; charset=utf-8", b"{}")
    assert [(seen.method, seen.target, seen.body) for seen in server.seen] == [
        ("POST", "/a/b?k=x%20y%26z@gh%231&q=%E5%90%8D", "名".encode())
    ]


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found", "502 Bad Gateway"])
def test_every_status_is_an_answer(serve: Serve, transport: Urllib3Transport, status: str) -> None:
    """The envelope decides what it means; a redirect is not followed."""
    server = serve(lambda _: http(b"body", status, extra="Location: /y\r\n"))

    response = get(transport, server.base_url)

    assert (response.status, response.body) == (int(status[:3]), b"body")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [("gzip", gzip.compress(b"[1]" * 99, mtime=0)), ("deflate", zlib.compress(b"[1]" * 99))],
    ids=["gzip", "deflate"],
)
def test_a_compressed_answer_is_read(
    serve: Serve, transport: Urllib3Transport, encoding: str, encoded: bytes
) -> None:
    """What was asked for in Accept-Encoding is understood."""
    server = serve(lambda _: http(encoded, extra=f"Content-Encoding: {encoding}\r\n"))

    assert get(transport, server.base_url).body == b"[1]" * 99
    assert encoding in server.seen[0].headers["accept-encoding"]


def test_a_chunked_answer_is_read(serve: Serve, transport: Urllib3Transport) -> None:
    """In as many chunks as the server likes."""
    pieces = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\n[1\r\n", b"1\r\n]\r\n0\r\n\r\n"]
    server = serve(lambda _: Reply(pieces))

    assert get(transport, server.base_url).body == b"[1]"
    assert get(transport, server.base_url).body == b"[1]"
    assert server.connections == 1


def test_an_answer_of_exactly_the_bound_is_read(serve: Serve, transport: Urllib3Transport) -> None:
    """The bound is the largest size that passes."""
    server = serve(lambda _: http(b"x" * 100_000))

    assert len(get(transport, server.base_url).body) == 100_000


@pytest.mark.parametrize(
    "reply",
    [
        http(b"x" * 100_001),
        http(gzip.compress(bytes(50_000_000)), extra="Content-Encoding: gzip\r\n"),
        http(
            gzip.compress(gzip.compress(bytes(50_000_000))),
            extra="Content-Encoding: gzip, gzip\r\n",
        ),
    ],
    ids=["large", "bomb", "bomb in a bomb"],
)
def test_an_oversized_answer_is_refused(
    serve: Serve, transport: Urllib3Transport, reply: Reply
) -> None:
    """Before or after decompression: reading stops at the bound."""
    server = serve(lambda _: reply)

    with failing(TransportError) as failure:
        get(transport, server.base_url)

    assert "100000 bytes" in str(failure.value)


def test_an_endless_answer_is_refused(serve: Serve, transport: Urllib3Transport) -> None:
    """A body without an end fills no memory."""

    def endless() -> Iterator[bytes]:
        yield HEAD + b"\r\n"
        while not server.stopped.is_set():
            yield b"x" * 10_000

    server = serve(lambda _: Reply(endless()))

    with failing(TransportError):
        get(transport, server.base_url)


@pytest.mark.parametrize(
    "reply",
    [
        http(b'{"errcode":0}', length=100),
        http(gzip.compress(b"[1]" * 99)[:-9], extra="Content-Encoding: gzip\r\n", length=100),
        http(b"no gzip at all", extra="Content-Encoding: gzip\r\n"),
        Reply([HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[1"], keep=False),
        Reply([HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n"], keep=False),
        Reply([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[1]"], keep=False),
        Reply([], keep=False),
        Reply([b"SSH-2.0-OpenSSH_9.6\r\n"], keep=False),
        Reply([b"HTTP/1.1 999999999999 OK\r\n\r\n"], keep=False),
        Reply([b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n"], keep=False),
        Reply([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n"], keep=False),
    ],
    ids=[
        "short of its length",
        "gzip cut",
        "no gzip",
        "chunk cut",
        "chunks cut",
        "wrong chunk",
        "nothing",
        "another protocol",
        "absurd status",
        "long header",
        "many headers",
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(
    serve: Serve, transport: Urllib3Transport, reply: Reply
) -> None:
    """Half an answer is never handed on, and the request is not sent again."""
    server = serve(lambda _: reply)

    with failing(TransportError) as failure:
        get(transport, server.base_url)

    assert len(server.seen) == 1
    assert f"{server.base_url}/x?access_token=***" in str(failure.value)


def test_a_server_that_says_nothing_is_given_up(serve: Serve, transport: Urllib3Transport) -> None:
    """The time-out bounds the wait for the first byte."""
    server = serve(lambda _: Reply(server.silence()))

    with failing(TransportError) as failure:
        get(transport, server.base_url, SHORT)

    assert "within 0.3 s" in str(failure.value)


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"Content-Length: 99999\r\n\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b""),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["until close", "length", "chunks", "gzip", "header", "headers", "continue"],
)
def test_a_server_that_drips_is_given_up(
    serve: Serve, transport: Urllib3Transport, head: bytes, drop: bytes
) -> None:
    """A byte now and then does not stretch the time-out; it bounds the whole answer."""
    server = serve(lambda _: Reply(server.drip(head, drop)))

    with failing(TransportError):
        get(transport, server.base_url, SHORT)


def test_a_host_that_refuses_is_named(transport: Urllib3Transport) -> None:
    """No one listens: the error says so, with the address and without the token."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with failing(TransportError) as failure:
        get(transport, f"http://127.0.0.1:{port}")

    assert "refused" in str(failure.value)
    assert f"127.0.0.1:{port}" in str(failure.value)


@pytest.mark.parametrize(
    "base_url",
    ["http://", "http://[::1", "http://127.0.0.1:99999", "http://a\n.b", "http://.", "ftp://x"],
)
def test_an_address_that_is_none_is_a_transport_error(
    transport: Urllib3Transport, base_url: str
) -> None:
    """A wrong base URL shows as the one kind of error, not as urllib3's or Python's."""
    with failing(TransportError):
        get(transport, base_url)


def test_a_server_without_tls_is_a_transport_error(transport: Urllib3Transport) -> None:
    """An https:// address of a plain server ends in words, not in an SSL exception."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:
        address = f"https://127.0.0.1:{listener.getsockname()[1]}"

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        answered = threads.submit(answer)
        with failing(TransportError) as failure:
            get(transport, address)
        answered.result(LONG)

    assert "no secure connection" in str(failure.value)


def test_after_a_failure_the_transport_serves_on(serve: Serve, transport: Urllib3Transport) -> None:
    """A broken connection is thrown away, and the next request gets another."""
    replies = [http(b"x" * 200_000), Reply([], keep=False), http(b"1"), http(b"2")]
    server = serve(lambda _: replies.pop(0))
    for _ in range(2):
        with failing(TransportError):
            get(transport, server.base_url)

    bodies = [get(transport, server.base_url).body for _ in range(2)]

    assert bodies == [b"1", b"2"]
    assert server.connections == 3


def test_a_connection_announced_as_closed_is_not_used_again(
    serve: Serve, transport: Urllib3Transport
) -> None:
    """`Connection: close` ends it on both sides."""
    server = serve(lambda _: http(b"1", extra="Connection: close\r\n", keep=False))

    bodies = [get(transport, server.base_url).body for _ in range(3)]

    assert bodies == [b"1"] * 3
    assert server.connections == 3


def test_close_ends_every_connection(serve: Serve, transport: Urllib3Transport) -> None:
    """The server sees the end of the idle connection; a later request makes a new one."""
    server = serve(lambda _: http(b"1"))
    get(transport, server.base_url)

    transport.close()

    assert server.hung_up.acquire(timeout=LONG)
    assert get(transport, server.base_url).body == b"1"
    assert server.connections == 2

"""The contract of a transport, for each there is, on real sockets: what comes back."""

from __future__ import annotations

import gzip
import logging
import math
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import define, field

from tests.runtime.leaks import TOKEN_MARK, failing, secrets_logged
from tests.runtime.servers import Answer, Reply, Script, Seen, Server, http, read_request
from tests.runtime.transports import Driven
from wxruntime.errors import TransportError
from wxruntime.transport import Bytes, HttpRequest, HttpResponse, Timeout

SHORT = Timeout(20.0, 0.3)
"""A time-out for the answer that has to strike."""
LONG = Timeout(20.0, 20.0)
"""A time-out that must not."""
LIMIT = 100_000
"""How large an answer of these tests may be, in bytes."""
QUERY = f"/x?access_token={TOKEN_MARK}-1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = "Content-Encoding: gzip\r\n"

Serve = Callable[[Answer], Server]


@pytest.fixture(autouse=True)
def no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Listen to every logger at DEBUG; after the test, no record may show a secret."""
    caplog.set_level(logging.DEBUG)
    yield

    assert not secrets_logged(caplog)


@define
class Memory:
    """A sink that keeps what it is given."""

    chunks: list[bytes] = field(factory=list[bytes])
    restarts: int = 0

    def restart(self) -> None:
        self.restarts += 1
        self.chunks.clear()

    def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)


@define
class OnDisk:
    """A sink that writes to a file."""

    path: Path

    def restart(self) -> None:
        self.path.write_bytes(b"")

    def write(self, chunk: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(chunk)


@define
class Full:
    """A sink whose disk is full, from the beginning or after a first chunk."""

    at_once: bool

    def restart(self) -> None:
        if self.at_once:
            raise OSError(28, "No space left on device")

    def write(self, chunk: bytes) -> None:
        raise OSError(28, "No space left on device")


def get(transport: Driven, base_url: str, timeout: Timeout = LONG) -> HttpResponse:
    """Ask for the one address of these tests."""
    return transport.send(HttpRequest("GET", base_url + QUERY, limit=LIMIT), timeout)


def test_a_request_goes_out_as_it_is(serve: Serve, transport: Driven) -> None:
    """Method, path, query, body and media type reach the server byte for byte."""
    server = serve(lambda _: http(b"{}"))
    target = "/a/b%2Fc?k=x%20y%26z@gh%231&q=%E5%90%8D&e=&f='()*!$,;:"

    response = transport.send(
        HttpRequest("POST", server.base_url + target, Bytes("名".encode(), "text/x-own")), LONG
    )

    assert (response.status, response.body, response.cut) == (200, b"{}", "")
    assert response.content_type == "application/json; charset=utf-8"
    (seen,) = server.seen
    assert (seen.method, seen.target, seen.body) == ("POST", target, "名".encode())
    assert seen.headers["content-type"] == "text/x-own"
    assert seen.headers["content-length"] == "3"
    assert seen.headers["host"] == server.base_url.removeprefix("http://")
    assert "transfer-encoding" not in seen.headers


def test_what_is_no_ascii_is_escaped(serve: Serve, transport: Driven) -> None:
    """An address a person wrote arrives as a browser would send it, without its fragment."""
    server = serve(lambda _: http(b"{}"))

    transport.send(HttpRequest("GET", f"{server.base_url}?q=名 字#here"), LONG)

    assert server.seen[0].target == "/?q=%E5%90%8D%20%E5%AD%97"


def test_a_post_without_a_body_has_the_length_0(serve: Serve, transport: Driven) -> None:
    """A server that asks for a length gets one."""
    server = serve(lambda _: http(b"{}"))

    transport.send(HttpRequest("POST", server.base_url), LONG)

    assert server.seen[0].headers["content-length"] == "0"


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found", "502 Bad Gateway"])
def test_every_status_is_an_answer(serve: Serve, transport: Driven, status: str) -> None:
    """The envelope decides what it means; a redirect is not followed."""
    server = serve(lambda _: http(b"body", status, extra="Location: /y\r\n"))

    response = get(transport, server.base_url)

    assert (response.status, response.body) == (int(status[:3]), b"body")
    assert response.headers["location"] == "/y"
    assert len(server.seen) == 1


def test_a_field_that_is_there_twice_is_joined(serve: Serve, transport: Driven) -> None:
    """Names are in lower case, and nothing of a field is lost."""
    server = serve(lambda _: http(b"{}", extra="X-One: a\r\nx-ONE: b\r\n"))

    assert get(transport, server.base_url).headers["x-one"] == "a, b"


def test_no_cookie_is_kept(serve: Serve, transport: Driven) -> None:
    """What a server sets is not sent back to it."""
    server = serve(lambda _: http(b"{}", extra="Set-Cookie: a=b; Path=/\r\n"))
    for _ in range(2):
        get(transport, server.base_url)

    assert "cookie" not in server.seen[1].headers


def deflated(data: bytes, bits: int) -> bytes:
    """Compress with zlib's header or without."""
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(b"[1]" * 99, mtime=0)),
        ("x-gzip", gzip.compress(b"[1]" * 99, mtime=0)),
        ("GZIP", gzip.compress(b"[1]" * 33, mtime=0) + gzip.compress(b"[1]" * 66, mtime=0)),
        ("gzip", gzip.compress(b"[1]" * 99, mtime=0) + b"\0\0"),
        ("deflate", deflated(b"[1]" * 99, 15)),
        ("deflate", deflated(b"[1]" * 99, -15)),
        ("identity", b"[1]" * 99),
    ],
    ids=["gzip", "x-gzip", "members", "padded", "deflate", "raw deflate", "identity"],
)
@pytest.mark.parametrize("dripping", [False, True], ids=["at once", "byte by byte"])
def test_a_compressed_answer_is_read(
    serve: Serve, transport: Driven, encoding: str, encoded: bytes, dripping: bool
) -> None:
    """What was asked for in Accept-Encoding is understood, whatever pieces it comes in."""
    whole = http(encoded, extra=f"Content-Encoding: {encoding}\r\n")
    (piece,) = whole.pieces
    pieces = [bytes([byte]) for byte in piece] if dripping else [piece]
    server = serve(lambda _: Reply(pieces))

    response = get(transport, server.base_url)

    assert (response.body, response.cut) == (b"[1]" * 99, "")
    assert server.seen[0].headers["accept-encoding"] == "gzip, deflate"


def test_an_empty_answer_is_whole_whatever_it_calls_itself(serve: Serve, transport: Driven) -> None:
    """Nothing, compressed, is nothing."""
    server = serve(lambda _: http(b"", extra=GZIP))

    response = get(transport, server.base_url)

    assert (response.body, response.cut) == (b"", "")


def test_a_chunked_answer_is_read(serve: Serve, transport: Driven) -> None:
    """In as many chunks as the server likes, and the connection serves on."""
    server = serve(lambda _: Reply([CHUNKED, b"2\r\n[1\r\n", b"1\r\n]\r\n0\r\n\r\n"]))

    bodies = [get(transport, server.base_url).body for _ in range(3)]

    assert bodies == [b"[1]"] * 3
    assert server.connections == 1


def test_an_answer_until_the_end_of_the_connection_is_whole(
    serve: Serve, transport: Driven
) -> None:
    """As old servers send it: nothing announces its length."""
    server = serve(lambda _: Reply([HEAD + b"\r\n", b"[1", b"]"], keep=False))

    response = get(transport, server.base_url)

    assert (response.body, response.cut) == (b"[1]", "")


def test_an_answer_of_exactly_the_limit_is_whole(serve: Serve, transport: Driven) -> None:
    """The limit is the largest size that passes."""
    server = serve(lambda _: http(b"x" * LIMIT))

    response = get(transport, server.base_url)

    assert (len(response.body), response.cut) == (LIMIT, "")


@pytest.mark.parametrize(
    "reply",
    [http(b"\0" * (LIMIT * 20)), http(gzip.compress(bytes(50_000_000)), extra=GZIP)],
    ids=["large", "bomb"],
)
def test_an_oversized_answer_is_cut_at_the_limit(
    serve: Serve, transport: Driven, reply: Reply
) -> None:
    """Reading stops there, decompression with it, and the connection is not used again."""
    server = serve(lambda _: reply)

    for _ in range(2):
        response = get(transport, server.base_url)

        assert response.cut == "the answer is larger than 100000 bytes"
        assert response.body == bytes(LIMIT)
    assert server.connections == 2


def test_an_endless_answer_is_cut(serve: Serve, transport: Driven) -> None:
    """A body without an end fills no memory."""

    def endless() -> Iterator[bytes]:
        yield HEAD + b"\r\n"
        while not server.stopped.is_set():
            yield b"x" * 10_000

    server = serve(lambda _: Reply(endless()))

    response = get(transport, server.base_url)

    assert "100000 bytes" in response.cut
    assert len(response.body) == LIMIT


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (http(b"[1]", length=4), b"[1]"),
        (http(gzip.compress(b"[1]")[:-9], extra=GZIP, keep=False), b"[1]"),
        (http(b"[1]", extra=GZIP, keep=False), b""),
        (http(b"[1]", extra="Content-Encoding: br\r\n"), b""),
        (http(b"[1]", extra="Content-Encoding: gzip, gzip\r\n"), b""),
        (Reply([CHUNKED, b"3\r\n[1"], keep=False), b"[1"),
        (Reply([CHUNKED, b"3\r\n[1]\r\n"], keep=False), b"[1]"),
    ],
    ids=[
        "short of its length",
        "gzip cut",
        "no gzip",
        "not asked for",
        "twice",
        "chunk cut",
        "chunks cut",
    ],
)
def test_an_answer_that_broke_off_says_so(
    serve: Serve, transport: Driven, reply: Reply, body: bytes
) -> None:
    """What came is returned, and why it is not all; the request is not sent again."""
    server = serve(lambda _: reply)

    response = get(transport, server.base_url)

    assert response.cut
    assert response.status == 200
    assert body.startswith(response.body)
    assert len(server.seen) == 1


@pytest.mark.parametrize("pieces", [[b"zz\r\n"], [b"1\r\nx\r\n", b"zz\r\n"]])
def test_an_answer_in_wrong_chunks_is_not_whole(
    serve: Serve, transport: Driven, pieces: list[bytes]
) -> None:
    """And it is known at once, though the server keeps the connection open."""

    def wrong() -> Iterator[bytes]:
        yield CHUNKED
        yield from pieces
        yield from server.silence()

    server = serve(lambda _: Reply(wrong()))
    try:
        told = get(transport, server.base_url).cut
    except TransportError as error:  # it all came in one piece
        told = str(error)

    assert "broke off" in told


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"SSH-2.0-OpenSSH_9.6\r\n"],
        [b"HTTP/1.1 abc\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n"],
        [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"],
        [b"HTTP/1.1 100 Continue\r\n\r\n"],
    ],
    ids=[
        "nothing",
        "another protocol",
        "absurd status",
        "head cut",
        "long header",
        "only a promise",
    ],
)
def test_without_an_answer_there_is_an_error(
    serve: Serve, transport: Driven, pieces: list[bytes]
) -> None:
    """It names the address without the token, and the request is not sent again."""
    server = serve(lambda _: Reply(pieces, keep=False))

    with failing(TransportError) as failure:
        get(transport, server.base_url)

    assert failure.value.sent
    assert f"GET {server.base_url}/x?access_token=***: the connection broke off" in str(
        failure.value
    )
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    ],
    ids=["listed", "repeated", "chunked"],
)
def test_an_answer_of_two_lengths_is_none(serve: Serve, transport: Driven, fields: bytes) -> None:
    """The request went out, which the error says, and the connection is not used again."""
    server = serve(lambda _: Reply([HEAD + fields + b"\r\n5\r\n12345\r\n0\r\n\r\n"]))

    for count in (1, 2):
        with failing(TransportError) as failure:
            transport.send(HttpRequest("POST", server.base_url + QUERY, Bytes(b"{}")), LONG)

        assert failure.value.sent
        assert ": the connection broke off (" in str(failure.value)
        assert len(server.seen) == server.connections == count


@pytest.mark.parametrize("interim", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_each_call_gets_its_own_answer(serve: Serve, transport: Driven, interim: str) -> None:
    """Whatever a server says before it, with fields or without."""
    early = f"HTTP/1.1 {interim}\r\n\r\nHTTP/1.1 {interim}\r\nLink: </a>\r\n\r\n".encode()
    server = serve(lambda seen: Reply([early, *http(seen.body).pieces]))

    for number in range(3):
        content = b"%d" % number
        request = HttpRequest("POST", server.base_url, Bytes(content))
        response = transport.send(request, LONG)

        assert (response.status, response.body, response.cut) == (200, content, "")
    assert server.connections == 1


def test_after_a_switch_of_protocols_a_connection_is_not_used_again(
    serve: Serve, transport: Driven
) -> None:
    """What follows is no HTTP, or the answer to another call."""
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    server = serve(lambda _: Reply([switched, *http(b"1").pieces]))

    for count in (1, 2, 3):
        assert get(transport, server.base_url).status == 101
        assert server.connections == count


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
def test_a_request_is_never_sent_twice(
    serve: Serve, transport: Driven, method: str, used: bool
) -> None:
    """Not even one that would be idempotent, on a connection that served before."""
    replies = [http(b"1")] * used + [Reply([], keep=False), http(b"2")]
    server = serve(lambda _: replies.pop(0))
    request = HttpRequest(method, server.base_url + QUERY)
    if used:
        transport.send(request, LONG)

    with failing(TransportError) as failure:
        transport.send(request, LONG)

    assert failure.value.sent
    assert len(server.seen) == 1 + used


def test_a_reset_before_the_answer_is_an_error(transport: Driven) -> None:
    """The server read the request and was killed."""

    def play(connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            read_request(lines, 0)
        # With a linger of 0, closing resets.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    server = Script(play)
    try:
        with failing(TransportError) as failure:
            get(transport, server.base_url)
    finally:
        server.close()

    assert failure.value.sent


def test_a_server_that_says_nothing_is_given_up(serve: Serve, transport: Driven) -> None:
    """The time-out bounds the wait for the first byte."""
    server = serve(lambda _: Reply(server.silence()))

    with failing(TransportError) as failure:
        get(transport, server.base_url, SHORT)

    assert failure.value.sent
    assert str(failure.value).endswith(": no complete answer within 0.3 s")


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["header", "headers", "continue"],
)
def test_a_head_that_drips_is_given_up(
    serve: Serve, transport: Driven, head: bytes, drop: bytes
) -> None:
    """A byte now and then does not stretch the time-out."""
    server = serve(lambda _: Reply(server.drip(head, drop)))

    with failing(TransportError) as failure:
        get(transport, server.base_url, SHORT)

    assert failure.value.sent


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"\r\n", b"x"),
        (HEAD + b"Content-Length: 99999\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b""),
    ],
    ids=["until close", "length", "chunks", "gzip"],
)
def test_an_answer_that_drips_is_cut(
    serve: Serve, transport: Driven, head: bytes, drop: bytes
) -> None:
    """The time-out bounds the whole answer, and what came until then is returned."""
    server = serve(lambda _: Reply(server.drip(head, drop)))

    response = get(transport, server.base_url, SHORT)

    assert response.cut == "no complete answer within 0.3 s"
    assert not response.body.strip(b"x")


def soon() -> float:
    """Return a deadline that has to strike."""
    return time.monotonic() + 0.3


@pytest.mark.parametrize("body", [None, Bytes(b"{}"), Bytes(b"x" * 70_000)])
def test_a_deadline_ends_the_wait_for_an_answer(
    serve: Serve, transport: Driven, body: Bytes | None
) -> None:
    """However much time the attempt alone would have."""
    server = serve(lambda _: Reply(server.silence()))

    with failing(TransportError) as failure:
        request = HttpRequest("POST", server.base_url + QUERY, body, deadline=soon())
        transport.send(request, LONG)

    assert failure.value.sent
    assert "no complete answer before the deadline of the call" in str(failure.value)


def test_a_deadline_cuts_an_answer(serve: Serve, transport: Driven) -> None:
    """What came until then is returned."""
    server = serve(lambda _: Reply(server.drip(HEAD + b"Content-Length: 99999\r\n\r\n", b"x")))

    response = transport.send(HttpRequest("GET", server.base_url, deadline=soon()), LONG)

    assert response.cut == "no complete answer before the deadline of the call"


@pytest.mark.parametrize(("left", "expected"), [(40.0, LONG), (30.0, Timeout(15.0, 20.0))])
def test_connecting_gets_half_of_what_is_left_at_most(left: float, expected: Timeout) -> None:
    """So that another host can be asked; reading gets what connecting leaves."""
    assert LONG.within(left) == expected
    assert LONG.within(0.5) == Timeout(0.25, 0.5)


def test_an_answer_gets_what_connecting_has_left(serve: Serve, transport: Driven) -> None:
    """The deadline ends the wait for it, and not a share that was fixed in advance."""
    server = serve(lambda _: Reply(server.silence()))

    with failing(TransportError) as failure:
        request = HttpRequest("GET", server.base_url + QUERY, deadline=soon())
        transport.send(request, LONG.within(0.3))

    assert failure.value.sent
    assert "no complete answer before the deadline of the call" in str(failure.value)


def test_after_the_deadline_nothing_is_sent(serve: Serve, transport: Driven) -> None:
    """Not even a connection is made."""
    server = serve(lambda _: http(b"1"))

    with failing(TransportError) as failure:
        request = HttpRequest("GET", server.base_url + QUERY, deadline=time.monotonic())
        transport.send(request, LONG)

    assert not failure.value.sent
    assert server.connections == 0


def test_a_deadline_that_is_far_changes_nothing(serve: Serve, transport: Driven) -> None:
    """And the connection serves on, with one or without."""
    server = serve(lambda seen: http(seen.body))
    for size in (10, 70_000):
        for deadline in (time.monotonic() + 30, time.monotonic() + 3000, math.inf):
            body = Bytes(b"x" * size)
            request = HttpRequest("POST", server.base_url, body, deadline=deadline)

            assert transport.send(request, LONG).body == body.content
    assert server.connections == 1


def test_a_sink_takes_the_answer(serve: Serve, transport: Driven, tmp_path: Path) -> None:
    """Of any size, decompressed, and not into memory; the connection serves on."""
    content = bytes(range(256)) * 4000
    server = serve(lambda _: http(gzip.compress(content, 1), extra=GZIP))
    path = tmp_path / "answer"
    request = HttpRequest("GET", server.base_url, limit=10, sink=OnDisk(path))

    for _ in range(2):
        response = transport.send(request, LONG)

        assert (response.status, response.body, response.cut) == (200, b"", "")
        assert path.read_bytes() == content
    assert server.connections == 1


def test_a_sink_is_restarted_before_each_answer(serve: Serve, transport: Driven) -> None:
    """Half an answer is not left in front of the next."""
    replies = [http(b"half", length=9), http(b"whole")]
    server = serve(lambda _: replies.pop(0))
    sink = Memory()
    request = HttpRequest("GET", server.base_url, sink=sink)

    first, second = transport.send(request, LONG), transport.send(request, LONG)

    assert first.cut
    assert not second.cut
    assert (sink.restarts, sink.chunks) == (2, [b"whole"])


def test_only_a_success_goes_into_the_sink(serve: Serve, transport: Driven) -> None:
    """What a server says about a failure is in the response, within the limit."""
    server = serve(lambda _: http(b"x" * 11, "404 Not Found"))
    sink = Memory()

    response = transport.send(HttpRequest("GET", server.base_url, limit=10, sink=sink), LONG)

    assert (response.body, sink.restarts) == (b"x" * 10, 0)
    assert response.cut


@pytest.mark.parametrize("at_once", [True, False])
def test_a_sink_that_fails_ends_the_exchange(
    serve: Serve, transport: Driven, at_once: bool
) -> None:
    """Its own error comes out, the connection is closed, and the transport serves on."""
    server = serve(lambda _: http(b"x" * 200_000))

    with failing(OSError) as failure:
        transport.send(HttpRequest("GET", server.base_url + QUERY, sink=Full(at_once)), LONG)

    assert failure.value.errno == 28
    assert server.hung_up.acquire(timeout=20)
    assert get(transport, server.base_url).status == 200


def test_after_a_failure_the_transport_serves_on(serve: Serve, transport: Driven) -> None:
    """A broken connection is thrown away, and the next request gets another."""
    replies = [http(b"x" * 200_000), Reply([], keep=False), http(b"1"), http(b"2")]
    server = serve(lambda _: replies.pop(0))
    assert get(transport, server.base_url).cut
    with failing(TransportError):
        get(transport, server.base_url)

    bodies = [get(transport, server.base_url).body for _ in range(2)]

    assert bodies == [b"1", b"2"]
    assert server.connections == 3


def test_nothing_a_person_sees_has_a_secret_in_it(serve: Serve, transport: Driven) -> None:
    """Neither a request nor a response shows address, header fields or content."""

    def answer(seen: Seen) -> Reply:
        return http(seen.target.encode(), extra=f"X-Echo: {seen.target}\r\n")

    server = serve(answer)
    request = HttpRequest("POST", server.base_url + QUERY, Bytes(TOKEN_MARK.encode()))

    response = transport.send(request, LONG)

    assert TOKEN_MARK in response.headers["x-echo"]
    assert TOKEN_MARK not in f"{request!r} {response!r} {transport!r}"

"""The loopback server, byte by byte: an unclear request is refused and ends the connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from wxoa import Callback, events
from wxruntime.callback.loopback import serve
from wxruntime.callback.signature import sign
from wxruntime.httpd import MAX_BODY, Incoming, LoopbackServer, Outgoing

NEXT = b"GET /next HTTP/1.1\r\n\r\n"


class Seen:
    """A server, and the requests that it has read."""

    def __init__(self) -> None:
        """Listen."""
        self.requests: list[Incoming] = []
        self.server = LoopbackServer(self._answer)

    def _answer(self, incoming: Incoming) -> Outgoing:
        self.requests.append(incoming)
        return Outgoing(200, "text/plain", b"seen")

    def connect(self) -> socket.socket:
        """Connect to the server."""
        return socket.create_connection(("127.0.0.1", self.server.port), 30)


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Start a server and stop it."""
    seen = Seen()
    with seen.server:
        yield seen


def talk(connection: socket.socket, sent: bytes, *, end: bool = False) -> bytes:
    """Send bytes, and return all that comes until the server closes."""
    connection.sendall(sent)
    if end:
        connection.shutdown(socket.SHUT_WR)
    return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize(
    ("line", "header", "status"),
    [
        (b"POST /", b"Content-Length: -1", 400),
        (b"POST /", b"Content-Length: 1_0", 400),
        (b"POST /", "Content-Length: ٣".encode(), 400),
        (b"POST /", b"Content-Length: \xb2", 400),
        (b"POST /", b"Content-Length: ", 400),
        (b"POST /", b"Content-Length: " + b"9" * 5000, 400),
        (b"POST /", b"Content-Length: 0\r\nContent-Length: 0", 400),
        (b"POST /", f"Content-Length: {MAX_BODY + 1}".encode(), 413),
        (b"POST /", b"Transfer-Encoding: chunked", 411),
        (b"POST /", b"Content-Length: 0\r\nTransfer-Encoding: chunked", 411),
        (b"POST /", b"Transfer-Encoding : chunked", 400),
        (b"POST /", b"no header\r\nContent-Length: 5", 400),
        (b"GET http://[/", b"Host: x", 400),
        (b"GET /?nonce=1&nonce=2", b"Host: x", 400),
        (b"GET /?nonce=1&n%6fnce=1", b"Host: x", 400),
    ],
)
def test_a_request_that_is_not_clear_ends_the_connection(
    seen: Seen, line: bytes, header: bytes, status: int
) -> None:
    """The request is refused, and the bytes behind it are not read as another request."""
    with seen.connect() as connection:
        answer = talk(connection, line + b" HTTP/1.1\r\n" + header + b"\r\n\r\n")

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nConnection: close\r\n" in answer
    assert seen.requests == []


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        (b"\x00\xff\r\n", 400, b"expected a request line"),
        (b"/cgi-bin/token\r\n", 400, b"expected a request line"),
        (b"POST /\r\n", 400, b"expected a request line"),
        (b"GET / HTTP/x\r\n", 400, b"expected a request line"),
        (b"GET /" + b"a" * 65532, 414, b"expected a request line of at most 65536 bytes"),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 65534, 431, b"expected at most 100 header lines"),
        (b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 101, 431, b"expected at most 100 header lines"),
        (b"PUT / HTTP/1.1\r\n\r\n", 501, b"expected the method GET or POST"),
        (b"GET / HTTP/2.0\r\n", 505, b"expected HTTP/1.0 or HTTP/1.1"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_in_plain_text(
    seen: Seen, sent: bytes, status: int, problem: bytes
) -> None:
    """The answer has a status line and one line of text, and the connection is closed."""
    with seen.connect() as connection:
        answer = talk(connection, sent, end=True)
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nContent-Type: text/plain\r\n" in head
    assert b"\r\nConnection: close" in head
    assert body.startswith(problem)
    assert body.count(b"\n") == 1
    assert seen.requests == []


def test_a_refused_head_request_gets_no_body(seen: Seen) -> None:
    """The client of a HEAD request would take a body for the next answer."""
    with seen.connect() as connection:
        answer = talk(connection, b"HEAD / HTTP/1.1\r\n\r\n", end=True)

    assert answer.startswith(b"HTTP/1.1 501 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_chunk_is_not_the_next_request(seen: Seen) -> None:
    """The body of a refused request is never read as the next request."""
    chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with seen.connect() as connection:
        connection.sendall(chunked + NEXT)
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 411 ")
    assert seen.requests == []


def test_a_push_that_broke_off_is_not_acknowledged() -> None:
    """A body shorter than its Content-Length is not handled, even if it is a complete push."""
    handled: list[events.Event] = []
    receiver = Callback(token="token", clock=lambda: 1.0)
    receiver.default(handled.append)
    target = f"/?signature={sign('token', '1', '2')}&timestamp=1&nonce=2"
    push = (
        b"<xml><ToUserName>gh</ToUserName><FromUserName>o6</FromUserName><CreateTime>1</CreateTime>"
        b"<MsgType>event</MsgType><Event>kf_create_session</Event><KfAccount>a@b</KfAccount></xml>"
    )
    answers: list[bytes] = []
    with closing(receiver), serve(receiver) as callback:
        for missing in (0, 1):
            head = f"POST {target} HTTP/1.1\r\nContent-Length: {len(push) + missing}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", callback.port), 30) as connection:
                answers.append(talk(connection, head.encode() + push, end=True))

    assert [answer.split(b" ")[1] for answer in answers] == [b"200", b"400"]
    assert len(handled) == 1


def test_requests_follow_each_other_on_a_connection(seen: Seen) -> None:
    """Several requests on one connection are answered in order."""
    first = (
        b"POST /first?a=1&b= HTTP/1.1\r\nContent-Length: 4\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\nbody"
    )
    with seen.connect() as connection:
        answer = talk(connection, first + NEXT, end=True)

    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert seen.requests == [
        Incoming("POST", "/first", {"a": "1", "b": ""}, b"body", "multipart/form-data; boundary=x"),
        Incoming("GET", "/next", {}, b""),
    ]


def test_a_server_may_take_more_than_others() -> None:
    """The limit of a request is set per server; answers may have headers of their own."""
    sent = b"x" * (MAX_BODY + 1)
    seen: list[int] = []

    def answer(incoming: Incoming) -> Outgoing:
        seen.append(len(incoming.body))
        return Outgoing(200, "image/png", b"\0\xff", {"Content-disposition": "attachment"})

    with (
        LoopbackServer(answer, max_body=MAX_BODY + 1) as server,
        socket.create_connection(("127.0.0.1", server.port), 30) as connection,
    ):
        head = f"POST / HTTP/1.1\r\nContent-Length: {len(sent)}\r\n\r\n"
        got = talk(connection, head.encode() + sent, end=True)

    assert seen == [len(sent)]
    assert b"\r\nContent-disposition: attachment\r\n" in got
    assert got.endswith(b"\r\n\r\n\0\xff")


def test_a_closed_server_serves_no_connection_that_is_open(seen: Seen) -> None:
    """A kept-alive connection ends with the server, which does not wait for the client."""
    with seen.connect() as connection:
        connection.sendall(NEXT)
        answer = connection.recv(4096)
        seen.server.close()
        rest = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/" not in rest
    assert len(seen.requests) == 1

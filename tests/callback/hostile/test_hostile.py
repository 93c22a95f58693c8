"""What may come to a callback from anybody, over real sockets, under real servers.

It is refused at a bounded cost, and afterwards the server still takes a good push. Pushes are
signed as the platform signs them, so that they come as far as the reader.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import repeat

import pytest

from tests.callback.hostile.bodies import BOMBS, external
from tests.callback.hostile.raw import connected, end, head, send_until_answered, status_of
from tests.callback.skins.pushes import Mode, Signed, check, push, said, text_message
from tests.callback.skins.servers import Server, ask, gunicorn, serving, uvicorn

COMMANDS = {
    "uvicorn": uvicorn("bare_asgi:app"),
    "gunicorn": gunicorn("bare_wsgi:application"),
}
MORE = 48 * 1024
"""How much more memory a server may take for all that a test sends, in KiB. The most is taken by
a document of many small parts, each of which is an object while it is read: about 30 MiB."""
MIB = 1 << 20
REFUSED = (400, 403, 405, 408, 411, 413, 414, 431, 501)

BOTH_MODES = pytest.mark.parametrize("mode", ["plain", "safe"], scope="module")
PLAIN = pytest.mark.parametrize("mode", ["plain"], scope="module")


@pytest.fixture(params=list(COMMANDS), scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """Which server it is."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def running(name: str, mode: Mode) -> Iterator[Server]:
    """A server that has served."""
    with serving(COMMANDS[name], mode) as server:
        _serves(server, mode)
        yield server


@pytest.fixture
def server(running: Server, mode: Mode) -> Iterator[Server]:
    """A server that serves afterwards as before, and has taken no more memory than it may."""
    process, before = running.answering, running.peak
    yield running
    _serves(running, mode)

    assert running.answering == process
    assert running.peak - before <= MORE


def _serves(server: Server, mode: Mode) -> None:
    words = secrets.token_hex(4)
    replied = ask(server, push(text_message(words), mode))

    assert said(replied.body, mode) == f"You wrote: {words}"


@BOTH_MODES
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_harmful_document_is_refused(server: Server, mode: Mode, bomb: str) -> None:
    """Whoever signed it: nothing of it is done."""
    assert ask(server, push(BOMBS[bomb](), mode)).status in REFUSED


@BOTH_MODES
def test_nothing_is_fetched_for_a_document(server: Server, mode: Mode) -> None:
    """Neither of the network nor of the disk."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        for document in external(elsewhere.getsockname()[1]).values():
            answered = ask(server, push(document, mode))

            assert answered.status in REFUSED
            assert not answered.body
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


@BOTH_MODES
def test_a_document_of_many_small_parts_costs_no_more_than_its_parts(
    server: Server, mode: Mode
) -> None:
    """It is a push, if a strange one, and the largest there may be."""
    parts = b"".join(b"<a%d/>" % number for number in range(70_000))

    assert ask(server, push(b"<xml>" + parts + b"</xml>", mode)).status in (200, *REFUSED)


@PLAIN
def test_a_body_announced_as_100_mb_is_refused_before_it_comes(server: Server, mode: Mode) -> None:
    """The answer does not wait for a byte of it."""
    with connected(server.port) as connection:
        connection.sendall(head(push(b"x", mode), f"Content-Length: {100 * MIB}"))

        assert status_of(connection) == 413


@PLAIN
def test_a_body_of_100_mb_is_not_taken(server: Server, mode: Mode) -> None:
    """Who sends all the same learns it long before the end."""
    with connected(server.port) as connection:
        connection.sendall(head(push(b"x", mode), f"Content-Length: {100 * MIB}"))
        sent, status = send_until_answered(connection, repeat(b"a" * 65536, 1600))

        assert status == 413
        assert sent < 100 * MIB


@PLAIN
def test_a_body_without_an_end_is_not_taken(server: Server, mode: Mode) -> None:
    """In pieces, and no length announced: it is refused when it is too large."""
    piece = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    with connected(server.port) as connection:
        connection.sendall(head(push(b"x", mode), "Transfer-Encoding: chunked"))
        sent, status = send_until_answered(connection, repeat(piece, 1600))

        assert status == 413
        assert sent < 100 * MIB


@PLAIN
def test_two_lengths_or_two_ways_to_end_are_refused(server: Server, mode: Mode) -> None:
    """Where a body ends must be clear, or a second request hides in the first."""
    hidden = b"5\r\n<xml>\r\n0\r\n\r\nGET /wechat HTTP/1.1\r\nHost: a\r\n\r\n"
    for lines in (
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Content-Length: -5",),
        ("Content-Length: 5 ", "Transfer-Encoding : chunked"),
        ("Transfer-Encoding: gzip, chunked",),
    ):
        with connected(server.port) as connection:
            connection.sendall(head(push(b"x", mode), *lines) + hidden)

            assert status_of(connection) in (None, *REFUSED), lines


@PLAIN
def test_a_compressed_body_stays_compressed(server: Server, mode: Mode) -> None:
    """A body with `Content-Encoding: gzip` is refused, because it is never decompressed."""
    bomb = push(BOMBS["a compressed document"](), mode)

    assert ask(server, bomb, headers={"Content-Encoding": "gzip"}).status in REFUSED


QUERIES: dict[str, Callable[[str], str]] = {
    "10,000 names": lambda query: query + "".join(f"&a{n}=" for n in range(10_000)),
    "400 names": lambda query: query + "".join(f"&a{n}=" for n in range(400)),
    "a name twice": lambda query: f"{query}&nonce=1",
    "the signature twice": lambda query: f"{query}&signature={'0' * 40}",
    "a long value": lambda query: f"{query}&a={'a' * 500_000}",
    "no names": lambda query: "&" * 3000,
    "bytes that are no text": lambda query: query.replace("nonce=", "nonce=%FF%00%ED%A0%80"),
}


@PLAIN
@pytest.mark.parametrize("change", QUERIES)
def test_a_query_that_is_none_of_the_platforms_is_refused(
    server: Server, mode: Mode, change: str
) -> None:
    """By the server, where it has bounds of its own, or by the callback."""
    good = push(text_message("hello"), mode)
    bad = Signed(QUERIES[change](good.query), good.body)
    with connected(server.port) as connection:
        _, status = send_until_answered(
            connection, [head(bad, f"Content-Length: {len(bad.body)}"), bad.body]
        )

    assert status in (0, *REFUSED)


@PLAIN
@pytest.mark.parametrize("count", [1, 20_000])
def test_a_large_header_is_refused(server: Server, mode: Mode, count: int) -> None:
    """One long line, or many short ones."""
    lines = [f"X-A{number}: {'a' * (2 * MIB // count)}" for number in range(count)]
    with connected(server.port) as connection:
        _, status = send_until_answered(connection, [head(check("1"), *lines)])

    assert status in (0, *REFUSED)


@PLAIN
def test_what_follows_a_push_on_its_connection_is_looked_at_anew(
    server: Server, mode: Mode
) -> None:
    """A good push is answered, the garbage behind it is refused, and the connection ends."""
    good = push(text_message("hello"), mode)
    garbage = b"\0\xff<xml>\r\n" * 1000 + b"\r\n\r\n"
    with connected(server.port) as connection:
        connection.sendall(head(good, f"Content-Length: {len(good.body)}") + good.body + garbage)

        assert status_of(connection) == 200
        rest = b""
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                rest += piece

    assert b"You wrote: hello" in rest
    assert rest.count(b"HTTP/1.1 2") == 0


@PLAIN
@pytest.mark.parametrize(
    "garbage",
    [b"\0" * 65536, b"\xff" * 65536, b"\r\n" * 65536, b"GET\r\n\r\n", b"\x16\x03\x01\x02" * 99],
    ids=["zeros", "ones", "empty lines", "a torso", "TLS"],
)
def test_garbage_is_no_request(server: Server, mode: Mode, garbage: bytes) -> None:
    """Bytes that are no HTTP request get an error status, or the connection is closed."""
    with connected(server.port) as connection:
        with suppress(ConnectionError):
            connection.sendall(garbage)
        end(connection)

        assert status_of(connection) in (None, *REFUSED)


@PLAIN
def test_a_push_that_breaks_off_is_none(server: Server, mode: Mode) -> None:
    """Half a body is not read as a whole one."""
    good = push(text_message("hello"), mode)
    with connected(server.port) as connection:
        connection.sendall(head(good, f"Content-Length: {len(good.body) + 1}") + good.body)
        end(connection)

        assert status_of(connection) in (None, *REFUSED)

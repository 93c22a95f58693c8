"""Bodies that hardly come: whoever sends them waits, and nobody else does."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from select import select

from tests.callback.hostile.raw import connected, end, head, status_of
from tests.callback.skins.pushes import push, said, text_message
from tests.callback.skins.servers import Server, ask, gunicorn, serving, uvicorn

BETWEEN_BYTES = 0.02
"""How long a slow sender waits before its next byte, in seconds."""


def begin(connection: socket.socket) -> None:
    """Announce a body, and send its first byte."""
    slow = push(text_message("hello"), "plain")
    connection.sendall(head(slow, "Content-Length: 10000") + slow.body[:1])


def drip(connection: socket.socket) -> None:
    """Send a byte now and then, until the other side answers or ends."""
    with suppress(ConnectionError):
        while not select([connection], [], [], BETWEEN_BYTES)[0]:
            connection.sendall(b" ")


def serves(server: Server) -> None:
    """See that a good push is answered."""
    assert said(ask(server, push(text_message("hi"), "plain")).body, "plain") == "You wrote: hi"


def test_uvicorn_a_body_that_drips_is_given_up() -> None:
    """Each byte is in time, the whole of them is not."""
    with serving(uvicorn("bare_asgi:app"), "plain") as server, connected(server.port) as slow:
        begin(slow)
        drip(slow)

        assert status_of(slow) == 408
        with suppress(ConnectionError):
            while slow.recv(65536):
                pass  # it ends
        serves(server)


def test_uvicorn_many_bodies_that_stall_hold_up_nobody() -> None:
    """A good push is answered while 200 others are waited for, which are given up later."""
    with serving(uvicorn("bare_asgi:app"), "plain") as server, ExitStack() as open_ones:
        stalled = [open_ones.enter_context(connected(server.port)) for _ in range(200)]
        for connection in stalled:
            begin(connection)
        serves(server)

        assert {status_of(connection) for connection in stalled} == {408}
        serves(server)


def test_gunicorn_a_body_that_stalls_holds_one_thread() -> None:
    """The other threads serve; when the sender has gone, so does the thread."""
    with serving(gunicorn("bare_wsgi:application"), "plain") as server:
        with ExitStack() as open_ones:
            stalled = [open_ones.enter_context(connected(server.port)) for _ in range(3)]
            for connection in stalled:
                begin(connection)
            serves(server)
            for connection in stalled:
                end(connection)

            assert {status_of(connection) for connection in stalled} <= {400, None}
        serves(server)


def test_gunicorn_a_worker_that_a_body_stalls_is_replaced() -> None:
    """A worker of one request at a time is bounded by gunicorn's own `--timeout`."""
    command = gunicorn("bare_wsgi:application", "--worker-class", "sync", "--timeout", "1")
    with serving(command, "plain") as server, connected(server.port) as slow:
        begin(slow)
        drip(slow)
        serves(server)

"""What only the transport for threads promises: sharing, interruption, several addresses."""

from __future__ import annotations

import queue
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from tests.runtime.leaks import TOKEN_MARK, failing
from tests.runtime.servers import Answer, Reply, Seen, Server, http
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import (
    Urllib3Transport,
    _Pool,  # pyright: ignore[reportPrivateUsage]
    _SecurePool,  # pyright: ignore[reportPrivateUsage]
    _Stack,  # pyright: ignore[reportPrivateUsage]
)

LONG = Timeout(20.0, 20.0)
QUERY = f"/x?access_token={TOKEN_MARK}-1"

Serve = Callable[[Answer], Server]


@pytest.fixture
def transport() -> Iterator[Urllib3Transport]:
    """A transport that keeps two connections."""
    made = Urllib3Transport(connections=2)
    yield made
    made.close()


def test_threads_share_a_transport(serve: Serve, transport: Urllib3Transport) -> None:
    """Each gets its own answers."""
    server = serve(lambda seen: http(seen.body))

    def ask(number: int) -> bool:
        content = b"%d" % number
        request = HttpRequest("POST", server.base_url, Bytes(content))
        return transport.send(request, LONG).body == content

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))


def test_only_so_many_connections_are_kept(serve: Serve, transport: Urllib3Transport) -> None:
    """Nobody waits for one, but what is too many is closed after its answer."""
    meeting = threading.Barrier(5)

    def answer(_: Seen) -> Reply:
        meeting.wait(20)
        return http(b"1")

    server = serve(answer)
    with ThreadPoolExecutor(5) as threads:
        request = HttpRequest("GET", server.base_url)
        for sent in [threads.submit(transport.send, request, LONG) for _ in range(5)]:
            assert sent.result().body == b"1"

    assert server.connections == 5
    for _ in range(3):
        assert server.hung_up.acquire(timeout=20)
    assert not server.hung_up.acquire(blocking=False)


def test_a_connection_in_use_is_not_kept_after_close(
    serve: Serve, transport: Urllib3Transport
) -> None:
    """It serves its request, and is closed then."""

    def answer(_: Seen) -> Reply:
        transport.close()
        return http(b"1")

    server = serve(answer)

    assert transport.send(HttpRequest("GET", server.base_url), LONG).body == b"1"
    assert server.hung_up.acquire(timeout=20)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs a signal for one thread")
def test_an_interruption_leaves_a_clean_pool(serve: Serve, transport: Urllib3Transport) -> None:
    """Its connection is closed, and no secret is in the error."""
    main = threading.get_ident()

    def answer(seen: Seen) -> Reply:
        if seen.connection:
            return http(b"1")
        signal.pthread_kill(main, signal.SIGINT)
        return Reply(server.silence())

    server = serve(answer)
    # Whoever ran before in this process may have left another handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with failing(KeyboardInterrupt):
            transport.send(HttpRequest("POST", server.base_url + QUERY, Bytes(b"{}")), LONG)
    finally:
        signal.signal(signal.SIGINT, before)

    assert transport.send(HttpRequest("GET", server.base_url), LONG).body == b"1"
    assert server.connections == 2


def test_idle_connections_are_kept_as_a_pool_asks() -> None:
    """The last comes first; a full stack and an empty one say so, and nobody waits."""
    stack = _Stack(2)
    first, second = HTTPConnection("a"), None
    stack.put(first)
    stack.put(second, block=False)

    with pytest.raises(queue.Full):
        stack.put(None, block=False)
    assert stack.qsize() == 2
    assert [stack.get(), stack.get(block=False, timeout=None)] == [second, first]
    with pytest.raises(queue.Empty):
        stack.get(block=False)
    stack.put(first)
    assert stack.qsize() == 1


@pytest.mark.parametrize("pool", [_Pool, _SecurePool])
def test_no_pool_has_a_lock_that_could_stay_locked(pool: type[_Pool] | type[_SecurePool]) -> None:
    """An interruption at any moment leaves it usable."""
    made = pool("127.0.0.1", 1, maxsize=3, idle=1.0)

    assert isinstance(made.pool, _Stack)
    assert made.pool.qsize() == 3
    made.close()


def test_all_addresses_are_tried(
    serve: Serve, transport: Urllib3Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host is reached by the second when nobody answers at the first."""
    server = serve(lambda _: http(b"1"))
    with socket.create_server(("127.0.0.1", 0)) as unused:
        refusing = unused.getsockname()
    addresses = [refusing, ("127.0.0.1", server.port)]

    def resolve(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    response = transport.send(HttpRequest("GET", "http://wechat.example"), LONG)

    assert response.body == b"1"
    assert server.seen[0].headers["host"] == "wechat.example"

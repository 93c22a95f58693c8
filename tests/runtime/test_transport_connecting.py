"""The contract of a transport, for each there is, on real sockets: how it gets connected."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.runtime.leaks import APP_SECRET, TOKEN_MARK, failing
from tests.runtime.servers import Answer, ProxyServer, Script, Server, http, serving
from tests.runtime.transports import CA, TLS, Driven, server_context
from wxruntime.errors import TransportError
from wxruntime.transport import Bytes, HttpRequest, HttpResponse, Timeout
from wxruntime.transport.intake import unreachable

LONG = Timeout(20.0, 20.0)
QUERY = f"/x?access_token={TOKEN_MARK}-1"
PROOF = f"Basic {b64encode(f'me@there:{APP_SECRET}'.encode()).decode()}"
CREDENTIALS = f"me%40there:{APP_SECRET.replace('/', '%2F').replace('+', '%2B')}"

Serve = Callable[[Answer], Server]
Open = Callable[..., Driven]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is closed after the test."""
    with ExitStack() as running:
        yield running


def get(transport: Driven, base_url: str, timeout: Timeout = LONG) -> HttpResponse:
    """Ask for the one address of these tests."""
    return transport.send(HttpRequest("GET", base_url + QUERY), timeout)


def unused_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def test_a_host_that_refuses_is_named(transport: Driven) -> None:
    """No one listens: the error says so, with the address and without the token."""
    port = unused_port()

    with failing(TransportError) as failure:
        get(transport, f"http://127.0.0.1:{port}")

    assert not failure.value.sent
    assert str(failure.value) == (
        f"GET http://127.0.0.1:{port}/x?access_token=***: no connection: the host refused it"
    )


def test_a_host_that_is_unknown_is_named(transport: Driven) -> None:
    """A name without an address; `.invalid` never has one."""
    with failing(TransportError) as failure:
        get(transport, "http://wechat.invalid")

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection: the host has no address")


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://a\n.b",
        "http://.",
        f"http://{'a' * 64}",
        "ftp://x",
    ],
)
def test_an_address_that_is_none_is_a_transport_error(transport: Driven, base_url: str) -> None:
    """A wrong base URL shows as the one kind of error, not as a library's or Python's."""
    with failing(TransportError) as failure:
        get(transport, base_url)

    assert not failure.value.sent


def test_a_connection_in_time_or_none(transport: Driven) -> None:
    """A host that accepts no connection is given up after the time for connecting."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # Its queue is full: the system answers no further connection.
        for _ in range(2):
            queued = waiting.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())

        with failing(TransportError) as failure:
            get(transport, f"http://127.0.0.1:{full.getsockname()[1]}", Timeout(0.3, 20.0))

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection within 0.3 s")


def test_encryption_counts_as_connecting(transport: Driven, stack: ExitStack) -> None:
    """A server that never shakes hands is given up after the time for connecting."""
    server = Script(lambda _: server_stopped.wait())
    server_stopped = server.stopped
    stack.callback(server.close)

    with failing(TransportError) as failure:
        get(transport, f"https://127.0.0.1:{server.port}", Timeout(0.3, 20.0))

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection within 0.3 s")


def test_a_server_without_tls_is_a_transport_error(transport: Driven, stack: ExitStack) -> None:
    """An https:// address of a plain server ends in words, not in an SSL exception."""

    def answer(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = Script(answer)
    stack.callback(server.close)

    with failing(TransportError) as failure:
        get(transport, f"https://127.0.0.1:{server.port}")

    assert not failure.value.sent
    assert "no secure connection" in str(failure.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_ca_file_says_whom_to_trust(open_transport: Open, stack: ExitStack, host: str) -> None:
    """Requests to a server it vouches for are encrypted, and the connection is used again."""
    server = stack.enter_context(serving(lambda seen: http(seen.body), server_context()))
    transport = open_transport(ca_file=CA)
    url = f"https://{host}:{server.port}{QUERY}"

    bodies = [
        transport.send(HttpRequest("POST", url, Bytes(text)), LONG).body for text in (b"1", b"2")
    ]

    assert bodies == [b"1", b"2"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("certificate", "options"),
    [("server.pem", {}), ("elsewhere.pem", {"ca_file": CA})],
    ids=["unknown", "another's"],
)
def test_a_certificate_that_proves_nothing_is_refused(
    open_transport: Open, stack: ExitStack, certificate: str, options: dict[str, Path]
) -> None:
    """Nothing is sent to a server that cannot say who it is."""
    server = stack.enter_context(serving(lambda _: http(b"1"), server_context(certificate)))
    transport = open_transport(**options)

    with failing(TransportError) as failure:
        get(transport, server.base_url)

    assert not failure.value.sent
    assert "no secure connection: the certificate was refused" in str(failure.value)
    assert not server.seen


def test_a_large_body_goes_out_encrypted(open_transport: Open, stack: ExitStack) -> None:
    """And an answer comes back."""
    server = stack.enter_context(serving(lambda seen: http(seen.body), server_context()))
    content = bytes(range(256)) * 8000
    request = HttpRequest("POST", server.base_url, Bytes(content))

    response = open_transport(ca_file=str(CA)).send(request, LONG)

    assert response.body == content


@pytest.mark.parametrize("name", ["missing.pem", "server.py", ""])
def test_a_ca_file_that_is_none_is_refused_at_once(open_transport: Open, name: str) -> None:
    """Not with the first request."""
    path = TLS / name
    if name == "server.py":
        path = Path(__file__)

    with pytest.raises(ValueError, match="ca_file: expected a file of PEM certificates"):
        open_transport(ca_file=path)


def test_no_connection_at_all_is_refused_at_once(open_transport: Open) -> None:
    """A request would wait for ever."""
    with pytest.raises(ValueError, match="connections: expected 1 or more, got 0"):
        open_transport(connections=0)


@pytest.mark.parametrize(
    "proxy",
    [
        "",
        "proxy.example:3128",
        "https://proxy.example",
        "socks5://proxy.example",
        "http://",
        f"http://{CREDENTIALS}@",
        f"http://{CREDENTIALS}@host:port",
        f"http://{CREDENTIALS}@host:0",
        f"http://{CREDENTIALS}@host/path",
    ],
)
def test_a_proxy_that_is_none_is_refused_at_once(open_transport: Open, proxy: str) -> None:
    """And its password is not shown."""
    with failing(ValueError) as failure:
        open_transport(proxy=proxy)

    assert str(failure.value).startswith("proxy: expected http://host:port")


def test_the_environment_names_no_proxy(
    serve: Serve, open_transport: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy is used when it is given."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    server = serve(lambda _: http(b"1"))

    assert get(open_transport(), server.base_url).body == b"1"


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("authorization", [None, PROOF], ids=["open", "with a password"])
def test_a_proxy_passes_requests_on(
    open_transport: Open, stack: ExitStack, secure: bool, authorization: str | None
) -> None:
    """Plain ones as they are, encrypted ones through a tunnel; connections are used again."""
    context = server_context() if secure else None
    server = stack.enter_context(serving(lambda seen: http(seen.body), context))
    proxy = ProxyServer(authorization)
    stack.callback(proxy.close)
    credentials = "" if authorization is None else f"{CREDENTIALS}@"
    transport = open_transport(proxy=f"http://{credentials}127.0.0.1:{proxy.port}", ca_file=CA)
    url = server.base_url + QUERY

    bodies = [
        transport.send(HttpRequest("POST", url, Bytes(text)), LONG).body for text in (b"1", b"2")
    ]

    assert bodies == [b"1", b"2"]
    assert [seen.target for seen in server.seen] == [QUERY] * 2
    assert "proxy-authorization" not in server.seen[0].headers
    if secure:
        assert [(seen.method, seen.target) for seen in proxy.seen] == [
            ("CONNECT", f"127.0.0.1:{server.port}")
        ]
        assert server.connections == 1
    else:
        assert [seen.target for seen in proxy.seen] == [url] * 2
    assert APP_SECRET not in repr(transport)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_proxy_that_refuses_is_named_without_its_password(
    open_transport: Open, stack: ExitStack, secure: bool
) -> None:
    """A tunnel that it does not make is no connection; what it answers instead is an answer."""
    proxy = ProxyServer("Basic another")
    stack.callback(proxy.close)
    transport = open_transport(proxy=f"http://{CREDENTIALS}@127.0.0.1:{proxy.port}")
    if not secure:
        assert get(transport, "http://wechat.invalid").status == 407
        return

    with failing(TransportError) as failure:
        get(transport, "https://wechat.invalid")

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection through the proxy: it answered 407")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(open_transport: Open, scheme: str) -> None:
    """Nothing was sent, and the password is not shown."""
    transport = open_transport(proxy=f"http://{CREDENTIALS}@127.0.0.1:{unused_port()}")

    with failing(TransportError) as failure:
        get(transport, f"{scheme}://wechat.invalid")

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection through the proxy: the host refused it")


def test_a_proxy_that_says_nothing_is_given_up(open_transport: Open, stack: ExitStack) -> None:
    """Its tunnel counts as connecting."""
    server = Script(lambda _: server_stopped.wait())
    server_stopped = server.stopped
    stack.callback(server.close)
    transport = open_transport(proxy=server.base_url)

    with failing(TransportError) as failure:
        get(transport, "https://wechat.invalid", Timeout(0.3, 20.0))

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection through the proxy within 0.3 s")


def test_a_server_behind_a_proxy_proves_itself(open_transport: Open, stack: ExitStack) -> None:
    """A tunnel does not make a stranger trusted."""
    server = stack.enter_context(serving(lambda _: http(b"1"), server_context("elsewhere.pem")))
    proxy = ProxyServer()
    stack.callback(proxy.close)
    transport = open_transport(proxy=proxy.base_url, ca_file=CA)

    with failing(TransportError) as failure:
        get(transport, server.base_url)

    assert not failure.value.sent
    assert "the certificate was refused" in str(failure.value)
    assert not server.seen


def test_a_deadline_ends_the_wait_for_a_connection(open_transport: Open, stack: ExitStack) -> None:
    """Its encryption included; nothing of the request went out."""
    server = Script(lambda _: server.stopped.wait())
    stack.callback(server.close)
    transport = open_transport(ca_file=CA)

    with failing(TransportError) as failure:
        url = f"https://127.0.0.1:{server.port}{QUERY}"
        transport.send(HttpRequest("GET", url, deadline=time.monotonic() + 0.3), LONG)

    assert not failure.value.sent
    assert str(failure.value).endswith(": no connection before the deadline of the call")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.25, "0.25"), (4.998, "5"), (2.4873, "2.5"), (10.0, "10"), (90.0, "90")],
)
def test_a_time_out_is_shown_as_it_was_set(seconds: float, shown: str) -> None:
    """And what was left of a call's time without digits that nobody has set."""
    failure = unreachable(TimeoutError(), seconds, over=False, proxied=False)

    assert failure.words == f"no connection within {shown} s"


def test_connections_are_used_again(serve: Serve, transport: Driven) -> None:
    """One after the other, requests share one."""
    server = serve(lambda _: http(b"1"))
    for _ in range(10):
        get(transport, server.base_url)

    assert server.connections == 1


def test_a_connection_that_the_server_closed_is_not_used_again(
    serve: Serve, transport: Driven
) -> None:
    """The request goes out on a new one: nothing fails because a server tidied up."""
    server = serve(lambda _: http(b"1"))
    for _ in range(3):
        get(transport, server.base_url)
        server.hang_up()

    assert server.connections == 3


def test_a_server_that_speaks_unasked_is_not_listened_to(
    transport: Driven, stack: ExitStack
) -> None:
    """What stands in a connection before the request is not its answer."""
    spoken = threading.Semaphore(0)

    def speak(connection: socket.socket) -> None:
        while connection.recv(1 << 16):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
            go_on.acquire()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")
            spoken.release()

    go_on = threading.Semaphore(0)
    server = Script(speak)
    stack.callback(server.close)
    stack.callback(go_on.release, 5)
    for _ in range(2):
        assert get(transport, server.base_url).body == b"1"
        go_on.release()
        spoken.acquire()

    assert server.connections == 2


def test_a_connection_that_stood_idle_too_long_is_not_used_again(
    serve: Serve, open_transport: Open
) -> None:
    """How long is too long, its maker decides."""
    server = serve(lambda _: http(b"1"))
    transport = open_transport(idle=1e-9)
    for _ in range(3):
        get(transport, server.base_url)

    assert server.connections == 3


def test_a_connection_announced_as_closed_is_not_used_again(
    serve: Serve, transport: Driven
) -> None:
    """`Connection: close` ends it on both sides."""
    server = serve(lambda _: http(b"1", extra="Connection: close\r\n", keep=False))

    bodies = [get(transport, server.base_url).body for _ in range(3)]

    assert bodies == [b"1"] * 3
    assert server.connections == 3


def test_close_ends_every_connection(serve: Serve, transport: Driven) -> None:
    """The server sees the end of the idle connection; a later request makes a new one."""
    server = serve(lambda _: http(b"1"))
    get(transport, server.base_url)

    transport.close()
    transport.close()

    assert server.hung_up.acquire(timeout=20)
    assert get(transport, server.base_url).body == b"1"
    assert server.connections == 2


def test_close_ends_an_encrypted_connection(open_transport: Open, stack: ExitStack) -> None:
    """As it does a plain one."""
    server = stack.enter_context(serving(lambda _: http(b"1"), server_context()))
    transport = open_transport(ca_file=CA)
    get(transport, server.base_url)

    transport.close()

    assert server.hung_up.acquire(timeout=20)


def test_old_protocols_are_not_spoken(open_transport: Open, stack: ExitStack) -> None:
    """A server that only knows TLS 1.1 gets no secret."""
    context = server_context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = stack.enter_context(serving(lambda _: http(b"1"), context))

    with failing(TransportError) as failure:
        get(open_transport(ca_file=CA), server.base_url)

    assert not failure.value.sent

"""What only the asynchronous transport promises: cancelling, one event loop, nothing left over."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import pytest
from attrs import define

from tests.runtime.leaks import TOKEN_MARK, failing
from tests.runtime.servers import Answer, Reply, Script, Seen, Server, http, serving
from tests.runtime.transports import CA, server_context
from wxruntime.errors import TransportError
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.aiohttp import AiohttpTransport

LONG = Timeout(20.0, 20.0)
QUERY = f"/x?access_token={TOKEN_MARK}-1"

Serve = Callable[[Answer], Server]
T = TypeVar("T")


@define
class Gate:
    """Lets a server's thread wait for a test, and a test's task for a server."""

    came: threading.Semaphore
    go_on: threading.Semaphore

    @classmethod
    def closed(cls) -> Gate:
        """Return one that nobody has passed."""
        return cls(threading.Semaphore(0), threading.Semaphore(0))

    def wait(self) -> None:
        """Say that somebody came, and wait until the test lets them go on."""
        self.came.release()
        self.go_on.acquire()

    async def reached(self, count: int = 1) -> None:
        """Wait until so many came."""
        for _ in range(count):
            assert await asyncio.to_thread(self.came.acquire, True, 20)

    def open(self, count: int = 1) -> None:
        """Let so many go on."""
        self.go_on.release(count)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that holds nobody after the test."""
    made = Gate.closed()
    yield made
    made.open(1000)


def run(work: Callable[[AiohttpTransport], Awaitable[T]], **options: Any) -> T:
    """Run something on an event loop of its own, with a transport that is closed after it."""

    async def main() -> T:
        transport = AiohttpTransport(**options)
        try:
            return await work(transport)
        finally:
            await transport.close()

    return asyncio.run(main(), debug=True)


def get(transport: AiohttpTransport, url: str) -> Coroutine[Any, Any, Any]:
    """Ask for one address."""
    return transport.send(HttpRequest("GET", url + QUERY), LONG)


def test_requests_go_out_side_by_side(serve: Serve, gate: Gate) -> None:
    """Nobody waits for an answer to somebody else."""

    def answer(seen: Seen) -> Reply:
        gate.wait()
        return http(seen.body)

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> list[bytes]:
        requests = [HttpRequest("POST", server.base_url, Bytes(b"%d" % n)) for n in range(20)]
        sending = asyncio.gather(*(transport.send(request, LONG) for request in requests))
        await gate.reached(20)
        gate.open(20)
        return [response.body for response in await sending]

    assert run(work) == [b"%d" % n for n in range(20)]


def test_no_more_connections_than_allowed(serve: Serve, gate: Gate) -> None:
    """Who has to wait for one waits outside the time-out."""

    def answer(_: Seen) -> Reply:
        gate.wait()
        return http(b"1")

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> None:
        sending = [asyncio.create_task(get(transport, server.base_url)) for _ in range(9)]
        for _ in range(3):
            await gate.reached(3)
            assert not gate.came.acquire(blocking=False)
            gate.open(3)
        await asyncio.gather(*sending)

    run(work, connections=3)

    assert server.connections == 3


class Stages:
    """Servers that get stuck, each at another stage of an exchange."""

    @staticmethod
    def connecting(connection: socket.socket, gate: Gate) -> None:
        """Before anything was read, encryption included."""
        gate.wait()

    @staticmethod
    def waiting(connection: socket.socket, gate: Gate) -> None:
        """After the request."""
        connection.recv(1 << 16)
        gate.wait()

    @staticmethod
    def reading(connection: socket.socket, gate: Gate) -> None:
        """In the middle of the answer."""
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
        gate.wait()


@pytest.mark.parametrize(
    ("scheme", "stage"),
    [
        ("https", Stages.connecting),
        ("http", Stages.connecting),
        ("http", Stages.waiting),
        ("http", Stages.reading),
    ],
    ids=["shaking hands", "sending", "waiting", "reading"],
)
def test_a_cancelled_request_leaves_nothing_behind(
    serve: Serve, gate: Gate, scheme: str, stage: Callable[[socket.socket, Gate], None]
) -> None:
    """Its connection is closed, its place is free, and no secret is in the error."""
    stuck = Script(lambda connection: stage(connection, gate))
    server = serve(lambda _: http(b"1"))
    body = Bytes(bytes(20 << 20)) if stage is Stages.connecting else None

    async def work(transport: AiohttpTransport) -> None:
        url = f"{scheme}://127.0.0.1:{stuck.port}{QUERY}"
        sending = asyncio.create_task(transport.send(HttpRequest("POST", url, body), LONG))
        await gate.reached()
        sending.cancel()
        with failing(asyncio.CancelledError):
            await sending
        assert sending.cancelled()
        assert (await get(transport, server.base_url)).body == b"1"

    try:
        run(work, connections=1)
        gate.open()
        assert stuck.hung_up.acquire(timeout=20)
    finally:
        stuck.close()


def test_who_waits_for_a_place_can_be_cancelled(serve: Serve, gate: Gate) -> None:
    """And takes nobody's place."""

    def answer(_: Seen) -> Reply:
        gate.wait()
        return http(b"1")

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> None:
        first, second, third = (
            asyncio.create_task(get(transport, server.base_url)) for _ in range(3)
        )
        await gate.reached()
        second.cancel()
        with failing(asyncio.CancelledError):
            await second
        gate.open(2)
        assert (await first).body == (await third).body == b"1"

    run(work, connections=1)

    assert server.connections == 1


def test_who_waits_for_a_place_waits_until_the_deadline(serve: Serve, gate: Gate) -> None:
    """Then nothing was sent, and nobody's place is taken."""

    def answer(_: Seen) -> Reply:
        gate.wait()
        return http(b"1")

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> None:
        first = asyncio.create_task(get(transport, server.base_url))
        await gate.reached()
        with failing(TransportError) as failure:
            deadline = time.monotonic() + 0.1
            url = server.base_url + QUERY
            await transport.send(HttpRequest("GET", url, deadline=deadline), LONG)
        assert not failure.value.sent
        assert "no time left" in str(failure.value)
        gate.open(2)
        assert (await first).body == b"1"
        assert (await get(transport, server.base_url)).body == b"1"

    run(work, connections=1)

    assert len(server.seen) == 2


def test_who_waits_for_a_place_when_the_transport_is_closed_is_told(
    serve: Serve, gate: Gate
) -> None:
    """Nothing is sent after all, neither in the old session nor in a new one."""

    def answer(_: Seen) -> Reply:
        gate.wait()
        return http(b"1")

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> None:
        first, *waiting = (asyncio.create_task(get(transport, server.base_url)) for _ in range(3))
        await gate.reached()
        await transport.close()
        with failing(TransportError):
            await first
        for task in waiting:
            with failing(TransportError) as failure:
                await task
            assert not failure.value.sent
            assert str(failure.value).endswith(": the transport was closed")

    run(work, connections=1)

    assert server.connections == 1


def test_a_reset_in_the_middle_of_an_answer_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """By the answer, which is cut; the event loop has nothing to complain of."""
    caplog.set_level(logging.INFO, "asyncio")  # a record of a connection would keep it alive

    def reset(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
        read.acquire(timeout=20)
        # With a linger of 0, closing resets.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    class Reader:
        def restart(self) -> None:
            pass

        def write(self, chunk: bytes) -> None:
            read.release()

    read = threading.Semaphore(0)
    server = Script(reset)
    complaints: list[dict[str, Any]] = []

    async def work(transport: AiohttpTransport) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        for _ in range(3):
            request = HttpRequest("GET", server.base_url + QUERY, sink=Reader())
            assert "broke off" in (await transport.send(request, LONG)).cut

    try:
        run(work)
    finally:
        server.close()
    gc.collect()  # asyncio complains when what nobody took is thrown away

    assert not complaints


def test_an_outer_time_out_stays_one(serve: Serve) -> None:
    """What strikes first decides what comes out."""
    server = serve(lambda _: Reply(server.silence()))

    async def work(transport: AiohttpTransport) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(get(transport, server.base_url), 0.1)
        with failing(TransportError):
            request = HttpRequest("GET", server.base_url + QUERY)
            await asyncio.wait_for(transport.send(request, Timeout(20.0, 0.1)), 20)

    run(work)


def test_a_time_out_of_its_own_does_not_count_as_cancelled(serve: Serve) -> None:
    """What the caller awaits next is not disturbed."""
    server = serve(lambda _: Reply(server.silence()))

    async def work(transport: AiohttpTransport) -> None:
        with failing(TransportError):
            request = HttpRequest("GET", server.base_url + QUERY)
            await transport.send(request, Timeout(20.0, 0.1))
        await asyncio.sleep(0)
        if sys.version_info >= (3, 11) and (task := asyncio.current_task()) is not None:
            assert task.cancelling() == 0

    run(work)


def test_a_shorter_time_out_strikes_first(serve: Serve, gate: Gate) -> None:
    """Each request has its own, whoever began before."""

    def answer(_: Seen) -> Reply:
        gate.wait()
        return http(b"1")

    server = serve(answer)

    async def work(transport: AiohttpTransport) -> bytes:
        patient = asyncio.create_task(get(transport, server.base_url))
        await gate.reached()
        with failing(TransportError):
            request = HttpRequest("GET", server.base_url + QUERY)
            await transport.send(request, Timeout(20.0, 0.1))
        gate.open(2)
        body: bytes = (await patient).body
        return body

    assert run(work) == b"1"


def test_disks_do_not_stop_the_event_loop(serve: Serve, gate: Gate) -> None:
    """A body that is read slowly, and a sink that writes slowly, work in threads."""
    here = threading.get_ident()
    threads: set[int] = set()

    @define
    class Slow:
        length: int = 2
        content_type: str = "text/plain"

        def chunks(self) -> Iterator[bytes]:
            threads.add(threading.get_ident())
            gate.wait()
            yield b"12"

        def restart(self) -> None:
            threads.add(threading.get_ident())

        def write(self, chunk: bytes) -> None:
            threads.add(threading.get_ident())
            gate.wait()

    server = serve(lambda seen: http(seen.body))

    async def work(transport: AiohttpTransport) -> None:
        request = HttpRequest("POST", server.base_url, Slow(), sink=Slow())
        sending = asyncio.create_task(transport.send(request, LONG))
        for _ in range(2):
            await gate.reached()
            gate.open()
        await sending

    run(work)

    assert here not in threads


def test_a_cancelled_request_lets_its_disk_finish(serve: Serve, gate: Gate) -> None:
    """Nobody writes to a file after the request that it belongs to has ended."""
    written: list[bytes] = []

    class Slow:
        def restart(self) -> None:
            pass

        def write(self, chunk: bytes) -> None:
            gate.wait()
            written.append(chunk)

    server = serve(lambda _: http(b"1"))

    async def work(transport: AiohttpTransport) -> None:
        request = HttpRequest("GET", server.base_url + QUERY, sink=Slow())
        sending = asyncio.create_task(transport.send(request, LONG))
        await gate.reached()
        for _ in range(2):
            sending.cancel()
            await asyncio.sleep(0)
        assert not sending.done()
        gate.open()
        with failing(asyncio.CancelledError):
            await sending
        assert written == [b"1"]

    run(work)


def test_one_transport_has_one_event_loop(serve: Serve) -> None:
    """On another one it says so, instead of waiting for what never comes."""
    server = serve(lambda _: http(b"1"))
    transport = AiohttpTransport()
    first = asyncio.new_event_loop()
    first.run_until_complete(get(transport, server.base_url))

    with failing(RuntimeError) as failure:
        asyncio.run(get(transport, server.base_url), debug=True)
    with pytest.raises(RuntimeError):
        asyncio.run(transport.close(), debug=True)

    assert "one client per loop" in str(failure.value)
    first.run_until_complete(transport.close())
    first.close()


def test_a_closed_transport_may_begin_anew(serve: Serve) -> None:
    """On another event loop, even."""
    server = serve(lambda _: http(b"1"))
    transport = AiohttpTransport()

    async def work() -> None:
        await get(transport, server.base_url)
        await transport.close()
        await transport.close()

    for _ in range(2):
        asyncio.run(work(), debug=True)

    assert server.connections == 2


def test_close_ends_what_is_under_way(serve: Serve, gate: Gate) -> None:
    """It does not wait for an answer, nor for a server that reads nothing."""
    stuck = Script(lambda _: gate.wait())
    server = serve(lambda _: Reply(server.silence()))

    async def work(transport: AiohttpTransport) -> None:
        large = HttpRequest("POST", stuck.base_url + QUERY, Bytes(bytes(20 << 20)))
        sending = [
            asyncio.create_task(transport.send(large, LONG)),
            asyncio.create_task(get(transport, server.base_url)),
        ]
        await gate.reached()
        while not server.seen:
            await asyncio.sleep(0)
        await transport.close()
        for task in sending:
            with failing(TransportError) as failure:
                await task
            assert failure.value.sent

    try:
        run(work)
        gate.open()
    finally:
        stuck.close()


SCRIPT = """
import asyncio, sys
from wxruntime.transport.aiohttp import AiohttpTransport
from wxruntime.transport import HttpRequest, Timeout
from wxruntime.errors import TransportError

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60.0  # the machine may be busy
    transport = AiohttpTransport(ca_file=sys.argv[1])
    for url in sys.argv[2:]:
        request = HttpRequest("GET", url, limit=5)
        await asyncio.gather(*(transport.send(request, Timeout()) for _ in range(3)))
        try:
            await transport.send(request, Timeout(10, 0.001))
        except TransportError:
            pass
    await transport.close()

asyncio.run(main(), debug=True)
"""


def test_nothing_is_left_open_at_the_end() -> None:
    """A program that closes its transport and ends gets no warning, however strict it is."""
    with ExitStack() as running:
        urls = [
            running.enter_context(
                serving(lambda seen: http(seen.path[1:].encode()), context)
            ).base_url
            + path
            for context in (None, server_context())
            for path in ("/whole", "/oversized")
        ]
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", SCRIPT, CA, *urls],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | {"PYTHONASYNCIODEBUG": "1"},
        )

    assert (done.returncode, done.stderr) == (0, "")


def test_without_aiohttp_the_way_to_it_is_named() -> None:
    """Who imports it is told what to install."""
    script = "import sys; sys.modules['aiohttp'] = None; import wxruntime.transport.aiohttp"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert "ImportError: asyncio needs aiohttp: pip install 'wxoa[async]'" in done.stderr

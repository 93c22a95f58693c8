"""The ASGI application by its protocol; not what servers and frameworks make of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import pytest
from attrs import define, field

from wxruntime.callback import asgi
from wxruntime.callback.answer import HANDLED, Answer
from wxruntime.callback.asgi import AsgiApp

Message = Mapping[str, object]


@define
class Callback:
    """A callback that says what it was given, and does as a test wants."""

    answering: Callable[[bytes, bytes], Awaitable[Answer]] | None = None
    max_size: int = 100
    given: list[tuple[bytes, bytes]] = field(factory=list[tuple[bytes, bytes]])
    closed: bool = False

    async def handle_async(self, query: bytes, body: bytes = b"") -> Answer:
        self.given.append((query, body))
        return HANDLED if self.answering is None else await self.answering(query, body)

    async def aclose(self) -> None:
        self.closed = True


@define
class Connection:
    """What a server gives to an application for one connection."""

    coming: list[Message]
    """What is there to receive; behind it nothing comes any more."""
    sent: list[Message] = field(factory=list[Message])
    left: asyncio.Event = field(factory=asyncio.Event)
    """Whether whoever asked has left."""

    async def receive(self) -> Message:
        if self.coming:
            return self.coming.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> object:
        return self.sent[0]["status"]

    @property
    def headers(self) -> dict[bytes, bytes]:
        headers = self.sent[0]["headers"]
        assert isinstance(headers, list)
        return dict(headers)  # pyright: ignore[reportUnknownArgumentType]

    @property
    def body(self) -> object:
        return self.sent[1].get("body")


def scope(method: str = "POST", **more: object) -> dict[str, object]:
    """Describe a request."""
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "/wechat",
        "root_path": "",
        "query_string": b"signature=%E4%BD&nonce=1",
        "headers": [(b"host", b"example.com")],
        **more,
    }


def piece(body: bytes, more: bool = False) -> Message:
    """Make a piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def serve(callback: Callback, asked: dict[str, object], *coming: Message) -> Connection:
    """Let the application serve one connection."""

    async def run() -> Connection:
        connection = Connection([*coming])
        await AsgiApp(callback)(asked, connection.receive, connection.send)
        return connection

    return asyncio.run(run())


def test_query_and_body_arrive_as_they_came() -> None:
    """The query is not decoded on the way; the pieces of the body are put together."""
    callback = Callback()
    connection = serve(callback, scope(), piece(b"<xml>", more=True), piece(b"</xml>"))

    assert callback.given == [(b"signature=%E4%BD&nonce=1", b"<xml></xml>")]
    assert (connection.status, connection.body) == (200, b"success")
    assert connection.headers == {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": b"7",
        b"x-content-type-options": b"nosniff",
        b"cache-control": b"no-store",
    }


def test_a_get_has_no_body() -> None:
    """Whatever follows its header is left where it is."""
    callback = Callback()
    connection = serve(callback, scope("GET"), piece(b"unasked", more=True), piece(b"for"))

    assert callback.given == [(b"signature=%E4%BD&nonce=1", b"")]
    assert connection.status == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "get"])
def test_other_methods_are_refused(method: str) -> None:
    """The callback does not learn of them."""
    callback = Callback()
    connection = serve(callback, scope(method), piece(b""))

    assert connection.status == 405
    assert connection.headers[b"allow"] == b"GET, POST"
    assert not callback.given


def test_a_body_announced_too_large_is_refused_unread() -> None:
    """Not a byte is waited for, and the connection ends."""
    callback = Callback()
    connection = serve(callback, scope(headers=[(b"content-length", b"101")]), piece(b"a"))

    assert connection.status == 413
    assert connection.headers[b"connection"] == b"close"
    assert connection.coming
    assert not callback.given


def test_a_body_that_grows_too_large_is_refused() -> None:
    """It is read no further than to the piece that is too much."""
    callback = Callback()
    pieces = [piece(b"a" * 60, more=True) for _ in range(5)]
    connection = serve(callback, scope(), *pieces)

    assert connection.status == 413
    assert len(connection.coming) == 3
    assert not callback.given


def test_a_body_as_large_as_may_be_is_taken() -> None:
    """The bound belongs to what is allowed."""
    callback = Callback()
    asked = scope(headers=[(b"content-length", b"100")])

    assert serve(callback, asked, piece(b"a" * 100)).status == 200


@pytest.mark.parametrize("length", [b"", b"-1", b"1e3", b"+5", b"\xb2", b"9" * 5000])
def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    """Nor one that no computer could mean."""
    connection = serve(Callback(), scope(headers=[(b"content-length", length)]), piece(b""))

    assert connection.status == 400


def test_over_http_2_the_server_ends_a_stream() -> None:
    """A header that closes connections is forbidden there."""
    asked = scope(headers=[(b"content-length", b"101")], http_version="2")

    assert b"connection" not in serve(Callback(), asked).headers


def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come of it does not help."""
    monkeypatch.setattr(asgi, "BODY_SECONDS", 0.01)
    callback = Callback()
    connection = serve(callback, scope(), piece(b"<xml>", more=True))

    assert connection.status == 408
    assert connection.headers[b"connection"] == b"close"
    assert not callback.given


def test_who_leaves_amid_a_body_is_answered_nothing() -> None:
    """A body cut off by a disconnect does not reach the callback, and nothing is sent."""
    callback = Callback()
    connection = serve(callback, scope(), piece(b"<xml>", more=True), {"type": "http.disconnect"})

    assert not connection.sent
    assert not callback.given


def test_who_leaves_ends_the_waiting() -> None:
    """The application returns when there is nobody left to answer, and answers nothing."""
    cancelled = False

    async def run() -> Connection:
        async def never(query: bytes, body: bytes) -> Answer:
            nonlocal cancelled
            connection.left.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled = True
                raise
            raise AssertionError("an event that nobody sets was set")

        connection = Connection([piece(b"<xml/>")])
        await AsgiApp(Callback(never))(scope(), connection.receive, connection.send)
        return connection

    assert not asyncio.run(run()).sent
    assert cancelled


def test_a_server_that_gives_up_ends_the_waiting() -> None:
    """When the server cancels a request, no task of the application is left running."""

    async def run() -> set[asyncio.Task[object]]:
        begun = asyncio.Event()

        async def never(query: bytes, body: bytes) -> Answer:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError("an event that nobody sets was set")

        connection = Connection([piece(b"<xml/>")])
        app = AsgiApp(Callback(never))
        serving = asyncio.ensure_future(app(scope(), connection.receive, connection.send))
        await begun.wait()
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert not connection.sent
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert not asyncio.run(run())


def test_a_callback_that_fails_is_no_200(caplog: pytest.LogCaptureFixture) -> None:
    """What happened stands in the log, and not in the answer."""

    async def fail(query: bytes, body: bytes) -> Answer:
        raise RuntimeError("the wheel came off")

    connection = serve(Callback(fail), scope(), piece(b"<xml/>"))

    assert (connection.status, connection.body) == (500, b"")
    assert "the wheel came off" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR


def test_a_server_that_fails_is_not_the_callbacks_matter() -> None:
    """A framework's refusal of a body, for example, gets back to the framework."""

    async def receive() -> Message:
        raise ConnectionAbortedError

    async def send(message: Message) -> None:
        raise AssertionError("nobody listens")

    with pytest.raises(ConnectionAbortedError):
        asyncio.run(AsgiApp(Callback())(scope(), receive, send))


def test_the_end_of_the_server_closes_the_callback() -> None:
    """Both ends of the life are acknowledged."""
    callback = Callback()
    began, ends = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
    connection = serve(callback, {"type": "lifespan"}, began, ends)

    assert [message["type"] for message in connection.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert callback.closed


def test_a_callback_that_does_not_close_is_told_to_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the callback fails to close, the server gets `lifespan.shutdown.failed`."""

    class Stuck(Callback):
        async def aclose(self) -> None:
            raise RuntimeError("the door is jammed")

    connection = serve(Stuck(), {"type": "lifespan"}, {"type": "lifespan.shutdown"})

    assert [message["type"] for message in connection.sent] == ["lifespan.shutdown.failed"]
    assert "the door is jammed" in caplog.text


def test_a_websocket_is_closed() -> None:
    """A websocket is closed at once, because the platform never opens one."""
    connection = serve(Callback(), {"type": "websocket"}, {"type": "websocket.connect"})

    assert connection.sent == [{"type": "websocket.close"}]


def test_another_kind_of_connection_is_an_error() -> None:
    """The server learns that it is not served."""
    with pytest.raises(ValueError, match="'http', 'websocket' or 'lifespan', got 'mqtt'"):
        serve(Callback(), {"type": "mqtt"})

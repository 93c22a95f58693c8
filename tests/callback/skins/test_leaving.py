"""Whoever asks and leaves, under a real server: the waiting ends, the handler does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from tests.account import TOKEN
from tests.callback.skins.pushes import push, said, text_message
from tests.callback.skins.servers import PATIENCE
from wxoa import Callback, events, replies
from wxruntime.callback.asgi import Receive, Scope, Send


class Desk:
    """A callback whose handler waits for a test, and what the test hears of it."""

    def __init__(self) -> None:
        self.callback = Callback(token=TOKEN)
        self.callback.on(self.handle)
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.handled = 0
        self.left = threading.Event()
        """Whether the application has returned, with nothing sent."""

    def handle(self, message: events.TextMessage) -> replies.TextReply:
        self.begun.set()
        if not self.go_on.wait(PATIENCE):
            raise AssertionError("nobody told the handler to go on")
        self.handled += 1
        return replies.TextReply(content=message.content)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[object] = []

        async def noting(message: dict[str, object]) -> None:
            sent.append(message)
            await send(message)

        await self.callback.asgi(scope, receive, noting)
        if not sent:
            self.left.set()


@contextmanager
def serving(desk: Desk) -> Generator[int]:
    """Serve a desk by uvicorn for the length of a block; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(desk.app, interface="asgi3", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def post(port: int, body: bytes) -> socket.socket:
    """Send a push, and leave its answer where it is."""
    signed = push(body, "plain")
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    head = (
        f"POST /wechat?{signed.query} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def test_a_delivery_that_is_cut_leaves_its_handler_to_the_next_one() -> None:
    """The application returns at once; the second delivery carries the reply of the one run."""
    desk = Desk()
    body = text_message("hello")
    with serving(desk) as port:
        post(port, body).close()

        assert desk.begun.wait(PATIENCE)
        assert desk.left.wait(PATIENCE)
        with post(port, body) as second:
            desk.go_on.set()
            answer = b""
            while piece := second.recv(65536):
                answer += piece

    head, _, reply = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert said(reply, "plain") == "hello"
    assert desk.handled == 1

"""The callback as an ASGI application, for any asyncio server.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Protocol, TypeAlias, cast

from wxruntime.callback.answer import Answer, NoPush

__all__ = ["BODY_SECONDS", "AsgiApp", "Receive", "Scope", "Send"]

BODY_SECONDS = 5.0
"""Seconds that a whole body may take; by then the platform has closed the connection."""

_log = logging.getLogger("wxoa.callback")

Scope: TypeAlias = Mapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, object]]]
Send: TypeAlias = Callable[[dict[str, object]], Awaitable[None]]

_LENGTH = re.compile(b"[0-9]{1,18}")
_UNREAD = (400, 405, 408, 413)
"""Refusals after which bytes of the body may still come that are not read."""


class _Callback(Protocol):
    """The callback, as far as the application needs it."""

    @property
    def max_size(self) -> int: ...

    async def handle_async(self, query: bytes, body: bytes = b"") -> Answer: ...

    async def aclose(self) -> None: ...


class _Gone(Exception):
    """Raised when the client has closed the connection."""


class AsgiApp:
    """Passes the platform's requests from an ASGI server to a callback."""

    def __init__(self, callback: _Callback) -> None:
        """Build an application; the server or the framework decides its path.

        Args:
            callback: Answers the requests; it is closed when the server shuts down.
        """
        self._callback = callback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection by the protocol of ASGI 3.

        Raises:
            ValueError: If the type of the scope is unknown.
        """
        kind = scope["type"]
        if kind == "http":
            await self._serve(scope, receive, send)
        elif kind == "lifespan":
            await self._live(receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close"})
        else:
            raise ValueError(f"scope: expected 'http', 'websocket' or 'lifespan', got {kind!r}")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except _Gone:
            return
        except NoPush as error:
            answer = error.answer
        await _reply(answer, scope, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] not in ("GET", "POST"):
            raise NoPush(405)
        body = b""
        if scope["method"] == "POST":
            _check_length(scope, self._callback.max_size)
            try:
                body = await asyncio.wait_for(_body(receive, self._callback.max_size), BODY_SECONDS)
            except asyncio.TimeoutError:
                raise NoPush(408) from None
        query = cast("bytes", scope["query_string"])
        return await _unless_gone(self._handle(query, body), receive)

    async def _handle(self, query: bytes, body: bytes) -> Answer:
        try:
            return await self._callback.handle_async(query, body)
        except Exception:
            _log.exception("the callback failed; the platform will try again")
            return Answer(500)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        try:
            await self._callback.aclose()
        except Exception:
            _log.exception("the callback could not be closed")
            await send({"type": "lifespan.shutdown.failed", "message": "the callback failed"})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def _check_length(scope: Scope, max_size: int) -> None:
    """Refuse a body by its Content-Length, before any of it is read."""
    for name, value in cast("Iterable[tuple[bytes, bytes]]", scope["headers"]):
        if name == b"content-length":
            if not _LENGTH.fullmatch(value):
                raise NoPush(400)
            if int(value) > max_size:
                raise NoPush(413)


async def _body(receive: Receive, max_size: int) -> bytes:
    """Read a body, up to its size limit."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        piece = cast("bytes", message.get("body", b""))
        size += len(piece)
        if size > max_size:
            raise NoPush(413)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _unless_gone(answer: Coroutine[object, object, Answer], receive: Receive) -> Answer:
    """Wait for an answer, as long as the client stays connected."""
    answering = asyncio.create_task(answer)
    leaving = asyncio.create_task(_left(receive))
    both = (answering, leaving)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            return answering.result()
        raise _Gone
    finally:
        # This cancels only the waiting: the callback keeps a handler that is under way.
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reply(answer: Answer, scope: Scope, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type.encode("latin-1")),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
    ]
    if answer.status == 405:
        headers.append((b"allow", b"GET, POST"))
    # In HTTP/2 such a stream ends by itself.
    if answer.status in _UNREAD and str(scope.get("http_version", "")).startswith("1"):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

"""What the servers serve: a callback with a trivial handler, and an application that only answers.

`BENCHMARK_MODE` says how its pushes come, plain or safe.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from benchmarks.sealed import AES_KEY, APP_ID, TOKEN
from wxoa import Callback, events, replies

__all__ = ["asgi", "asgi_floor", "wsgi", "wsgi_floor"]

callback = Callback(
    token=TOKEN,
    encoding_aes_key=AES_KEY if os.environ["BENCHMARK_MODE"] == "safe" else (),
    app_id=APP_ID,
)


@callback.on
async def greet(message: events.TextMessage) -> replies.TextReply:
    """Reply to whatever a customer says."""
    return replies.TextReply(content="hello")


asgi = callback.asgi
wsgi = callback.wsgi


async def asgi_floor(
    scope: dict[str, object],
    receive: Callable[[], Awaitable[dict[str, object]]],
    send: Callable[[dict[str, object]], Awaitable[None]],
) -> None:
    """Read a request, and answer "success"."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"7")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"success"})


def wsgi_floor(
    environ: dict[str, object], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Read a request, and answer "success"."""
    read = cast("Callable[[int], bytes]", getattr(environ["wsgi.input"], "read"))  # noqa: B009
    read(int(str(environ["CONTENT_LENGTH"])))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "7")])
    return [b"success"]

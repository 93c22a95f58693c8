"""The callback in real frameworks, under real servers: each recipe of the page, as it stands."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.callback.skins.pushes import Mode, check, forged, push, said, text_message
from tests.callback.skins.servers import (
    APPS,
    ask,
    gunicorn,
    script,
    serving,
    uvicorn,
)
from wxruntime.callback.answer import HANDLED, Answer
from wxruntime.callback.asgi import AsgiApp

SITES: dict[str, list[str]] = {
    "uvicorn": uvicorn("bare_asgi:app"),
    "uvicorn, Starlette": uvicorn("starlette_app:app"),
    "uvicorn, FastAPI": uvicorn("fastapi_app:app"),
    "uvicorn, in front of Django": uvicorn("django_asgi:application"),
    "uvicorn, a view of Django": uvicorn("django_site:asgi"),
    "gunicorn, threads": gunicorn("bare_wsgi:application"),
    "gunicorn, one at a time": gunicorn("bare_wsgi:application", "--worker-class", "sync"),
    "gunicorn, in front of Flask": gunicorn("flask_app:application"),
    "gunicorn, in front of Django": gunicorn("django_wsgi:application"),
    "gunicorn, a view of Django": gunicorn("django_site:wsgi"),
    "wsgiref": script(f"""
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from {APPS}.bare_wsgi import application
server = WSGIServer(listener.getsockname(), WSGIRequestHandler, bind_and_activate=False)
server.socket.close()
server.socket, server.server_name, server.server_port = listener, "localhost", 0
server.setup_environ()
server.set_app(application)
server.serve_forever()
"""),
    "http.server": script(f"""
from {APPS}.http_server import Handler, ThreadingHTTPServer
server = ThreadingHTTPServer(listener.getsockname(), Handler, bind_and_activate=False)
server.socket.close()
server.socket = listener
server.serve_forever()
"""),
    "aiohttp": script(f"""
from aiohttp import web
from {APPS}.aiohttp_app import app
web.run_app(app, sock=listener, print=None)
"""),
}
BARE = {"uvicorn", "gunicorn, threads", "gunicorn, one at a time", "wsgiref"}
"""There is nothing beside the callback, and no path but its own."""


@pytest.mark.parametrize("mode", ["plain", "safe"])
@pytest.mark.parametrize("site", SITES)
def test_the_platform_is_served(site: str, mode: Mode) -> None:
    """The address is checked, a push is replied to, and what is not authentic is refused.

    Nothing is a redirect, which the platform would not follow.
    """
    message = push(text_message("你好 & <goodbye>"), mode)
    with serving(SITES[site], mode) as server:
        checked = ask(server, check("4385 你好"))
        replied = ask(server, message)
        unsigned = ask(server, forged(message))
        unasked = ask(server, forged(check("4385")))
        changed = ask(server, message, "PUT")
        page = ask(server, check(""), path="/")

    assert (checked.status, checked.body.decode()) == (200, "4385 你好")
    assert replied.status == 200
    assert said(replied.body, mode) == "You wrote: 你好 & <goodbye>"
    assert replied.headers["content-type"].startswith("application/xml")
    assert (unsigned.status, unsigned.body) == (403, b"")
    assert (unasked.status, unasked.body) == (403, b"")
    assert changed.status in (405, 501)
    if site not in BARE | {"http.server"}:
        assert b"a page of your own" in page.body


def test_a_mount_of_starlette_redirects() -> None:
    """Which is why the recipes take a route: a redirect is no answer to the platform."""

    class Callback:
        max_size = 100

        async def handle_async(self, query: bytes, body: bytes = b"") -> Answer:
            return HANDLED

        async def aclose(self) -> None:
            pass

    statuses: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        statuses.append(message.get("status"))

    scope: dict[str, object] = {
        "type": "http",
        "method": "POST",
        "path": "/wechat",
        "query_string": b"",
        "headers": [(b"host", b"example.com")],
    }
    app = Starlette(routes=[Mount("/wechat", AsgiApp(Callback()))])
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]

    assert statuses[0] == 307

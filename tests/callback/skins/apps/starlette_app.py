from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.callback.skins.apps.desk import callback


async def home(request: Request) -> Response:
    return PlainTextResponse("a page of your own")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    yield
    await callback.aclose()


app = Starlette(
    routes=[Route("/", home), Route("/wechat", callback.asgi)],
    lifespan=lifespan,
)

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route

from tests.callback.skins.apps.desk import callback


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    yield
    await callback.aclose()


app = FastAPI(lifespan=lifespan, routes=[Route("/wechat", callback.asgi)])


@app.get("/")
async def home() -> str:
    return "a page of your own"

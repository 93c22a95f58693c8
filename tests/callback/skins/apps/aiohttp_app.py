from aiohttp import web

from tests.callback.skins.apps.desk import callback


async def wechat(request: web.Request) -> web.Response:
    answer = await callback.handle_async(request.rel_url.raw_query_string, await request.read())
    return web.Response(
        body=answer.body,
        status=answer.status,
        headers={"Content-Type": answer.content_type},
    )


async def home(request: web.Request) -> web.Response:
    return web.Response(text="a page of your own")


async def stop(app: web.Application) -> None:
    await callback.aclose()


app = web.Application(client_max_size=callback.max_size)
app.router.add_get("/wechat", wechat, allow_head=False)
app.router.add_post("/wechat", wechat)
app.router.add_get("/", home)
app.on_cleanup.append(stop)

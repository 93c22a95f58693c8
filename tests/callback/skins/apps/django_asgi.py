from typing import Any

from django.core.asgi import get_asgi_application

from tests.callback.skins.apps.desk import callback

django = get_asgi_application()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan" or scope["path"] == "/wechat":
        await callback.asgi(scope, receive, send)
    else:
        await django(scope, receive, send)

import atexit
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from tests.callback.skins.apps.desk import callback

django = get_wsgi_application()
atexit.register(callback.close)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/wechat":
        return callback.wsgi(environ, start_response)
    return django(environ, start_response)

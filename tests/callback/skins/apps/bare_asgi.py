from tests.callback.skins.apps.desk import callback

app = callback.asgi

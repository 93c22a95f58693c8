import atexit

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from tests.callback.skins.apps.desk import callback

app = Flask(__name__)
application = DispatcherMiddleware(app, {"/wechat": callback.wsgi})
atexit.register(callback.close)


@app.get("/")
def home() -> str:
    return "a page of your own"

import atexit

from tests.callback.skins.apps.desk import callback

application = callback.wsgi
atexit.register(callback.close)

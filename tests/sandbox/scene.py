"""A local WeChat, its `Admin`, a client, and a callback that keeps what is pushed."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from tests.account import APP_ID, APP_SECRET, TOKEN
from wxoa import Callback, Client, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.closing import Closing
from wxruntime.sandbox import Admin, LocalWeChat

PATIENCE = 30.0


def wechat_pushing_to(callback_url: str, now: Callable[[], float] = time.time) -> LocalWeChat:
    """Start a local WeChat for the account of these tests."""
    return LocalWeChat(
        CATALOG,
        app_id=APP_ID,
        app_secret=APP_SECRET,
        callback_url=callback_url,
        callback_token=TOKEN,
        now=now,
    )


class Scene(Closing):
    """A local WeChat with a callback, a client and an admin, all over sockets."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """Start everything.

        Args:
            now: Returns the platform's time, in Unix seconds.
        """
        self.pushed: queue.SimpleQueue[events.Event] = queue.SimpleQueue()
        self.reply: replies.Reply | None = None
        """The reply of the callback to each push."""
        self.receiver = Callback(token=TOKEN)
        self.receiver.default(self._take)
        self.callback = serve(self.receiver)
        self.wechat = wechat_pushing_to(self.callback.url, now)
        self.admin = Admin(self.wechat.url)
        self.client = Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=self.wechat.url)

    def _take(self, event: events.Event) -> replies.Reply | None:
        self.pushed.put(event)
        return self.reply

    def next_event(self) -> events.Event:
        """Wait for the next push."""
        return self.pushed.get(timeout=PATIENCE)

    def close(self) -> None:
        """Stop everything."""
        self.client.close()
        self.admin.close()
        self.wechat.close()
        self.callback.close()
        self.receiver.close()

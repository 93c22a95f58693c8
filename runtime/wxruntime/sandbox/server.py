"""The local WeChat over HTTP: the platform's paths, and the stage's beside them."""

from __future__ import annotations

import threading

from wxruntime.catalog import Catalog
from wxruntime.closing import Closing
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.desk import Change, Changes
from wxruntime.sandbox.platform import Account, Platform
from wxruntime.sandbox.pushes import Delivery, Pusher
from wxruntime.sandbox.stage import PREFIX, Stage
from wxruntime.wire import JsonObject, json, xml

__all__ = ["LocalWeChat"]


class LocalWeChat(Closing):
    """A WeChat on 127.0.0.1 for one account, until it is closed."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        app_id: str,
        app_secret: str,
        callback_url: str | None = None,
        callback_token: str = "",
        port: int = 0,
    ) -> None:
        """Listen, and begin to answer.

        Args:
            catalog: What there is to be called and pushed, from the generated package.
            app_id: The account's AppID.
            app_secret: The account's AppSecret.
            callback_url: Where events are pushed; nowhere by default.
            callback_token: Signs the pushes.
            port: Where to listen; 0 takes one that is free.

        Raises:
            ValueError: If an argument cannot work.
            OSError: If the port is taken.
        """
        self._catalog = catalog
        self._account = Account(app_id, app_secret)
        self._clock = Clock()
        self._lock = threading.Lock()
        self._deliveries: list[Delivery] = []
        self._platform = Platform(catalog, self._account, self._clock, self._push)
        self._stage = Stage(self._platform, self._clock, self._push, self._deliveries)
        self._pusher = (
            None
            if callback_url is None
            else Pusher(callback_url, callback_token, self._platform.now)
        )
        self._server = LoopbackServer(self._answer, port)
        self.url = self._server.url
        # Last: a port that is taken must leave no thread behind.
        if self._pusher is not None:
            self._pusher.start()

    def _answer(self, incoming: Incoming) -> Outgoing:
        status = 200
        with self._lock:
            if incoming.path.startswith(PREFIX):
                action = incoming.path.removeprefix(PREFIX)
                status, content = self._stage.act(action, incoming.body)
            else:
                content = self._platform.answer(
                    incoming.method, incoming.path, incoming.query, incoming.body
                )
        return Outgoing(status, "application/json; encoding=utf-8", json.dumps(content))

    def _push(self, changes: Changes) -> None:
        """Queue the pushes of what has happened; called while the lock is held."""
        # All are written before one is queued: they go out together or not at all.
        deliveries = [Delivery(c.event, c.openid, xml.dumps(self._wire(c))) for c in changes]
        self._deliveries += deliveries
        if self._pusher is not None:
            for delivery in deliveries:
                self._pusher.push(delivery)

    def _wire(self, change: Change) -> JsonObject:
        """Write a change as the catalog describes its event."""
        push = self._catalog.push
        values: JsonObject = {
            "to_user_name": self._account.user_name,
            "from_user_name": change.openid,
            "create_time": change.time,
            **change.fields,
        }
        fields = self._catalog.events[change.event].fields
        header, own = fields[: push.header], fields[push.header :]
        return {
            **{field.wire: values[field.name] for field in header},
            push.kind: push.event_kind,
            push.event: change.event,
            **{field.wire: values[field.name] for field in own if field.name in values},
        }

    def close(self) -> None:
        """Stop listening and pushing."""
        self._server.close()
        if self._pusher is not None:
            self._pusher.close()

"""The local WeChat over HTTP: the platform's paths, and the stage's beside them."""

from __future__ import annotations

import threading
from collections import deque

from attrs import evolve

from wxruntime.catalog import Catalog
from wxruntime.closing import Closing
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.calls import as_json
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.desk import Change, Changes
from wxruntime.sandbox.platform import Platform
from wxruntime.sandbox.pushes import Delivery, Pusher
from wxruntime.sandbox.stage import PREFIX, Stage
from wxruntime.sandbox.world import World
from wxruntime.wire import JsonObject, xml

__all__ = ["LocalWeChat"]

MAX_BODY = 12 << 20
"""How large a request may be, in bytes: a video has up to 10 MB, and more is refused in words."""
KEPT = 300
"""How many pushes are remembered once they are done."""


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
        del app_secret  # whatever is raised below has this frame in its traceback
        self._lock = threading.Lock()
        self._deliveries: deque[Delivery] = deque()
        world = World(catalog, self._account, Clock(), self._push)
        self._platform = Platform(world)
        self._stage = Stage(world, self._deliveries)
        self._pusher = (
            None if callback_url is None else Pusher(callback_url, callback_token, world.now)
        )
        del callback_token
        self._server = LoopbackServer(self._answer, port, max_body=MAX_BODY)
        self.url = self._server.url
        # Last: a port that is taken must leave no thread behind.
        if self._pusher is not None:
            self._pusher.start()

    def _answer(self, incoming: Incoming) -> Outgoing:
        with self._lock:
            if not incoming.path.startswith(PREFIX):
                return self._platform.answer(incoming)
            action = incoming.path.removeprefix(PREFIX)
            status, content = self._stage.act(action, incoming.body)
            return evolve(as_json(content), status=status)

    def _push(self, changes: Changes) -> None:
        """Queue the pushes of what has happened; called while the lock is held."""
        # All are written before one is queued: they go out together or not at all.
        deliveries = [Delivery(c.event, c.openid, xml.dumps(self._wire(c))) for c in changes]
        kept = self._deliveries
        kept += deliveries
        while len(kept) > KEPT and (self._pusher is None or kept[0].done):
            kept.popleft()
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

"""What customers and agents do at the local WeChat, by name: the admin interface's other end.

Its paths begin with `/_sandbox/`, where the platform has none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from attrs import asdict

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.sandbox.deliveries import Delivery
from wxruntime.sandbox.messages import MessageIds, event, message
from wxruntime.sandbox.post import Post
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.tokens import PLAIN, STABLE
from wxruntime.sandbox.world import World
from wxruntime.wire import JsonObject, boolean, integer, json, model, number, text, xml

__all__ = ["PREFIX", "Stage"]

PREFIX = "/_sandbox/"
LONGEST_WAIT = 3600
"""How long anybody may wait for a push, in seconds."""

Action: TypeAlias = "Callable[[JsonObject], JsonObject | None]"


class Stage:
    """Plays the people around the platform; safe for threads."""

    def __init__(self, world: World, post: Post, lock: threading.Lock) -> None:
        """Play around one platform.

        Args:
            world: What the platform knows.
            post: Tells the callback what happens.
            lock: Keeps others from the world meanwhile.
        """
        self._world = world
        self._post = post
        self._lock = lock
        self._message_ids = MessageIds(world.now())
        self._actions: dict[str, Action] = {
            "account": self._account,
            "write": self._write,
            "accept": self._accept,
            "transfer": self._transfer,
            "close": self._close,
            "message": self._message,
            "event": self._event,
            "advance": self._advance,
            "revoke-token": self._revoke_token,
            "refuse-ip": self._refuse_ip,
            "state": self._state,
        }
        # The callback may call the platform before it answers, so nobody is kept from the world.
        self._unlocked: dict[str, Action] = {
            "check-url": self._check_url,
            "deliveries": self._list_deliveries,
            "wait": self._wait,
            "redeliver": self._redeliver,
        }

    def act(self, action: str, body: bytes) -> tuple[int, JsonObject]:
        """Do one thing.

        Args:
            action: Its name, the path behind the prefix.
            body: A JSON object with what it needs.

        Returns:
            The HTTP status and the answer.
        """
        try:
            given = json.loads_object(body) if body else {}
            if action in self._unlocked:
                return 200, self._unlocked[action](given) or {}
            if action in self._actions:
                with self._lock:
                    self._world.tick()
                    return 200, self._actions[action](given) or {}
        except Refusal as refusal:
            return 409, {"error": f"the desk refuses with {refusal.code}", "code": refusal.code}
        except (DecodeError, EncodeError, ValueError) as error:
            return 400, {"error": str(error)}
        known = ", ".join((*self._actions, *self._unlocked))
        return 404, {"error": f"expected one of {known}, got {action!r}"}

    def _account(self, given: JsonObject) -> None:
        self._world.desk.put_account(
            _named(given, "kf_account"),
            online=boolean(given.get("online"), "online", True),
            bound=boolean(given.get("bound"), "bound", True),
        )

    def _write(self, given: JsonObject) -> None:
        self._world.push(self._world.desk.write(_named(given, "openid"), self._world.now()))

    def _accept(self, given: JsonObject) -> None:
        openid, kf_account = _named(given, "openid"), _named(given, "kf_account")
        self._world.push(self._world.desk.create(openid, kf_account, self._world.now()))

    def _transfer(self, given: JsonObject) -> None:
        openid, to = _named(given, "openid"), _named(given, "to_kf_account")
        self._world.push(self._world.desk.transfer(openid, to, self._world.now()))

    def _close(self, given: JsonObject) -> None:
        openid, kf_account = _named(given, "openid"), _named(given, "kf_account")
        self._world.push(self._world.desk.close(openid, kf_account, self._world.now()))

    def _message(self, given: JsonObject) -> JsonObject:
        """Let a customer write to the account.

        Where there is a callback, it is told, and its reply says who goes on: while an agent serves
        the customer, nobody but the agent hears it. Without a callback, the customer waits.
        """
        world, openid = self._world, _named(given, "openid")
        header = self._post.header(openid, world.now())
        kind = text(given.get("kind"), "kind", "text")
        described = world.catalog.messages.get(kind)
        wire = message(header, kind, self._message_ids.new(), described, _fields(given))
        delivery = self._post.draft(wire)
        heard = world.desk.hear(openid, world.now())
        if not heard and not self._post.has_callback:
            world.push(world.desk.write(openid, world.now()))
        self._post.send([delivery], told=not heard)
        return _id(delivery)

    def _event(self, given: JsonObject) -> JsonObject:
        header = self._post.header(_named(given, "openid"), self._world.now())
        delivery = self._post.draft(event(header, _named(given, "event"), _fields(given)))
        self._post.send([delivery])
        return _id(delivery)

    def _advance(self, given: JsonObject) -> None:
        self._world.clock.advance(number(given.get("seconds"), "seconds"))
        self._world.tick()

    def _revoke_token(self, given: JsonObject) -> None:
        kind = text(given.get("kind"), "kind", STABLE)
        if kind not in (STABLE, PLAIN):
            raise ValueError(f"$.kind: expected {STABLE} or {PLAIN}, got {kind!r}")
        self._world.tokens.revoke(kind)

    def _refuse_ip(self, given: JsonObject) -> None:
        self._world.refuses_ip = boolean(given.get("on"), "on", True)

    def _state(self, given: JsonObject) -> JsonObject:
        world = self._world
        desk = world.desk
        return {
            "accounts": [
                {"kf_account": a.name, "online": a.online, "bound": a.bound}
                for a in desk.accounts.values()
            ],
            "waiting": [*desk.waiting],
            "stuck": [{"openid": o, "kf_account": a} for o, a in desk.stuck.items()],
            "conversations": [
                {"openid": c.openid, "kf_account": c.kf_account}
                for c in desk.conversations.values()
            ],
            "tokens_fetched": sum(world.tokens.fetched.values()),
            "tokens": {**world.tokens.fetched},
            "refuses_ip": world.refuses_ip,
            "executed": {**world.executed},
            "pushes": [*self._post.deliveries.shown()],
        }

    # What waits for the callback.

    def _check_url(self, given: JsonObject) -> JsonObject:
        return asdict(self._post.check_url())

    def _list_deliveries(self, given: JsonObject) -> JsonObject:
        return {"deliveries": [*self._post.deliveries.shown()]}

    def _wait(self, given: JsonObject) -> JsonObject:
        delivery = self._post.deliveries.find(integer(given.get("id"), "id"))
        seconds = number(given.get("seconds"), "seconds", 60.0)
        if not 0 <= seconds <= LONGEST_WAIT:
            raise ValueError(f"$.seconds: expected 0 to {LONGEST_WAIT}, got {seconds:g}")
        delivery.over.wait(seconds)
        return delivery.shown()

    def _redeliver(self, given: JsonObject) -> JsonObject:
        return _id(self._post.redeliver(integer(given.get("id"), "id")))


def _id(delivery: Delivery) -> JsonObject:
    return {"id": delivery.number}


def _fields(given: JsonObject) -> JsonObject:
    return model(given.get("fields", {}), "fields", dict)


def _named(given: JsonObject, name: str) -> str:
    value = text(given.get(name), name)
    if not value:
        raise ValueError(f"$.{name}: expected a name, got empty text")
    try:
        # Every name the desk knows comes through here, and its pushes are XML.
        xml.dumps({name: value})
    except EncodeError as error:
        raise ValueError(str(error)) from None
    return value

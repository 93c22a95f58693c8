"""What customers and agents do at the local WeChat, by name: the admin interface's other end.

Its paths begin with `/_sandbox/`, where the platform has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.sandbox.pushes import Delivery
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.tokens import PLAIN, STABLE
from wxruntime.sandbox.world import World
from wxruntime.wire import JsonObject, boolean, json, number, text, xml

__all__ = ["PREFIX", "Stage"]

PREFIX = "/_sandbox/"

Action: TypeAlias = "Callable[[JsonObject], JsonObject | None]"


class Stage:
    """Plays the people around the platform; not safe for threads by itself."""

    def __init__(self, world: World, deliveries: Iterable[Delivery]) -> None:
        """Play around one platform.

        Args:
            world: What the platform knows.
            deliveries: The latest pushes.
        """
        self._world = world
        self._deliveries = deliveries
        self._actions: dict[str, Action] = {
            "account": self._account,
            "write": self._write,
            "accept": self._accept,
            "transfer": self._transfer,
            "close": self._close,
            "advance": self._advance,
            "revoke-token": self._revoke_token,
            "refuse-ip": self._refuse_ip,
            "state": self._state,
        }

    def act(self, action: str, body: bytes) -> tuple[int, JsonObject]:
        """Do one thing.

        Args:
            action: Its name, the path behind the prefix.
            body: A JSON object with what it needs.

        Returns:
            The HTTP status and the answer.
        """
        known = ", ".join(self._actions)
        if action not in self._actions:
            return 404, {"error": f"expected one of {known}, got {action!r}"}
        self._world.tick()
        try:
            given = json.loads_object(body) if body else {}
            return 200, self._actions[action](given) or {}
        except Refusal as refusal:
            return 409, {"error": f"the desk refuses with {refusal.code}", "code": refusal.code}
        except (DecodeError, ValueError) as error:
            return 400, {"error": str(error)}

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
            "conversations": [
                {"openid": c.openid, "kf_account": c.kf_account}
                for c in desk.conversations.values()
            ],
            "tokens_fetched": sum(world.tokens.fetched.values()),
            "tokens": {**world.tokens.fetched},
            "refuses_ip": world.refuses_ip,
            "executed": {**world.executed},
            "pushes": [
                {"event": d.event, "openid": d.openid, "attempts": d.attempts, "status": d.status}
                for d in self._deliveries
            ],
        }


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

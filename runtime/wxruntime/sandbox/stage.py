"""What customers and agents do at the local WeChat, by name: the admin interface's other end.

Its paths begin with `/_sandbox/`, where the platform has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.desk import Changes
from wxruntime.sandbox.platform import Platform
from wxruntime.sandbox.pushes import Delivery
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import JsonObject, boolean, json, number, text, xml

__all__ = ["PREFIX", "Stage"]

PREFIX = "/_sandbox/"

Action: TypeAlias = "Callable[[JsonObject], JsonObject | None]"


class Stage:
    """Plays the people around the platform; not safe for threads by itself."""

    def __init__(
        self,
        platform: Platform,
        clock: Clock,
        push: Callable[[Changes], None],
        deliveries: list[Delivery],
    ) -> None:
        """Play around one platform.

        Args:
            platform: Whose desk it is.
            clock: The time, which can be moved forward.
            push: Takes what is to be told to the callback.
            deliveries: Every push so far.
        """
        self._platform = platform
        self._clock = clock
        self._push = push
        self._deliveries = deliveries
        self._actions: dict[str, Action] = {
            "account": self._account,
            "write": self._write,
            "accept": self._accept,
            "transfer": self._transfer,
            "close": self._close,
            "advance": self._advance,
            "revoke-token": self._revoke_token,
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
        self._platform.tick()
        try:
            given = json.loads_object(body) if body else {}
            return 200, self._actions[action](given) or {}
        except Refusal as refusal:
            return 409, {"error": f"the desk refuses with {refusal.code}", "code": refusal.code}
        except (DecodeError, ValueError) as error:
            return 400, {"error": str(error)}

    def _account(self, given: JsonObject) -> None:
        self._platform.desk.put_account(
            _named(given, "kf_account"),
            online=boolean(given.get("online"), "online", True),
            bound=boolean(given.get("bound"), "bound", True),
        )

    def _write(self, given: JsonObject) -> None:
        self._push(self._platform.desk.write(_named(given, "openid"), self._platform.now()))

    def _accept(self, given: JsonObject) -> None:
        openid, kf_account = _named(given, "openid"), _named(given, "kf_account")
        self._push(self._platform.desk.create(openid, kf_account, self._platform.now()))

    def _transfer(self, given: JsonObject) -> None:
        openid, to = _named(given, "openid"), _named(given, "to_kf_account")
        self._push(self._platform.desk.transfer(openid, to, self._platform.now()))

    def _close(self, given: JsonObject) -> None:
        openid, kf_account = _named(given, "openid"), _named(given, "kf_account")
        self._push(self._platform.desk.close(openid, kf_account, self._platform.now()))

    def _advance(self, given: JsonObject) -> None:
        self._clock.advance(number(given.get("seconds"), "seconds"))
        self._platform.tick()

    def _revoke_token(self, given: JsonObject) -> None:
        self._platform.tokens.revoke()

    def _state(self, given: JsonObject) -> JsonObject:
        desk = self._platform.desk
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
            "tokens_fetched": self._platform.tokens.fetched,
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

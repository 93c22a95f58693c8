"""Playing customers and agents at a local WeChat, from anywhere on the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from wxruntime.closing import Closing
from wxruntime.errors import WeChatError
from wxruntime.sandbox.deliveries import Attempt
from wxruntime.sandbox.stage import PREFIX
from wxruntime.transport import Bytes, HttpRequest, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport
from wxruntime.wire import (
    JsonObject,
    JsonValue,
    boolean,
    integer,
    json,
    model,
    models,
    number,
    text,
)

__all__ = ["Admin", "AdminError", "Delivered"]

_PATIENCE = 10.0
"""How long the stage may take for what it does at once, in seconds."""
_CHECK = 70.0
"""How long it may take to ask the callback, in seconds."""


class AdminError(WeChatError):
    """Raised when the local WeChat's stage cannot do what was asked."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message, code)
        self.code = code
        """The platform's code for it; 0 when it has none."""

    def __str__(self) -> str:
        return str(self.args[0])


@frozen
class Delivered:
    """A push, and what has become of it so far."""

    id: int
    """Its number, for `wait_for_delivery` and `redeliver`."""
    kind: str
    """Its MsgType."""
    event: str
    """Which event it is; empty for a message."""
    openid: str
    """Whose push it is."""
    attempts: tuple[Attempt, ...]
    """The tries, up to three; none where nobody is to be told."""
    answered_on: int
    """Which try was answered with 200, counted from 1; 0 while none was."""
    reply: JsonObject | None = field(repr=False)
    """What the customer is replied, decrypted; None when nothing is."""
    problem: str
    """Why the customer is told that the account is out of service; empty when they are not."""
    done: bool
    """Whether the platform is through with it."""


class Admin(Closing):
    """Plays the people around a local WeChat."""

    def __init__(self, url: str) -> None:
        """Play at one local WeChat.

        Args:
            url: Its `url`.
        """
        self._url = url
        self._transport = Urllib3Transport()

    def put_account(self, kf_account: str, *, online: bool = True, bound: bool = True) -> None:
        """Add a customer-service account, or change one."""
        self._act("account", kf_account=kf_account, online=online, bound=bound)

    def write(self, openid: str) -> None:
        """Let a customer write to the desk, past the callback; whoever nobody serves waits."""
        self._act("write", openid=openid)

    def send_message(self, openid: str, kind: str = "text", **fields: JsonValue) -> int:
        """Let a customer send the account a message, which is pushed to the callback.

        A reply `transfer_customer_service` hands the customer over to the desk. While an agent
        serves them, the agent alone hears it, and nothing is pushed. Without a callback, they wait.

        Args:
            openid: The customer.
            kind: Its MsgType.
            fields: What it says, by the catalog's names, `content="…"`, or by the tags,
                `Content="…"`; what has to be there and is not given is made up.

        Returns:
            The id of the push.
        """
        return self._id("message", openid=openid, kind=kind, fields=fields)

    def push_event(self, event: str, openid: str, fields: Mapping[str, JsonValue]) -> int:
        """Push an event, whatever it is.

        Args:
            event: Its name on the wire.
            openid: Whose event it is.
            fields: What it says beyond the header, by the tags.

        Returns:
            The id of the push.
        """
        return self._id("event", event=event, openid=openid, fields={**fields})

    def check_url(self) -> Attempt:
        """Check the callback's address, as the platform does before it accepts one.

        Returns:
            How it went: its `problem` is empty when the answer was right.
        """
        return _attempt(self._ask("check-url", {}, _CHECK))

    def deliveries(self) -> list[Delivered]:
        """Return the latest pushes, the oldest first."""
        return models(self._act("deliveries").get("deliveries"), "deliveries", _delivered)

    def wait_for_delivery(self, number: int, seconds: float = 60.0) -> Delivered:
        """Wait until the platform is through with a push: answered, or tried three times.

        Args:
            number: Its id.
            seconds: How long to wait at most, up to an hour.

        Raises:
            AdminError: If it is not done by then, or there is no such push.
        """
        answer = self._ask("wait", {"id": number, "seconds": seconds}, seconds + _PATIENCE)
        delivered = _delivered(answer)
        if not delivered.done:
            raise AdminError(f"wait: push {number} is still under way after {seconds:g} s")
        return delivered

    def redeliver(self, number: int) -> int:
        """Deliver a push once more: the same content, as when the platform missed the answer.

        Args:
            number: Its id.

        Returns:
            The id of the new delivery.
        """
        return self._id("redeliver", id=number)

    def accept(self, openid: str, kf_account: str) -> None:
        """Let an agent take a customer over."""
        self._act("accept", openid=openid, kf_account=kf_account)

    def transfer(self, openid: str, to_kf_account: str) -> None:
        """Let the agent who serves a customer hand them over."""
        self._act("transfer", openid=openid, to_kf_account=to_kf_account)

    def close_conversation(self, openid: str, kf_account: str) -> None:
        """Let an agent close a conversation."""
        self._act("close", openid=openid, kf_account=kf_account)

    def advance(self, seconds: float) -> None:
        """Move the local WeChat's time forward."""
        self._act("advance", seconds=seconds)

    def revoke_token(self, kind: Literal["stable", "plain"] = "stable") -> None:
        """End the current access token, as a caller elsewhere who forces a new one does.

        Args:
            kind: Which of the two it is.
        """
        self._act("revoke-token", kind=kind)

    def refuse_ip(self, on: bool = True) -> None:
        """Take the address of whoever asks for a token off the account's list.

        Args:
            on: Whether it is off the list from now on.
        """
        self._act("refuse-ip", on=on)

    def state(self) -> JsonObject:
        """Return accounts, queue, conversations, tokens, calls and the latest pushes."""
        return self._act("state")

    def _id(self, action: str, **given: JsonValue) -> int:
        return integer(self._act(action, **given).get("id"), "id")

    def _act(self, action: str, **given: JsonValue) -> JsonObject:
        return self._ask(action, given, _PATIENCE)

    def _ask(self, action: str, given: JsonObject, patience: float) -> JsonObject:
        body = Bytes(json.dumps(given))
        request = HttpRequest("POST", f"{self._url}{PREFIX}{action}", body)
        response = self._transport.send(request, Timeout(_PATIENCE, patience))
        answer = json.loads_object(response.body)
        if response.status != 200:
            said = text(answer.get("error"), "error", "no reason given")
            raise AdminError(f"{action}: {said}", integer(answer.get("code"), "code", 0))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _delivered(given: JsonObject) -> Delivered:
    reply = given.get("reply")
    return Delivered(
        integer(given.get("id"), "id"),
        text(given.get("kind"), "kind"),
        text(given.get("event"), "event"),
        text(given.get("openid"), "openid"),
        tuple(models(given.get("attempts"), "attempts", _attempt)),
        integer(given.get("answered_on"), "answered_on"),
        None if reply is None else model(reply, "reply", dict),
        text(given.get("problem"), "problem"),
        boolean(given.get("done"), "done"),
    )


def _attempt(given: JsonObject) -> Attempt:
    return Attempt(
        integer(given.get("status"), "status"),
        boolean(given.get("cut"), "cut"),
        number(given.get("elapsed"), "elapsed"),
        text(given.get("problem"), "problem"),
    )

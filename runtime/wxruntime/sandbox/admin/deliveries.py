"""Looking after what is pushed to the callback."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.sandbox.admin.connection import PATIENCE, AdminConnection, AdminError
from wxruntime.sandbox.deliveries import Attempt
from wxruntime.wire import JsonObject, boolean, integer, model, models, number, text

__all__ = ["Delivered", "DeliveryActions"]

_CHECK = 70.0
"""How long it may take to ask the callback, in seconds."""


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


class DeliveryActions(AdminConnection):
    """Looks after pushes."""

    def check_url(self) -> Attempt:
        """Check the callback's address, as the platform does before it accepts one.

        Returns:
            How it went: its `problem` is empty when the answer was right.
        """
        return _attempt(self._ask_within(_CHECK, "check-url", {}))

    def deliveries(self) -> list[Delivered]:
        """Return the latest pushes, the oldest first."""
        return models(self.ask("deliveries").get("deliveries"), "deliveries", _delivered)

    def wait_for_delivery(self, number: int, seconds: float = 60.0) -> Delivered:
        """Wait until the platform is through with a push: answered, or tried three times.

        Args:
            number: Its id.
            seconds: How long to wait at most, up to an hour.

        Raises:
            AdminError: If it is not done by then, or there is no such push.
        """
        answer = self._ask_within(seconds + PATIENCE, "wait", {"id": number, "seconds": seconds})
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
        return self._ask_for_id("redeliver", id=number)


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

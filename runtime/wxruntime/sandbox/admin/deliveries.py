"""Watching and repeating the pushes to the callback."""

from __future__ import annotations

from attrs import field, frozen

from wxruntime.sandbox.admin.connection import PATIENCE, AdminConnection, AdminError
from wxruntime.sandbox.deliveries import Attempt
from wxruntime.wire import JsonObject, boolean, integer, model, models, number, text

__all__ = ["Delivered", "DeliveryActions"]

_CHECK = 70.0
"""How long the check of the address may take, in seconds: longer than any callback has."""


@frozen
class Delivered:
    """A push, and the attempts to deliver it so far."""

    id: int
    """The id of the push, for `wait_for_delivery` and `redeliver`."""
    kind: str
    """The MsgType of the push."""
    event: str
    """The name of the event; empty for a message."""
    openid: str
    """The customer whose message or event is pushed."""
    attempts: tuple[Attempt, ...]
    """The attempts, up to three; none if the push does not go to a callback."""
    answered_on: int
    """The number of the attempt that was answered with 200, from 1; 0 if none was."""
    reply: JsonObject | None = field(repr=False)
    """The reply to the customer, decrypted; None if there is none."""
    problem: str
    """Why the customer is shown that the account is out of service; empty if they are not."""
    done: bool
    """Whether no further attempt follows."""


class DeliveryActions(AdminConnection):
    """Watches and repeats pushes."""

    def check_url(self) -> Attempt:
        """Check the callback's address, as the platform does before it accepts one.

        Returns:
            The attempt; its `problem` is empty if the answer was right.

        Raises:
            AdminError: If there is no callback.
        """
        return _attempt(self._ask_within(_CHECK, "check-url", {}))

    def deliveries(self) -> list[Delivered]:
        """Return the latest pushes, the oldest first."""
        return models(self.ask("deliveries").get("deliveries"), "deliveries", _delivered)

    def wait_for_delivery(self, number: int, seconds: float = 60.0) -> Delivered:
        """Wait until a push was answered, or three attempts have failed.

        Args:
            number: The id of the push.
            seconds: How long to wait, in seconds, up to 3600.

        Raises:
            AdminError: If the push is not done by then, or is unknown.
        """
        answer = self._ask_within(seconds + PATIENCE, "wait", {"id": number, "seconds": seconds})
        delivered = _delivered(answer)
        if not delivered.done:
            raise AdminError(f"wait: push {number} is still under way after {seconds:g} s")
        return delivered

    def redeliver(self, number: int) -> int:
        """Deliver a push once more with the same content, as if the platform missed the answer.

        Args:
            number: The id of the push.

        Returns:
            The id of the new push.

        Raises:
            AdminError: If the push is unknown.
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

"""The pushes of the platform, from what happened to their delivery."""

from __future__ import annotations

from collections.abc import Sequence

from wxruntime.catalog import Catalog
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.deliveries import Attempt, Deliveries, Delivery
from wxruntime.sandbox.desk import Change, Changes
from wxruntime.sandbox.messages import event
from wxruntime.sandbox.pushes import Pusher
from wxruntime.sandbox.sealing import Sealing
from wxruntime.sandbox.tags import RECEIVER, SENDER, TIME
from wxruntime.wire import JsonObject

__all__ = ["PushOutbox"]


class PushOutbox:
    """Writes pushes, queues them for delivery and keeps them; safe for threads."""

    def __init__(
        self, catalog: Catalog, account: Account, sealing: Sealing, pusher: Pusher | None
    ) -> None:
        """Start without pushes.

        Args:
            catalog: Describes the events.
            account: The receiver of the pushes.
            sealing: Writes the pushes.
            pusher: Delivers the pushes; None if there is no callback.
        """
        self._catalog = catalog
        self._account = account
        self._sealing = sealing
        self._pusher = pusher
        self.deliveries = Deliveries()

    @property
    def has_callback(self) -> bool:
        """Whether there is a callback to push to."""
        return self._pusher is not None

    def header(self, openid: str, time: int) -> JsonObject:
        """Return the fields with which a push begins.

        Args:
            openid: The customer.
            time: When it happened, in Unix seconds.
        """
        return {
            RECEIVER: self._account.user_name,
            SENDER: openid,
            TIME: time,
        }

    def draft(self, wire: JsonObject) -> Delivery:
        """Give a push an id, without keeping it yet.

        Raises:
            EncodeError: If the form of the pushes (XML or JSON) cannot hold one of its values.
        """
        self._sealing.write(wire)
        return self.deliveries.draft(wire)

    def send(self, deliveries: Sequence[Delivery], *, deliver: bool = True) -> None:
        """Keep pushes, and queue them for delivery.

        Args:
            deliveries: The pushes; those of one customer are delivered in this order.
            deliver: Whether they go to the callback; False for a message that only an agent gets.
        """
        pusher = self._pusher if deliver else None
        if pusher is None:
            for delivery in deliveries:
                delivery.over.set()
        self.deliveries.keep(deliveries)
        if pusher is not None:
            for delivery in deliveries:
                pusher.push(delivery)

    def push(self, changes: Changes) -> None:
        """Push the changes of the desk."""
        # All are written before the first is queued: either all are pushed, or none.
        self.send([self.draft(self._wire(change)) for change in changes])

    def redeliver(self, number: int) -> Delivery:
        """Deliver a push once more, with the same content and a new id."""
        former = self.deliveries.find(number)
        delivery = self.deliveries.draft(former.wire)
        delivery.sealed = former.sealed
        self.send([delivery])
        return delivery

    def check_url(self) -> Attempt:
        """Check the callback's address as the platform does.

        Raises:
            ValueError: If there is no callback.
        """
        if self._pusher is None:
            raise ValueError("expected a callback to check: this local WeChat has no callback_url")
        return self._pusher.check_url()

    def _wire(self, change: Change) -> JsonObject:
        """Return the event of a change, with the tags that the catalog has for its fields."""
        described = self._catalog.events[change.event]
        tags = {field.name: field.wire for field in described.fields}
        fields = {tags[name]: value for name, value in change.fields.items()}
        header = self.header(change.openid, change.time)
        return event(header, described.kind, described.name, fields)

    def close(self) -> None:
        """Stop delivering, and end all waits for pushes."""
        if self._pusher is not None:
            self._pusher.close()

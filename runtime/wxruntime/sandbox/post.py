"""What the platform tells the callback, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence

from wxruntime.catalog import Catalog
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.deliveries import Attempt, Deliveries, Delivery
from wxruntime.sandbox.desk import Change, Changes
from wxruntime.sandbox.pushes import Pusher
from wxruntime.sandbox.sealing import Sealing
from wxruntime.wire import JsonObject

__all__ = ["Post"]


class Post:
    """Writes pushes, hands them over for delivery and remembers them; safe for threads."""

    def __init__(
        self, catalog: Catalog, account: Account, sealing: Sealing, pusher: Pusher | None
    ) -> None:
        """Begin with nothing to tell.

        Args:
            catalog: What there is to be pushed.
            account: Who is told.
            sealing: How pushes are written.
            pusher: Delivers them; None where there is no callback.
        """
        self._catalog = catalog
        self._account = account
        self._sealing = sealing
        self._pusher = pusher
        self.deliveries = Deliveries()

    @property
    def has_callback(self) -> bool:
        """Whether anybody is told anything."""
        return self._pusher is not None

    def header(self, openid: str, time: int) -> JsonObject:
        """Return what stands at the head of a push."""
        return {
            "ToUserName": self._account.user_name,
            "FromUserName": openid,
            "CreateTime": time,
        }

    def draft(self, wire: JsonObject) -> Delivery:
        """Give a push an id.

        Raises:
            EncodeError: If it holds what its form cannot.
        """
        self._sealing.write(wire)
        return self.deliveries.draft(wire)

    def send(self, deliveries: Sequence[Delivery], *, told: bool = True) -> None:
        """Remember pushes, and deliver them.

        Args:
            deliveries: The pushes; those of one customer are delivered in this order.
            told: Whether the callback is to know of them at all.
        """
        told = told and self._pusher is not None
        if not told:
            for delivery in deliveries:
                delivery.over.set()
        self.deliveries.keep(deliveries)
        if told and self._pusher is not None:
            for delivery in deliveries:
                self._pusher.push(delivery)

    def push(self, changes: Changes) -> None:
        """Tell of what has happened at the desk."""
        # All are written before one is queued: they go out together or not at all.
        self.send([self.draft(self._wire(change)) for change in changes])

    def redeliver(self, number: int) -> Delivery:
        """Deliver a push once more, under a new id."""
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
        """Write a change as the catalog describes its event."""
        push = self._catalog.push
        fields = self._catalog.events[change.event].fields[push.header :]
        return {
            **self.header(change.openid, change.time),
            push.kind: push.event_kind,
            push.event: change.event,
            **{f.wire: change.fields[f.name] for f in fields if f.name in change.fields},
        }

    def close(self) -> None:
        """Stop delivering; whoever waits for a push is told that it is over."""
        if self._pusher is not None:
            self._pusher.close()

"""The actions that watch and repeat pushes."""

from __future__ import annotations

from attrs import asdict, field, frozen

from wxruntime.sandbox.outbox import PushOutbox
from wxruntime.sandbox.stage.action import Actions
from wxruntime.wire import JsonObject, integer, number

__all__ = ["actions"]

LONGEST_WAIT = 3600
"""How long a request may wait for a push, in seconds."""


def actions(outbox: PushOutbox) -> Actions:
    """Return the actions by name."""
    deliveries = _Deliveries(outbox)
    return {
        "check-url": deliveries.check_url,
        "deliveries": deliveries.all,
        "wait": deliveries.wait,
        "redeliver": deliveries.redeliver,
    }


@frozen
class _Deliveries:
    outbox: PushOutbox = field(repr=False)

    def check_url(self, given: JsonObject) -> JsonObject:
        return asdict(self.outbox.check_url())

    def all(self, given: JsonObject) -> JsonObject:
        return {"deliveries": [*self.outbox.deliveries.shown()]}

    def wait(self, given: JsonObject) -> JsonObject:
        delivery = self.outbox.deliveries.find(integer(given.get("id"), "id"))
        seconds = number(given.get("seconds"), "seconds", 60.0)
        if not 0 <= seconds <= LONGEST_WAIT:
            raise ValueError(f"$.seconds: expected 0 to {LONGEST_WAIT}, got {seconds:g}")
        delivery.over.wait(seconds)
        return delivery.shown()

    def redeliver(self, given: JsonObject) -> JsonObject:
        return {"id": self.outbox.redeliver(integer(given.get("id"), "id")).number}

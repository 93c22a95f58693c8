"""Looking after what is pushed to the callback."""

from __future__ import annotations

from attrs import asdict, field, frozen

from wxruntime.sandbox.post import Post
from wxruntime.sandbox.stage.action import Actions
from wxruntime.wire import JsonObject, integer, number

__all__ = ["actions"]

LONGEST_WAIT = 3600
"""How long anybody may wait for a push, in seconds."""


def actions(post: Post) -> Actions:
    """Return what is done about pushes, by name."""
    deliveries = _Deliveries(post)
    return {
        "check-url": deliveries.check_url,
        "deliveries": deliveries.all,
        "wait": deliveries.wait,
        "redeliver": deliveries.redeliver,
    }


@frozen
class _Deliveries:
    post: Post = field(repr=False)

    def check_url(self, given: JsonObject) -> JsonObject:
        return asdict(self.post.check_url())

    def all(self, given: JsonObject) -> JsonObject:
        return {"deliveries": [*self.post.deliveries.shown()]}

    def wait(self, given: JsonObject) -> JsonObject:
        delivery = self.post.deliveries.find(integer(given.get("id"), "id"))
        seconds = number(given.get("seconds"), "seconds", 60.0)
        if not 0 <= seconds <= LONGEST_WAIT:
            raise ValueError(f"$.seconds: expected 0 to {LONGEST_WAIT}, got {seconds:g}")
        delivery.over.wait(seconds)
        return delivery.shown()

    def redeliver(self, given: JsonObject) -> JsonObject:
        return {"id": self.post.redeliver(integer(given.get("id"), "id")).number}

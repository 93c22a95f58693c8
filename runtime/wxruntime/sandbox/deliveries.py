"""What has been pushed, and what has become of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import count

from attrs import asdict, define, field, frozen

from wxruntime.sandbox.sealing import Sealed
from wxruntime.sandbox.tags import EVENT, KIND, SENDER
from wxruntime.wire import JsonObject, text

__all__ = ["ATTEMPTS", "KEPT", "Attempt", "Deliveries", "Delivery"]

ATTEMPTS = 3
"""How often the platform tries to deliver a push."""
KEPT = 300
"""How many pushes are remembered once they are done."""


@frozen
class Attempt:
    """One try to reach the callback."""

    status: int
    """What the callback answered with; 0 when no whole answer came."""
    cut: bool
    """Whether the platform lost its patience and closed the connection."""
    elapsed: float
    """How long it took, in seconds."""
    problem: str = ""
    """Why it was in vain; empty when it was not."""


@define(eq=False)
class Delivery:
    """A push, and what has become of it."""

    number: int
    """Its id, for whoever asks for it."""
    wire: JsonObject = field(repr=False)
    """What is pushed, the same in each try."""
    attempts: list[Attempt] = field(factory=list[Attempt])
    answered_on: int = 0
    """Which try was answered with 200, counted from 1; 0 while none was."""
    reply: JsonObject | None = field(default=None, repr=False)
    """What the customer is replied; None when nothing is."""
    problem: str = ""
    """Why the customer is told that the account is out of service; empty when they are not."""
    sealed: Sealed | None = field(default=None, repr=False)
    """What the latest try sent."""
    over: threading.Event = field(factory=threading.Event, repr=False)
    """Set when the platform is through with it."""

    @property
    def openid(self) -> str:
        """Whose push it is."""
        return text(self.wire[SENDER], SENDER)

    @property
    def done(self) -> bool:
        """Whether it is not tried again."""
        return bool(self.answered_on) or len(self.attempts) == ATTEMPTS

    def shown(self) -> JsonObject:
        """Return what the admin interface says of it."""
        return {
            "id": self.number,
            "kind": self.wire[KIND],
            "event": self.wire.get(EVENT, ""),
            "openid": self.openid,
            "attempts": [asdict(attempt) for attempt in self.attempts],
            "answered_on": self.answered_on,
            "reply": self.reply,
            "problem": self.problem,
            "done": self.over.is_set(),
        }


class Deliveries:
    """The latest pushes, by their ids; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: OrderedDict[int, Delivery] = OrderedDict()

    def draft(self, wire: JsonObject) -> Delivery:
        """Give a push an id; it is not remembered yet."""
        return Delivery(next(self._numbers), wire)

    def keep(self, deliveries: Iterable[Delivery]) -> None:
        """Remember pushes, and forget the oldest that are done."""
        with self._lock:
            for delivery in deliveries:
                self._kept[delivery.number] = delivery
            while len(self._kept) > KEPT:
                oldest = next(iter(self._kept.values()))
                if not oldest.over.is_set():
                    break
                del self._kept[oldest.number]

    def find(self, number: int) -> Delivery:
        """Return a push by its id.

        Raises:
            ValueError: If there is none, or none any more.
        """
        with self._lock:
            delivery = self._kept.get(number)
        if delivery is None:
            raise ValueError(
                f"$.id: expected the id of one of the latest {KEPT} pushes, got {number}"
            )
        return delivery

    def shown(self) -> list[JsonObject]:
        """Return what the admin interface says of all of them, the oldest first."""
        with self._lock:
            kept = [*self._kept.values()]
        return [delivery.shown() for delivery in kept]

"""The latest pushes, and the attempts to deliver them."""

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
"""How many attempts the platform makes to deliver a push."""
KEPT = 300
"""How many pushes are kept; the oldest is dropped first, once it is done."""


@frozen
class Attempt:
    """One attempt to deliver a push, or one check of the callback's address."""

    status: int
    """The HTTP status of the answer; 0 if no complete answer came."""
    cut: bool
    """Whether the platform closed the connection because the answer took too long."""
    elapsed: float
    """How long the attempt took, in seconds."""
    problem: str = ""
    """Why the attempt failed; empty if it succeeded."""


@define(eq=False)
class Delivery:
    """A push, and the attempts to deliver it."""

    number: int
    """The id of the push, by which `Admin` asks for it."""
    wire: JsonObject = field(repr=False)
    """The content of the push, the same in each attempt."""
    attempts: list[Attempt] = field(factory=list[Attempt])
    answered_on: int = 0
    """The number of the attempt that was answered with 200, from 1; 0 if none was."""
    reply: JsonObject | None = field(default=None, repr=False)
    """The reply to the customer; None if there is none."""
    problem: str = ""
    """Why the customer is shown that the account is out of service; empty if they are not."""
    sealed: Sealed | None = field(default=None, repr=False)
    """What the latest attempt sent."""
    over: threading.Event = field(factory=threading.Event, repr=False)
    """Set when no further attempt follows and the reply has taken effect."""

    @property
    def openid(self) -> str:
        """The customer whose message or event is pushed."""
        return text(self.wire[SENDER], SENDER)

    @property
    def done(self) -> bool:
        """Whether no further attempt follows."""
        return bool(self.answered_on) or len(self.attempts) == ATTEMPTS

    def shown(self) -> JsonObject:
        """Return the push as `Admin` receives it."""
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
    """The latest pushes by id; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._kept: OrderedDict[int, Delivery] = OrderedDict()

    def draft(self, wire: JsonObject) -> Delivery:
        """Give a push an id, without keeping it yet."""
        return Delivery(next(self._numbers), wire)

    def keep(self, deliveries: Iterable[Delivery]) -> None:
        """Keep pushes, and drop the oldest that are done."""
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
            ValueError: If no push has this id, or it was dropped.
        """
        with self._lock:
            delivery = self._kept.get(number)
        if delivery is None:
            raise ValueError(
                f"$.id: expected the id of one of the latest {KEPT} pushes, got {number}"
            )
        return delivery

    def shown(self) -> list[JsonObject]:
        """Return all pushes as `Admin` receives them, the oldest first."""
        with self._lock:
            kept = [*self._kept.values()]
        return [delivery.shown() for delivery in kept]

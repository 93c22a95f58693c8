"""What is remembered of a push, and the ways in which it may change.

A handler runs once, however often its push is delivered: the first delivery runs it, the others
join it or carry what it has replied. Every change is a pure function of the record and of the
inbox's own time, so the rules are the same in memory and in Redis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, TypeVar

from attrs import evolve, field, frozen

__all__ = [
    "KEPT",
    "Arrival",
    "Change",
    "Outcome",
    "Record",
    "arrive",
    "beat",
    "fail",
    "finish",
    "give_up",
    "join",
    "settle",
]

R = TypeVar("R")

KEPT = 120
"""How long a push is remembered that nothing more comes of, in seconds; it is repeated for 15."""


@frozen
class Outcome:
    """How a handler ended well."""

    reply: bytes | None = field(default=None, repr=False)
    """The reply, as the inbox keeps it; None when there is none."""


@frozen
class Record:
    """One push's record; an inbox that knows nothing of a push holds `Record()`."""

    owner: str = ""
    """Who runs the handler; empty when nobody does."""
    leased_until: float = 0.0
    """When whoever runs it is taken for dead, in seconds on the inbox's clock."""
    first: float = 0.0
    """When the first delivery came, in seconds on the inbox's clock."""
    deliveries: int = 0
    """How often the push was delivered."""
    outcome: Outcome | None = None
    """How the handler ended; None while it has not."""
    carried: bool = False
    """Whether a delivery has carried the outcome to the platform."""
    over: bool = False
    """Whether the last delivery was answered without the outcome."""


Change: TypeAlias = Callable[[Record, float], tuple[Record, R]]
"""From a record and the inbox's time in seconds to the next record and what is told about it."""


@frozen
class Arrival:
    """What a delivery has to do."""

    turn: Literal["run", "join", "carry"]
    """Run the handler, join the one that is running, or carry its outcome."""
    deliveries: int
    """How many deliveries there have been, with this one."""
    age: float
    """How long ago the first one came, in seconds."""
    outcome: Outcome | None = None
    """What to carry."""


def _turn(record: Record, owner: str, lease: float, now: float) -> tuple[Record, Arrival]:
    """Give a delivery its turn."""
    age = max(0.0, now - record.first)
    if record.outcome is not None:
        carried = Arrival("carry", record.deliveries, age, record.outcome)
        return evolve(record, carried=True), carried
    # A lease that seems longer than any was made by another clock.
    if record.owner and 0 < record.leased_until - now <= lease:
        return record, Arrival("join", record.deliveries, age)
    taken = evolve(record, owner=owner, leased_until=now + lease)
    return taken, Arrival("run", record.deliveries, age)


def arrive(owner: str, lease: float) -> Change[Arrival]:
    """Count a delivery, and give it its turn.

    Args:
        owner: Who would run the handler; a name that nobody else has.
        lease: How long the handler counts as running if nothing more is heard of it, in seconds.
    """

    def change(record: Record, now: float) -> tuple[Record, Arrival]:
        first = record.first if record.deliveries else now
        counted = evolve(record, first=first, deliveries=record.deliveries + 1)
        return _turn(counted, owner, lease, now)

    return change


def join(owner: str, lease: float) -> Change[Arrival]:
    """Give a delivery that has been counted its turn again; the arguments are those of `arrive`."""

    def change(record: Record, now: float) -> tuple[Record, Arrival]:
        return _turn(record, owner, lease, now)

    return change


def beat(owner: str, lease: float) -> Change[bool]:
    """Say that the handler still runs.

    Returns (by the change): whether it is this owner's still; an inbox that has forgotten it
    gives it back.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.outcome is not None or record.owner not in ("", owner):
            return record, False
        return evolve(record, owner=owner, leased_until=now + lease), True

    return change


def finish(owner: str, outcome: Outcome) -> Change[bool]:
    """Keep how the handler ended, for the deliveries that wait and those to come.

    The first outcome counts, whoever's it is: who was taken for dead may have been slow.

    Returns (by the change): whether a delivery may still carry it. When not, the last delivery
    has been answered without it.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.outcome is not None:
            return record, True
        # A record that is gone (a store that was flushed) is written anew.
        first = record.first if record.deliveries else now
        ended = evolve(record, owner=owner, first=first, outcome=outcome, carried=record.over)
        return ended, not record.over

    return change


def fail(owner: str) -> Change[None]:
    """Let the next delivery run the handler again."""

    def change(record: Record, now: float) -> tuple[Record, None]:
        if record.owner != owner or record.outcome is not None:
            return record, None
        return evolve(record, owner="", leased_until=0.0), None

    return change


def give_up() -> Change[Outcome | None]:
    """End the last delivery: with the outcome if it has just come, else without it for good."""

    def change(record: Record, now: float) -> tuple[Record, Outcome | None]:
        if record.outcome is not None:
            return evolve(record, carried=True), record.outcome
        return evolve(record, over=True), None

    return change


def settle(owner: str, outcome: Outcome) -> Change[bool]:
    """Take an outcome that no delivery has carried, when none is to be expected any more.

    Args:
        owner: Who ran the handler.
        outcome: How it ended: the record may have been lost, or never have come to be, when the
            inbox was away.

    Returns (by the change): whether it is to go out another way.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.carried:
            return record, False
        if record.outcome is None:
            if record.owner and record.leased_until > now and record.owner != owner:
                return record, False  # somebody else runs it, and sees its reply off
            return evolve(record, owner=owner, outcome=outcome, carried=True), True
        return evolve(record, carried=True), True

    return change

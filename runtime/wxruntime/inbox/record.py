"""The record of a push, and its changes.

A handler runs once for all deliveries of its push: the first delivery runs it, and the others join
it or carry its outcome. Every change is a pure function of the record and the inbox's time, so the
rules are the same in memory and in Redis.
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
"""Seconds for which a push is remembered after its last change; the platform repeats it for 15."""


@frozen
class Outcome:
    """The outcome of a handler that succeeded."""

    reply: bytes | None = field(default=None, repr=False)
    """The reply, as the inbox stores it; None for no reply."""


@frozen
class Record:
    """The record of one push; `Record()` for a push that has not come yet."""

    owner: str = ""
    """The owner of the running handler; empty if none is running."""
    leased_until: float = 0.0
    """When the owner counts as dead, in seconds on the inbox's clock."""
    first: float = 0.0
    """When the first delivery came, in seconds on the inbox's clock."""
    deliveries: int = 0
    """How often the push was delivered."""
    outcome: Outcome | None = None
    """The outcome of the handler; None as long as it has not ended."""
    carried: bool = False
    """Whether the outcome is taken: by a delivery, or for the `late` hook."""
    over: bool = False
    """Whether the last delivery was answered without the outcome."""


Change: TypeAlias = Callable[[Record, float], tuple[Record, R]]
"""Returns the next record and a result, from a record and the inbox's time in seconds."""


@frozen
class Arrival:
    """What a delivery has to do."""

    turn: Literal["run", "join", "carry"]
    """Run the handler, join the one that is running, or carry its outcome."""
    deliveries: int
    """The number of deliveries so far, including this one."""
    age: float
    """Seconds since the first delivery."""
    outcome: Outcome | None = None
    """The outcome to carry."""


def _turn(record: Record, owner: str, lease: float, now: float) -> tuple[Record, Arrival]:
    """Decide what a delivery has to do."""
    age = max(0.0, now - record.first)
    if record.outcome is not None:
        carried = Arrival("carry", record.deliveries, age, record.outcome)
        return evolve(record, carried=True), carried
    # A lease that seems too long was made by another clock.
    if record.owner and 0 < record.leased_until - now <= lease:
        return record, Arrival("join", record.deliveries, age)
    taken = evolve(record, owner=owner, leased_until=now + lease)
    return taken, Arrival("run", record.deliveries, age)


def arrive(owner: str, lease: float) -> Change[Arrival]:
    """Count a delivery, and decide what it has to do.

    Args:
        owner: The owner of the handler if this delivery runs it; a unique name.
        lease: Seconds for which the handler counts as running without a renewal.
    """

    def change(record: Record, now: float) -> tuple[Record, Arrival]:
        first = record.first if record.deliveries else now
        counted = evolve(record, first=first, deliveries=record.deliveries + 1)
        return _turn(counted, owner, lease, now)

    return change


def join(owner: str, lease: float) -> Change[Arrival]:
    """Decide again what a counted delivery has to do; the arguments are those of `arrive`."""

    def change(record: Record, now: float) -> tuple[Record, Arrival]:
        return _turn(record, owner, lease, now)

    return change


def beat(owner: str, lease: float) -> Change[bool]:
    """Renew the lease of a running handler.

    Returns:
        A change whose result is whether the handler still belongs to this owner; it does if the
        inbox has forgotten the push.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.outcome is not None or record.owner not in ("", owner):
            return record, False
        return evolve(record, owner=owner, leased_until=now + lease), True

    return change


def finish(owner: str, outcome: Outcome) -> Change[bool]:
    """Store the outcome of a handler, for waiting and later deliveries.

    The first outcome counts, of whichever owner: an owner that counted as dead may have been slow.

    Returns:
        A change whose result is whether a delivery may still carry the outcome; False if the last
        delivery has been answered without it.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.outcome is not None:
            return record, True
        # A record that is gone, because the store was flushed, is written again.
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
    """End the last delivery: with the outcome if it has just come, otherwise without it."""

    def change(record: Record, now: float) -> tuple[Record, Outcome | None]:
        if record.outcome is not None:
            return evolve(record, carried=True), record.outcome
        return evolve(record, over=True), None

    return change


def settle(owner: str, outcome: Outcome) -> Change[bool]:
    """Claim an outcome that no delivery has carried, after the last expected delivery.

    Args:
        owner: The owner of the handler.
        outcome: The outcome, in case the record was lost or never written because the inbox could
            not be reached.

    Returns:
        A change whose result is whether the caller has to pass the reply to the hook.
    """

    def change(record: Record, now: float) -> tuple[Record, bool]:
        if record.carried:
            return record, False
        if record.outcome is None:
            if record.owner and record.leased_until > now and record.owner != owner:
                return record, False  # another owner runs it, and takes care of its reply
            return evolve(record, owner=owner, outcome=outcome, carried=True), True
        return evolve(record, carried=True), True

    return change

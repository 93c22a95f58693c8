"""How many messages a customer may still be sent, counted from what is pushed and what is sent.

The platform does not tell the number, so this one is careful: what two causes grant is not added
up, and a message counts against all that is granted at the time.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, Protocol, TypeAlias

from attrs import evolve, frozen

from wxruntime.desk.rules import RULES, Push, Rule, cause_of
from wxruntime.forking import renew_after_fork

__all__ = [
    "LIMIT",
    "UNLIMITED",
    "Allowance",
    "Grant",
    "Grants",
    "MemoryAllowance",
    "granted",
    "left",
    "spent",
]

UNLIMITED: Final = sys.maxsize
"""What is left where the number is not limited."""
LIMIT: Final = 100_000
"""How many customers are remembered at most."""


class Allowance(Protocol):
    """Counts for all customers of one account; safe for threads."""

    def saw(self, push: Push) -> None:
        """Take note of a push; one that grants nothing changes nothing.

        A push that is delivered again does not renew what it has granted, nor does it bring back
        what has ended. Of two in the same second the first one counts, and an end before all.
        """
        ...

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Take note of what no push says, such as a payment.

        Args:
            openid: The customer.
            cause: One of the causes of the rules.
            at: When it happened, in Unix seconds.
        """
        ...

    def left(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; `UNLIMITED` for any number."""
        ...

    def spend(self, openid: str) -> bool:
        """Count a message that is to be sent; false, and nothing counted, when none is left."""
        ...


# The rules of counting: pure functions, for an allowance that lives elsewhere too.


@frozen
class Grant:
    """What one rule has granted."""

    rule: Rule
    at: float
    """When, in Unix seconds."""
    left: int
    """How many messages are left of it."""

    def serves(self, now: float) -> bool:
        """Say whether its time is not over."""
        return now < self.at + self.rule.seconds


Grants: TypeAlias = "tuple[Grant, ...]"
"""What a customer has been granted, at most once by each rule."""


def granted(grants: Grants, rule: Rule, at: float, now: float) -> Grants:
    """Return what is granted after a cause.

    The latest one of a rule replaces those before, and one that ends grants replaces all before.
    """
    serving = tuple(grant for grant in grants if grant.serves(now))
    if any(grant.at >= at and (grant.rule == rule or grant.rule.ends) for grant in grants):
        return serving
    new = Grant(rule, at, UNLIMITED if rule.messages is None else rule.messages)
    others = tuple(g for g in serving if g.rule != rule and not (rule.ends and g.at <= at))
    return (*others, new) if new.serves(now) else others


def left(grants: Grants, now: float) -> int:
    """Return how many messages are left: what the most generous grant has."""
    return max((grant.left for grant in grants if grant.serves(now)), default=0)


def spent(grants: Grants, now: float) -> Grants | None:
    """Return what is granted after a message was sent; None when none is left."""
    if not left(grants, now):
        return None
    return tuple(evolve(grant, left=_less(grant.left)) for grant in grants if grant.serves(now))


def _less(number: int) -> int:
    return number if number == UNLIMITED else max(0, number - 1)


class MemoryAllowance:
    """An allowance for the threads and event loops of one process.

    Nothing is shared with other processes: where several receive pushes or send messages, each
    would count its part alone. Nobody waits for it, so that coroutines may call it as well.
    """

    def __init__(
        self,
        rules: Iterable[Rule] = RULES,
        *,
        clock: Callable[[], float] = time.time,
        limit: int = LIMIT,
    ) -> None:
        """Begin with nothing granted to anybody.

        Args:
            rules: What grants how many messages for how long.
            clock: Tells the time in Unix seconds; the causes bear the platform's time.
            limit: How many customers are remembered at most; those of whom nothing was seen for
                longest are forgotten first, and have nothing left.

        Raises:
            ValueError: If the limit is not above zero, or two rules share a cause.
        """
        if limit < 1:
            raise ValueError(f"limit: expected a number above 0, got {limit}")
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            for cause in rule.causes:
                if self._rules.setdefault(cause, rule) is not rule:
                    raise ValueError(f"rules: expected one for each cause, got two for {cause!r}")
        self._clock = clock
        self._limit = limit
        self._customers: dict[str, Grants] = {}
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Leave the parent's lock to the parent, whoever held it."""
        self._lock = threading.Lock()

    def saw(self, push: Push) -> None:
        """Take note of a push; see `Allowance.saw`."""
        self.grant(push.from_user_name, cause_of(push), push.create_time)

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Take note of what no push says; see `Allowance.grant`."""
        rule = self._rules.get(cause)
        if rule is None:
            return
        with self._lock:
            now = self._clock()
            self._customers[openid] = granted(self._customers.pop(openid, ()), rule, at, now)
            self._forget(now)

    def left(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.left`."""
        with self._lock:
            return left(self._customers.get(openid, ()), self._clock())

    def spend(self, openid: str) -> bool:
        """Count a message that is to be sent; see `Allowance.spend`."""
        with self._lock:
            after = spent(self._customers.get(openid, ()), self._clock())
            if after is not None:
                self._customers[openid] = after
            return after is not None

    def _forget(self, now: float) -> None:
        # Two at a time: what grew in a rush shrinks again.
        for openid in tuple(islice(self._customers, 2)):
            over = not any(grant.serves(now) for grant in self._customers[openid])
            if over or len(self._customers) > self._limit:
                del self._customers[openid]

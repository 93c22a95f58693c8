"""How many messages a customer was granted, and how many remain: pure functions.

An allowance stores the grants of each customer and changes them by these functions. The platform
does not publish its own count, so this one rather counts too low: grants of two causes are not
added up, and each message counts against all grants that are valid at the time.
"""

from __future__ import annotations

import sys
from typing import Final, TypeAlias

from attrs import evolve, frozen

from wxruntime.desk.rules import Rule

__all__ = ["UNLIMITED", "Grant", "Grants", "granted", "remaining", "spent"]

UNLIMITED: Final = sys.maxsize
"""The number of remaining messages where any number may be sent."""


@frozen
class Grant:
    """The messages that one rule has granted to a customer."""

    rule: Rule
    at: float
    """When it was granted, in Unix seconds."""
    remaining: int
    """How many of its messages may still be sent."""

    def serves(self, now: float) -> bool:
        """Return whether the grant is still valid."""
        return now < self.at + self.rule.seconds


Grants: TypeAlias = "tuple[Grant, ...]"
"""The grants of one customer, at most one by each rule."""


def granted(grants: Grants, rule: Rule, at: float, now: float) -> Grants:
    """Return a customer's grants after a new cause.

    A newer grant of a rule replaces the older one; a rule that `ends` replaces all older grants.

    Args:
        grants: The grants so far.
        rule: The rule of the cause.
        at: When the customer did it, in Unix seconds.
        now: The time, in Unix seconds.
    """
    serving = tuple(grant for grant in grants if grant.serves(now))
    if any(grant.at >= at and (grant.rule == rule or grant.rule.ends) for grant in grants):
        return serving
    new = Grant(rule, at, UNLIMITED if rule.messages is None else rule.messages)
    others = tuple(g for g in serving if g.rule != rule and not (rule.ends and g.at <= at))
    return (*others, new) if new.serves(now) else others


def remaining(grants: Grants, now: float) -> int:
    """Return how many messages may be sent now: as many as the largest grant has."""
    return max((grant.remaining for grant in grants if grant.serves(now)), default=0)


def spent(grants: Grants, now: float) -> Grants | None:
    """Return a customer's grants after one message more; None if no message remains."""
    if not remaining(grants, now):
        return None
    return tuple(
        evolve(grant, remaining=_less(grant.remaining)) for grant in grants if grant.serves(now)
    )


def _less(number: int) -> int:
    return number if number == UNLIMITED else max(0, number - 1)

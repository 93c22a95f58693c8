"""What customers have been granted, and what is left of it: pure functions.

An allowance keeps the grants of each customer and applies these to them, wherever it keeps them.
The platform does not tell the number, so this one is careful: what two causes grant is not added
up, and a message counts against all that is granted at the time.
"""

from __future__ import annotations

import sys
from typing import Final, TypeAlias

from attrs import evolve, frozen

from wxruntime.desk.rules import Rule

__all__ = ["UNLIMITED", "Grant", "Grants", "granted", "remaining", "spent"]

UNLIMITED: Final = sys.maxsize
"""What is left where the number is not limited."""


@frozen
class Grant:
    """What one rule has granted."""

    rule: Rule
    at: float
    """When, in Unix seconds."""
    remaining: int
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


def remaining(grants: Grants, now: float) -> int:
    """Return how many messages are left: what the most generous grant has."""
    return max((grant.remaining for grant in grants if grant.serves(now)), default=0)


def spent(grants: Grants, now: float) -> Grants | None:
    """Return what is granted after a message was sent; None when none is left."""
    if not remaining(grants, now):
        return None
    return tuple(
        evolve(grant, remaining=_less(grant.remaining)) for grant in grants if grant.serves(now)
    )


def _less(number: int) -> int:
    return number if number == UNLIMITED else max(0, number - 1)

"""An allowance in the memory of one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from wxruntime.desk.grants import Grants, granted, remaining, spent
from wxruntime.desk.rules import RULES, Push, Rule, by_cause, rule_behind, rule_of
from wxruntime.forking import renew_after_fork

__all__ = ["LIMIT", "MemoryAllowance"]

LIMIT: Final = 100_000
"""How many customers are remembered at most, by default."""


class MemoryAllowance:
    """An allowance for the threads and event loops of one process.

    If several processes receive pushes or send messages, each would count only its own; use a
    `RedisAllowance` there. No method blocks, so coroutines may call them as well.
    """

    def __init__(
        self,
        rules: Iterable[Rule] = RULES,
        *,
        clock: Callable[[], float] = time.time,
        limit: int = LIMIT,
    ) -> None:
        """Begin without any grants.

        Args:
            rules: What grants how many messages for how long.
            clock: Returns the time in Unix seconds. Pushes carry the platform's time, so this
                clock must be right.
            limit: How many customers are remembered at most. The customers who did nothing for
                longest are forgotten first, and may then be sent no message.

        Raises:
            ValueError: If the limit is not above zero, or two rules share a cause.
        """
        if limit < 1:
            raise ValueError(f"limit: expected a number above 0, got {limit}")
        self._rules = by_cause(rules)
        self._clock = clock
        self._limit = limit
        self._customers: dict[str, Grants] = {}
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Replace the lock, which a thread of the parent process may hold."""
        self._lock = threading.Lock()

    def observe(self, push: Push) -> None:
        """Count what a push grants or revokes; see `Allowance.observe`."""
        rule = rule_behind(push, self._rules)
        if rule is not None:
            self._grant(push.from_user_name, rule, push.create_time)

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Count what a customer did without a push; see `Allowance.grant`."""
        self._grant(openid, rule_of(cause, at, self._rules), at)

    def _grant(self, openid: str, rule: Rule, at: float) -> None:
        with self._lock:
            now = self._clock()
            self._customers[openid] = granted(self._customers.pop(openid, ()), rule, at, now)
            self._forget(now)

    def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.remaining`."""
        with self._lock:
            return remaining(self._customers.get(openid, ()), self._clock())

    def spend(self, openid: str) -> bool:
        """Count one message before it is sent; see `Allowance.spend`."""
        with self._lock:
            after = spent(self._customers.get(openid, ()), self._clock())
            if after is not None:
                self._customers[openid] = after
            return after is not None

    def _forget(self, now: float) -> None:
        # Up to two go for each that comes, so that the memory shrinks again after a peak.
        for openid in tuple(islice(self._customers, 2)):
            over = not any(grant.serves(now) for grant in self._customers[openid])
            if over or len(self._customers) > self._limit:
                del self._customers[openid]

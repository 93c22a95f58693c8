"""Allowances that the processes of several machines share, on a Redis server."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from wxruntime.desk.grants import UNLIMITED, Grant, Grants, granted, remaining, spent
from wxruntime.desk.rules import RULES, Push, Rule, by_cause, rule_behind, rule_of
from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.kind import Kind

if TYPE_CHECKING:
    from wxruntime.stores.redis import AsyncRedisStore, RedisStore

__all__ = ["AsyncRedisAllowance", "RedisAllowance"]

R = TypeVar("R")

_Change: TypeAlias = "Callable[[Grants, float], tuple[Grants, R]]"

SPARE: Final = 3600
"""Seconds for which grants are kept after their end: they carry the platform's time, and the clock
of the Redis server may be ahead of it."""


class RedisAllowance:
    """An allowance for all threads and processes that share a Redis server.

    The time is taken from the server. Every method raises a `StoreError` if the server cannot be
    reached.
    """

    def __init__(self, store: RedisStore, rules: Iterable[Rule] = RULES) -> None:
        """Build an allowance without connecting.

        Args:
            store: Keeps the grants, one key for each customer. It may be the store of the access
                token; the caller closes it.
            rules: What grants how many messages for how long. All processes need the same rules.

        Raises:
            ValueError: If two rules share a cause.
        """
        self._store = store
        self._book = _Book(rules)

    def observe(self, push: Push) -> None:
        """Count what a push grants or revokes; see `Allowance.observe`."""
        change = self._book.observing(push)
        if change is not None:
            self._store.transact(self._book.kind, push.from_user_name, change)

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Count what a customer did without a push; see `Allowance.grant`."""
        self._store.transact(self._book.kind, openid, self._book.granting(cause, at))

    def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.remaining`."""
        return self._store.transact(self._book.kind, openid, _looking)

    def spend(self, openid: str) -> bool:
        """Count one message before it is sent; see `Allowance.spend`."""
        return self._store.transact(self._book.kind, openid, _spending)


class AsyncRedisAllowance:
    """An allowance for one event loop, shared with all processes that use its Redis server."""

    def __init__(self, store: AsyncRedisStore, rules: Iterable[Rule] = RULES) -> None:
        """Build an allowance without connecting; see `RedisAllowance`."""
        self._store = store
        self._book = _Book(rules)

    async def observe(self, push: Push) -> None:
        """Count what a push grants or revokes; see `Allowance.observe`."""
        change = self._book.observing(push)
        if change is not None:
            await self._store.transact(self._book.kind, push.from_user_name, change)

    async def grant(self, openid: str, cause: str, at: float) -> None:
        """Count what a customer did without a push; see `Allowance.grant`."""
        await self._store.transact(self._book.kind, openid, self._book.granting(cause, at))

    async def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.remaining`."""
        return await self._store.transact(self._book.kind, openid, _looking)

    async def spend(self, openid: str) -> bool:
        """Count one message before it is sent; see `Allowance.spend`."""
        return await self._store.transact(self._book.kind, openid, _spending)


class _Book:
    """The rules, and how grants are written to the server."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = by_cause(rules)
        longest = max((rule.seconds for rule in self._rules.values()), default=0.0)
        expiry = math.ceil(longest) + SPARE
        self.kind: Kind[Grants] = Kind("allowance", (), _write, self._read, expiry)

    def observing(self, push: Push) -> _Change[None] | None:
        """Return the change that a push makes; None if it makes none."""
        rule = rule_behind(push, self._rules)
        return None if rule is None else _granting(rule, push.create_time)

    def granting(self, cause: str, at: float) -> _Change[None]:
        """Return the change that a cause makes.

        Raises:
            ValueError: If no rule has this cause, or the time is not one from 1970 to 9999.
        """
        return _granting(rule_of(cause, at, self._rules), at)

    def _read(self, document: Secret, place: str) -> Grants:
        """Read grants; those of rules that no longer exist are skipped."""
        entries = _entries(document)
        if entries is None:
            raise StoreError(
                f"{place}: expected the grants of a customer, found something else; delete the "
                "key, or give the store a prefix of its own"
            )
        found = ((self._rules.get(cause), at, number) for cause, at, number in entries)
        return tuple(Grant(rule, at, number) for rule, at, number in found if rule is not None)


def _write(grants: Grants) -> Secret:
    # The first of its causes identifies a rule: no two rules share a cause.
    return Secret(
        json.dumps(
            [
                (
                    min(grant.rule.causes),
                    grant.at,
                    None if grant.remaining == UNLIMITED else grant.remaining,
                )
                for grant in grants
            ]
        )
    )


def _entries(document: Secret) -> list[tuple[str, float, int]] | None:
    """Read cause, time and remaining messages of each grant; None if this is something else."""
    try:
        found: object = json.loads(document.reveal())
        if not isinstance(found, list):
            return None
        entries = cast("list[tuple[object, object, object]]", found)
        return [(_text(cause), _time(at), _number(number)) for cause, at, number in entries]
    except (RecursionError, TypeError, ValueError):
        return None


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _time(value: object) -> float:
    if isinstance(value, (int, float)) and abs(value) < sys.maxsize:
        return float(value)
    raise TypeError


def _number(value: object) -> int:
    if value is None:
        return UNLIMITED
    if isinstance(value, int) and value >= 0:
        return value
    raise TypeError


def _granting(rule: Rule, at: float) -> _Change[None]:
    return lambda grants, now: (granted(grants, rule, at, now), None)


def _looking(grants: Grants, now: float) -> tuple[Grants, int]:
    return grants, remaining(grants, now)


def _spending(grants: Grants, now: float) -> tuple[Grants, bool]:
    after = spent(grants, now)
    return (grants, False) if after is None else (after, True)

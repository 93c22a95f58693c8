"""One partition in the hands of one worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

from attrs import define, field

from wxruntime.stores import AsyncTokenStore
from wxruntime.stores.state import Busy, Change, Lease, StoredToken, TokenState, begin, end
from wxruntime.stream.group import Group, LostError
from wxruntime.stream.keys import lease_name

__all__ = ["Holding", "take"]


@define(eq=False)
class Holding:
    """A partition, for as long as its lease is this worker's."""

    group: Group
    lease: Lease
    seconds: float
    """How long the lease lasts unless it is renewed."""
    until: float
    """When it ends, on the monotonic clock of this process."""
    ended: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set when nothing more of it is to be begun."""
    ready: bool = field(default=True, init=False)
    """Whether there may be something to read."""
    _idle: asyncio.Event = field(factory=asyncio.Event, init=False)
    _turns: int = field(default=0, init=False)

    @property
    def partition(self) -> int:
        """The partition's number."""
        return self.group.partition

    @property
    def sure(self) -> bool:
        """Whether nobody else can have the lease: it was renewed in time."""
        return time.monotonic() < self.until

    @property
    def turns(self) -> int:
        """How many of its entries are being handled."""
        return self._turns

    @contextmanager
    def turn(self) -> Generator[None]:
        """Count an entry as being handled."""
        self._turns += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._turns -= 1
            if not self._turns:
                self._idle.set()

    async def drained(self, seconds: float) -> None:
        """Wait until no entry of it is being handled, at most so many seconds."""
        if self._turns:
            idle = asyncio.ensure_future(self._idle.wait())
            try:
                await asyncio.wait((idle,), timeout=seconds)
            finally:
                idle.cancel()

    async def renew(self, store: AsyncTokenStore) -> None:
        """Prolong the lease.

        Raises:
            LostError: If somebody else has had it.
            StoreError: If the server does not answer.
        """
        owner = self.lease.owner

        def change(state: TokenState, now: float) -> tuple[TokenState, Lease | None]:
            # The owner's name is this holding's alone: while it stands there, nobody came between.
            if state.owner != owner:
                return state, None
            state, got = _begin(owner, self.seconds)(state, now)
            return state, got if isinstance(got, Lease) else None

        asked = time.monotonic()
        lease = await store.update(lease_name(self.partition), change)
        if lease is None:
            raise LostError(f"partition {self.partition} has another holder")
        self.lease, self.until = lease, asked + self.seconds

    async def give_back(self, store: AsyncTokenStore) -> None:
        """End the lease, so that another worker need not wait for its end."""
        self.until = 0.0
        await store.update(lease_name(self.partition), end(self.lease))


def _begin(owner: str, seconds: float) -> Change[StoredToken | Lease | Busy]:
    """Return the change that takes a lease; there is no token to take instead."""
    return begin(owner, seconds, refused=(), spare=0.0, longest=0.0)


async def take(store: AsyncTokenStore, group: Group, seconds: float) -> Holding | None:
    """Take a partition, unless somebody has it.

    Args:
        store: Where the leases are.
        group: The partition, under an owner's name that is used for this holding only.
        seconds: How long the lease lasts unless it is renewed.
    """
    asked = time.monotonic()
    got = await store.update(lease_name(group.partition), _begin(group.owner, seconds))
    return Holding(group, got, seconds, asked + seconds) if isinstance(got, Lease) else None

"""A partition that one worker holds under a lease."""

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
    """A partition, as long as its lease belongs to this worker."""

    group: Group
    lease: Lease
    seconds: float
    """Seconds that the lease lasts unless it is renewed."""
    until: float
    """When the lease expires, on the monotonic clock of this process."""
    ended: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set when no more entries of the partition may be started."""
    ready: bool = field(default=True, init=False)
    """Whether there may be entries to read."""
    _idle: asyncio.Event = field(factory=asyncio.Event, init=False)
    _turns: int = field(default=0, init=False)

    @property
    def partition(self) -> int:
        """The number of the partition."""
        return self.group.partition

    @property
    def sure(self) -> bool:
        """Whether the lease was renewed in time, so that no other worker can have it."""
        return time.monotonic() < self.until

    @property
    def turns(self) -> int:
        """The number of entries that are being handled."""
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
        """Wait until no entry of the partition is being handled, at most a number of seconds."""
        if self._turns:
            idle = asyncio.ensure_future(self._idle.wait())
            try:
                await asyncio.wait((idle,), timeout=seconds)
            finally:
                idle.cancel()

    async def renew(self, store: AsyncTokenStore) -> None:
        """Renew the lease.

        Raises:
            LostError: If another worker has had the lease since.
            StoreError: If the server does not answer.
        """
        owner = self.lease.owner

        def change(state: TokenState, now: float) -> tuple[TokenState, Lease | None]:
            # The owner name is unique for this holding: if it is still there, no other worker has
            # had the lease in between.
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
        """Release the lease, so that another worker need not wait until it expires."""
        self.until = 0.0
        await store.update(lease_name(self.partition), end(self.lease))


def _begin(owner: str, seconds: float) -> Change[StoredToken | Lease | Busy]:
    """Return the change that takes a lease; a partition has no token to return instead."""
    return begin(owner, seconds, refused=(), spare=0.0, longest=0.0)


async def take(store: AsyncTokenStore, group: Group, seconds: float) -> Holding | None:
    """Take a partition, unless another worker has it.

    Args:
        store: The store of the leases.
        group: The partition, with an owner name that is unique for this holding.
        seconds: Seconds that the lease lasts unless it is renewed.

    Returns:
        The holding; None if another worker has the partition.
    """
    asked = time.monotonic()
    got = await store.update(lease_name(group.partition), _begin(group.owner, seconds))
    return Holding(group, got, seconds, asked + seconds) if isinstance(got, Lease) else None

"""The partitions of one worker: a fair share of all partitions, as workers come and go."""

from __future__ import annotations

import asyncio
import itertools
import logging

from wxruntime.errors import StoreError
from wxruntime.stream.ending import end_all
from wxruntime.stream.group import Group, LostError
from wxruntime.stream.holding import Holding, take
from wxruntime.stream.living import Seen, beat, leave, share
from wxruntime.stream.steady import Steady
from wxruntime.stream.stream import Stream

__all__ = ["LEASE", "Holdings"]

_log = logging.getLogger("wxoa.stream")

LEASE = 10.0
"""Seconds for which a partition stays with a worker that does not renew its lease."""
BEATS = 5
"""How often a worker reports that it is alive, within the time of a lease."""


class Holdings:
    """Takes, renews and releases partitions."""

    def __init__(
        self, stream: Stream, worker: str, steady: Steady, *, lease: float, grace: float
    ) -> None:
        """Start without any partition.

        Args:
            stream: The stream.
            worker: The worker's name.
            steady: Repeats a request until the server answers.
            lease: Seconds that a lease lasts unless it is renewed.
            grace: Seconds that handlers may take to end before a partition is released.
        """
        self._stream, self._worker, self._steady = stream, worker, steady
        self._lease, self._grace = lease, grace
        self._held: dict[int, Holding] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self.seen = Seen((worker,), 0, 0)

    @property
    def pause(self) -> float:
        """Seconds between two reports that the worker is alive."""
        return self._lease / BEATS

    @property
    def serving(self) -> list[Holding]:
        """The partitions whose entries this worker handles."""
        return [one for one in self._held.values() if not one.ended.is_set()]

    async def beat(self) -> None:
        """Report that the worker is alive, and store the state of the stream as `seen`.

        Raises:
            StoreError: If the server does not answer, or refuses.
        """
        self.seen = await beat(
            self._stream.link,
            self._stream.keys,
            self._worker,
            partitions=self._stream.partitions,
            seconds=self._lease,
        )

    async def keep(self) -> None:
        """Hold a fair share of the partitions, until this is cancelled."""
        while True:
            await self._steady(self.beat)
            await self.renew_all()
            await self._balance()
            await asyncio.sleep(self.pause)

    async def keep_only(self) -> None:
        """Renew the leases without taking any partition, until this is cancelled."""
        while True:
            await self.renew_all()
            await asyncio.sleep(self.pause)

    async def renew_all(self) -> None:
        """Renew all leases."""
        await asyncio.gather(*map(self._renew_or_drop, list(self._held.values())))

    async def renew(self, holding: Holding) -> None:
        """Renew one lease, waiting as long as the server cannot be reached.

        Raises:
            LostError: If another worker has had the lease since.
        """
        await self._steady(lambda: holding.renew(self._stream.link.store))

    def drop(self, holding: Holding) -> None:
        """Stop handling a partition that another worker has taken."""
        holding.ended.set()
        holding.until = 0.0
        if self._held.get(holding.partition) is holding:
            del self._held[holding.partition]
            _log.warning("partition %d was lost to another worker", holding.partition)

    async def _renew_or_drop(self, holding: Holding) -> None:
        try:
            await self.renew(holding)
        except LostError:
            self.drop(holding)

    async def _balance(self) -> None:
        serving = self.serving
        missing = share(self.seen.workers, self._worker, self._stream.partitions) - len(serving)
        # Release the partitions with the fewest running handlers first.
        for holding in sorted(serving, key=lambda one: one.turns)[: max(0, -missing)]:
            holding.ended.set()
            task = asyncio.get_running_loop().create_task(self._leave(holding))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        if missing > 0:
            await self._take(missing)

    async def _take(self, missing: int) -> None:
        """Take a number of partitions, as far as they are free."""
        total, workers = self._stream.partitions, self.seen.workers
        # Workers start at different partitions, so that they compete less.
        first = workers.index(self._worker) * total // len(workers)
        for number in ((first + step) % total for step in range(total)):
            if number in self._held:
                continue
            group = Group(
                self._stream.link,
                self._stream.keys,
                number,
                f"{self._worker}/{next(self._numbers)}",
                self._worker,
            )
            holding = await self._steady(
                lambda group=group: take(self._stream.link.store, group, self._lease)  # type: ignore[misc]
            )
            if holding is not None:
                self._held[number] = holding
                missing -= 1
            if not missing:
                return

    async def _leave(self, holding: Holding) -> None:
        """Release a partition after its handlers have ended, or after the grace period."""
        await holding.drained(self._grace)
        # Removed first, because a renewal after the release would take the partition for lost.
        if self._held.get(holding.partition) is holding:
            del self._held[holding.partition]
            await self._steady(lambda: holding.give_back(self._stream.link.store))

    def end(self) -> None:
        """Start no more entries of any partition."""
        for holding in self._held.values():
            holding.ended.set()

    async def give_back_all(self) -> None:
        """Release all partitions, and remove the worker from the living ones, if possible."""
        await end_all(*self._leaving)
        store = self._stream.link.store
        try:
            await asyncio.gather(*(one.give_back(store) for one in self._held.values()))
            await leave(self._stream.link, self._stream.keys, self._worker)
        except StoreError as error:
            _log.warning("the leases could not be given back, and will expire: %s", error)
        self._held.clear()

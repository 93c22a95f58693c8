"""The partitions of one worker: a fair share of all, as workers come and go."""

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
"""How long a partition stays with a worker that says nothing more, in seconds."""
BEATS = 5
"""How often a worker says that it lives, within a lease."""


class Holdings:
    """Takes, renews and gives back partitions."""

    def __init__(
        self, stream: Stream, worker: str, steady: Steady, *, lease: float, grace: float
    ) -> None:
        """Hold nothing yet.

        Args:
            stream: Whose partitions.
            worker: The worker's name.
            steady: Asks until the server answers.
            lease: How long a lease lasts unless it is renewed, in seconds.
            grace: How long handlers may take to end before a partition is given back, in seconds.
        """
        self._stream, self._worker, self._steady = stream, worker, steady
        self._lease, self._grace = lease, grace
        self._held: dict[int, Holding] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)
        self.seen = Seen((worker,), 0, 0)

    @property
    def pause(self) -> float:
        """How long to wait between two beats, in seconds."""
        return self._lease / BEATS

    @property
    def serving(self) -> list[Holding]:
        """The partitions whose entries are to be handled."""
        return [one for one in self._held.values() if not one.ended.is_set()]

    async def beat(self) -> None:
        """Say that the worker lives, and see what it sees; raises what the server's failure is."""
        self.seen = await beat(
            self._stream.link,
            self._stream.keys,
            self._worker,
            partitions=self._stream.partitions,
            seconds=self._lease,
        )

    async def keep(self) -> None:
        """Keep a fair share, until it is cancelled."""
        while True:
            await self._steady(self.beat)
            await self.renew_all()
            await self._balance()
            await asyncio.sleep(self.pause)

    async def keep_only(self) -> None:
        """Keep what is held, take nothing, until it is cancelled."""
        while True:
            await self.renew_all()
            await asyncio.sleep(self.pause)

    async def renew_all(self) -> None:
        """Prolong every lease."""
        await asyncio.gather(*map(self._renew_or_drop, list(self._held.values())))

    async def renew(self, holding: Holding) -> None:
        """Prolong one lease, however long it takes the server to answer.

        Raises:
            LostError: If somebody else has had it.
        """
        await self._steady(lambda: holding.renew(self._stream.link.store))

    def drop(self, holding: Holding) -> None:
        """Let go of a partition that is somebody else's."""
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
        # The ones with the least to wait for go first.
        for holding in sorted(serving, key=lambda one: one.turns)[: max(0, -missing)]:
            holding.ended.set()
            task = asyncio.get_running_loop().create_task(self._leave(holding))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        if missing > 0:
            await self._take(missing)

    async def _take(self, missing: int) -> None:
        """Take so many partitions, as far as they are free."""
        total, workers = self._stream.partitions, self.seen.workers
        # Workers begin at different places, and meet less.
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
        """Give a partition back when its handlers have ended, or have had their time."""
        await holding.drained(self._grace)
        # First: whoever renews it after that would take it for lost.
        if self._held.get(holding.partition) is holding:
            del self._held[holding.partition]
            await self._steady(lambda: holding.give_back(self._stream.link.store))

    def end(self) -> None:
        """Begin nothing more of any partition."""
        for holding in self._held.values():
            holding.ended.set()

    async def give_back_all(self) -> None:
        """Give every partition back, and say that the worker is no more, as far as possible."""
        await end_all(*self._leaving)
        store = self._stream.link.store
        try:
            await asyncio.gather(*(one.give_back(store) for one in self._held.values()))
            await leave(self._stream.link, self._stream.keys, self._worker)
        except StoreError as error:
            _log.warning("the leases are not given back, and end by themselves: %s", error)
        self._held.clear()

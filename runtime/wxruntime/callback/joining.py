"""One run of a handler for all deliveries of its push.

The platform closes a delivery after 5 s, and delivers a push three times. A handler starts with the
first delivery and is not cancelled with it. Later deliveries join the handler, and the delivery
that waits when the handler ends carries its outcome. So a handler has about 14 s. A reply that
comes later is passed to the `late` hook.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
import uuid
from typing import Protocol, TypeAlias

from attrs import define, field, frozen

from wxruntime.concurrency.awaited import Awaited
from wxruntime.inbox import Inbox
from wxruntime.inbox.record import (
    Arrival,
    Outcome,
    arrive,
    beat,
    fail,
    finish,
    give_up,
    join,
    settle,
)

__all__ = ["FAILED", "UNFINISHED", "Joining", "Result", "Schedule", "Work"]

_log = logging.getLogger("wxoa.callback")

POLL = 0.1
"""Seconds between two looks at a handler in another process."""
MOST = 10_000
"""How many handlers run at a time at most."""
GRACE = 10.0
"""Seconds for which `aclose()` waits for handlers."""


@frozen
class Schedule:
    """The times at which the platform delivers a push.

    Source:
    https://developers.weixin.qq.com/doc/service/en/guide/product/message/Passive_user_reply_message.html
    """

    cut: float = 5.0
    """Seconds after which the platform closes a delivery without an answer."""
    tries: int = 3
    """How often the platform delivers a push in total."""
    spare: float = 0.5
    """Seconds before that time at which the last delivery is answered."""

    @property
    def whole(self) -> float:
        """Seconds after the first delivery from which on no other delivery is expected."""
        return self.cut * self.tries + self.spare

    def is_last(self, arrival: Arrival) -> bool:
        """Return whether no later delivery is expected, by number or by time if one was lost."""
        begins = self.cut * (self.tries - 1) - self.spare
        return arrival.deliveries >= self.tries or arrival.age >= begins


class Work(Protocol):
    """The work for a push, done once for all its deliveries."""

    async def do(self) -> Outcome:
        """Run the handler."""
        ...

    async def late(self) -> None:
        """Send the reply by the hook, because no delivery has carried it."""
        ...


class _Failed:
    """The handler failed."""


class _Unfinished:
    """The handler still runs, and another delivery is expected."""


FAILED = _Failed()
UNFINISHED = _Unfinished()

Result: TypeAlias = "Outcome | _Failed | _Unfinished"
"""The result of one delivery; an outcome without reply if the last delivery waited in vain."""


@define(eq=False)
class _Run:
    """A handler that is running in this process."""

    owner: str
    expected_until: float
    """The time from which on no delivery is expected, on the monotonic clock."""
    ended: Awaited[Outcome | _Failed] = field(factory=Awaited["Outcome | _Failed"])
    carried: Awaited[bool] = field(factory=Awaited[bool])
    """True once a delivery to this process has carried the reply; False once `aclose` is called."""


class Joining:
    """Runs handlers, each once for all deliveries of its push."""

    def __init__(self, inbox: Inbox, schedule: Schedule) -> None:
        self._inbox = inbox
        self.schedule = schedule
        self._runs: dict[str, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0

    async def deliver(self, push: str, work: Work, began: float | None = None) -> Result:
        """Serve one delivery; cancelling this does not cancel the handler.

        Args:
            push: The digest that identifies the push.
            work: The work for the push, started if this delivery is the first.
            began: When the delivery came, on the monotonic clock; now by default.

        Returns:
            The outcome of the handler, or that it failed, or that it is unfinished.
        """
        result = await self._result(push, work, time.monotonic() if began is None else began)
        run = self._runs.get(push)
        if run is not None and isinstance(result, Outcome) and result.reply is not None:
            run.carried.come(True)
        return result

    async def _result(self, push: str, work: Work, began: float) -> Result:
        owner = uuid.uuid4().hex
        arrival = await self._inbox.update(push, arrive(owner, self._inbox.lease))
        last = self.schedule.is_last(arrival)
        limit = began + self.schedule.cut - (self.schedule.spare if last else 0.0)
        while True:
            if arrival.outcome is not None:
                return arrival.outcome
            if arrival.turn == "run" and not await self._begin(
                push, owner, began - arrival.age, work
            ):
                return UNFINISHED
            ended = await self._end_of(push, limit)
            if isinstance(ended, _Failed):
                return FAILED
            if time.monotonic() >= limit and ended is None:
                return await self._give_up(push) if last else UNFINISHED
            arrival = await self._inbox.update(push, join(owner, self._inbox.lease))
            if ended is not None and arrival.outcome is None:
                # The inbox has forgotten the push, or became unreachable.
                return ended

    async def _give_up(self, push: str) -> Outcome:
        """End the last delivery; a reply that comes later is passed to the hook."""
        outcome = await self._inbox.update(push, give_up())
        return outcome or Outcome()

    async def _end_of(self, push: str, limit: float) -> Outcome | _Failed | None:
        """Wait for the end of a handler; None if it may still be running."""
        left = max(0.0, limit - time.monotonic())
        run = self._runs.get(push)
        if run is None:
            await asyncio.sleep(min(POLL, left))
            return None
        return await run.ended.wait(left)

    async def _begin(self, push: str, owner: str, first: float, work: Work) -> bool:
        """Start the handler, unless too many are running; return whether it runs."""
        if (run := self._runs.get(push)) is not None:
            # It has been running all the time, but this process was too busy to renew its lease, or
            # the inbox has forgotten the push.
            run.owner = owner
            return True
        if self._running >= MOST:
            _log.error("%d handlers run already: a push is not taken, and delivered again", MOST)
            await self._inbox.update(push, fail(owner))
            return False
        run = self._runs[push] = _Run(owner, first + self.schedule.whole)
        task = asyncio.get_running_loop().create_task(self._run(push, run, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _run(self, push: str, run: _Run, work: Work) -> None:
        try:
            outcome = await self._outcome(push, run, work)
            if outcome is None:
                await self._inbox.update(push, fail(run.owner))
                return
            awaited = await self._inbox.update(push, finish(run.owner, outcome))
            run.ended.come(outcome)
            if outcome.reply is not None:
                await self._see_off(push, run, work, outcome, awaited)
        finally:
            del self._runs[push]
            run.ended.come(FAILED)

    async def _outcome(self, push: str, run: _Run, work: Work) -> Outcome | None:
        """Run the handler; return None if it fails, which the work has logged."""
        beating = self._beating(push, run)
        self._running += 1
        try:
            return await work.do()
        except Exception:
            return None
        except BaseException:
            # This process is ending; let another process run the handler.
            await self._inbox.update(push, fail(run.owner))
            raise
        finally:
            self._running -= 1
            if beating is not None:
                beating.cancel()

    async def _see_off(
        self, push: str, run: _Run, work: Work, outcome: Outcome, awaited: bool
    ) -> None:
        """Wait for a delivery to carry the reply, and pass it to the hook if none does."""
        if not awaited and await run.carried.wait(POLL):
            return  # the last delivery was answered without it, but an earlier one carried it
        if awaited:
            carried = await run.carried.wait(max(0.0, run.expected_until - time.monotonic()))
            if carried:
                return
            if carried is False:
                await asyncio.sleep(POLL)  # for deliveries that the outcome has just woken
        if not awaited or await self._inbox.update(push, settle(run.owner, outcome)):
            await work.late()

    def _beating(self, push: str, run: _Run) -> asyncio.Task[None] | None:
        """Start renewing the lease of a running handler, if the inbox has leases."""
        if math.isinf(self._inbox.lease):
            return None
        return asyncio.get_running_loop().create_task(self._beat(push, run))

    async def _beat(self, push: str, run: _Run) -> None:
        lease, told = self._inbox.lease, False
        while True:
            await asyncio.sleep(lease / 3)
            # The renewals go on, because the process that has taken over may die as well.
            if not await self._inbox.update(push, beat(run.owner, lease)) and not told:
                told = True
                _log.warning("another process has taken over a push whose handler still runs here")

    async def aclose(self) -> None:
        """Wait for the handlers on this event loop; their replies are passed to the hook."""
        loop = asyncio.get_running_loop()
        tasks = {task for task in self._tasks if task.get_loop() is loop}
        for run in self._runs.values():
            run.carried.come(False)
        if not tasks:
            return
        _, running = await asyncio.wait(tasks, timeout=GRACE)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

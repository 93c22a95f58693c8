"""One run of a handler for all deliveries of its push.

The platform cuts a delivery after 5 s and delivers three times in all. A handler begins with the
first delivery and is never cut: the later ones join it, and whichever is there when it ends
carries its outcome. So it has about 14 s. What comes later still goes out another way.
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
"""How often a handler in another process is asked for, in seconds."""
MOST = 10_000
"""How many handlers run at a time at most."""
GRACE = 10.0
"""How long `aclose()` waits for handlers, in seconds."""


@frozen
class Schedule:
    """How the platform delivers.

    Source:
    https://developers.weixin.qq.com/doc/service/en/guide/product/message/Passive_user_reply_message.html
    """

    cut: float = 5.0
    """After how long a delivery without an answer is cut, in seconds."""
    tries: int = 3
    """How often a push is delivered in all."""
    spare: float = 0.5
    """How long before the last cut the last delivery is answered, in seconds."""

    @property
    def whole(self) -> float:
        """How long after the first delivery no other is to be expected, in seconds."""
        return self.cut * self.tries + self.spare

    def is_last(self, arrival: Arrival) -> bool:
        """Say whether no delivery is to be expected after this one; one may have been lost."""
        begins = self.cut * (self.tries - 1) - self.spare
        return arrival.deliveries >= self.tries or arrival.age >= begins


class Work(Protocol):
    """What is to be done for a push, once."""

    async def do(self) -> Outcome:
        """Run the handler."""
        ...

    async def late(self) -> None:
        """Send the reply another way: no delivery has carried it."""
        ...


class _Failed:
    """The handler failed."""


class _Unfinished:
    """The handler still runs, and another delivery is to be expected."""


FAILED = _Failed()
UNFINISHED = _Unfinished()

Result: TypeAlias = "Outcome | _Failed | _Unfinished"
"""What one delivery ends with; an outcome without a reply where the last one waited in vain."""


@define(eq=False)
class _Run:
    """A handler that runs in this process."""

    owner: str
    expected_until: float
    """When no delivery is to be expected any more, on the monotonic clock."""
    ended: Awaited[Outcome | _Failed] = field(factory=Awaited["Outcome | _Failed"])
    carried: Awaited[bool] = field(factory=Awaited[bool])
    """Whether a delivery to this process has carried its reply; False once none is awaited."""


class Joining:
    """Runs handlers, each once for all deliveries of its push."""

    def __init__(self, inbox: Inbox, schedule: Schedule) -> None:
        self._inbox = inbox
        self.schedule = schedule
        self._runs: dict[str, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0

    async def deliver(self, push: str, work: Work, began: float | None = None) -> Result:
        """Attend to one delivery; cancelling it leaves the handler alone.

        Args:
            push: Which push it is: a digest.
            work: What is to be done if this delivery is the first.
            began: When it came, on the monotonic clock; now, if nothing is said.
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
                # The inbox has forgotten it, or went away meanwhile.
                return ended

    async def _give_up(self, push: str) -> Outcome:
        """End the last delivery: whatever the handler replies goes out another way."""
        outcome = await self._inbox.update(push, give_up())
        return outcome or Outcome()

    async def _end_of(self, push: str, limit: float) -> Outcome | _Failed | None:
        """Wait for a handler; None when it still runs, as far as this process knows."""
        left = max(0.0, limit - time.monotonic())
        run = self._runs.get(push)
        if run is None:
            await asyncio.sleep(min(POLL, left))
            return None
        return await run.ended.wait(left)

    async def _begin(self, push: str, owner: str, first: float, work: Work) -> bool:
        """Run the handler, if there is room for it."""
        if (run := self._runs.get(push)) is not None:
            # It ran all the time: this process was too busy to say so, or the inbox forgot it.
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
        """Run the handler; None when it fails, which the work has told."""
        beating = self._beating(push, run)
        self._running += 1
        try:
            return await work.do()
        except Exception:
            return None
        except BaseException:
            # The process ends, by cancellation or worse: another one is to run it.
            await self._inbox.update(push, fail(run.owner))
            raise
        finally:
            self._running -= 1
            if beating is not None:
                beating.cancel()

    async def _see_off(
        self, push: str, run: _Run, work: Work, outcome: Outcome, awaited: bool
    ) -> None:
        """Send a reply another way when no delivery carries it."""
        if not awaited and await run.carried.wait(POLL):
            return  # the last delivery was answered without it, but an earlier one still waited
        if awaited:
            carried = await run.carried.wait(max(0.0, run.expected_until - time.monotonic()))
            if carried:
                return
            if carried is False:
                await asyncio.sleep(POLL)  # for the deliveries that it has just woken
        if not awaited or await self._inbox.update(push, settle(run.owner, outcome)):
            await work.late()

    def _beating(self, push: str, run: _Run) -> asyncio.Task[None] | None:
        """Begin to say again and again that the handler runs, where others want to know."""
        if math.isinf(self._inbox.lease):
            return None
        return asyncio.get_running_loop().create_task(self._beat(push, run))

    async def _beat(self, push: str, run: _Run) -> None:
        lease, told = self._inbox.lease, False
        while True:
            await asyncio.sleep(lease / 3)
            # It goes on: whoever has taken it over may die, too.
            if not await self._inbox.update(push, beat(run.owner, lease)) and not told:
                told = True
                _log.warning("another process has taken over a push whose handler still runs here")

    async def aclose(self) -> None:
        """Wait for the handlers of this event loop; their replies go out without a delivery."""
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

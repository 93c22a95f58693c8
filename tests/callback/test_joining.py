"""One run of a handler for all deliveries of its push, whatever happens to the deliveries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest
from attrs import define, field

from tests.callback.inbox.kinds import KINDS, made
from tests.redis_server import RedisServer, serving_redis
from wxruntime.callback import joining
from wxruntime.callback.joining import FAILED, UNFINISHED, Joining, Result, Schedule
from wxruntime.inbox import Inbox, MemoryInbox
from wxruntime.inbox.record import Arrival, Outcome, Record, arrive

REPLY = Outcome(b'{"Content":"here you are"}')
SCHEDULE = Schedule(cut=0.3, tries=3, spare=0.1)
PATIENT = Schedule(cut=60.0, tries=3, spare=0.5)


@define(eq=False)
class Asked:
    """Work that ends when the test says so."""

    outcome: Outcome | None = REPLY
    runs: int = 0
    lates: int = 0
    begun: asyncio.Event = field(factory=asyncio.Event)
    released: asyncio.Event = field(factory=asyncio.Event)
    sent: asyncio.Event = field(factory=asyncio.Event)

    async def do(self) -> Outcome:
        """Wait for the test."""
        self.runs += 1
        self.begun.set()
        await self.released.wait()
        if self.outcome is None:
            raise RuntimeError("the handler's own error")
        return self.outcome

    async def late(self) -> None:
        """Count what is sent another way."""
        self.lates += 1
        self.sent.set()


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[], RedisServer]]:
    """Run one Redis server for the module."""
    with serving_redis() as running:
        yield lambda: running


@pytest.fixture(params=KINDS)
def inbox(request: pytest.FixtureRequest, server: Callable[[], RedisServer]) -> Inbox:
    """Return an empty inbox of each kind."""
    if request.param == "redis":
        server().ask("FLUSHALL")
    return made(request.param, server)


def run(main: Callable[[], Awaitable[None]], inbox: Inbox) -> None:
    """Run a test on an event loop that complains about whatever is wrong."""

    async def whole() -> None:
        try:
            await main()
        finally:
            await inbox.aclose()

    asyncio.run(whole(), debug=True)


async def until_delivered(inbox: Inbox, times: int) -> None:
    """Wait until an inbox has counted that many deliveries."""
    while await inbox.update("p", _counted) < times:
        await asyncio.sleep(0)


def _counted(record: Record, now: float) -> tuple[Record, int]:
    return record, record.deliveries


def test_the_reply_is_carried_by_the_delivery_that_waits(inbox: Inbox) -> None:
    """The usual case: a handler that is fast enough."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, PATIENT)
        work.released.set()

        assert await desk.deliver("p", work) == REPLY
        await desk.aclose()
        assert (work.runs, work.lates) == (1, 0)

    run(main, inbox)


@pytest.mark.parametrize("carried_by", [2, 3])
def test_a_slow_reply_is_carried_by_a_later_delivery(inbox: Inbox, carried_by: int) -> None:
    """The first ones are cut; the handler runs once."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, SCHEDULE)
        for _ in range(carried_by - 1):
            assert await desk.deliver("p", work) is UNFINISHED
        desk.schedule = PATIENT
        waiting = asyncio.create_task(desk.deliver("p", work))
        await until_delivered(inbox, carried_by)
        work.released.set()

        assert await waiting == REPLY
        await desk.aclose()
        assert (work.runs, work.lates) == (1, 0)

    run(main, inbox)


def test_what_is_later_than_the_last_delivery_goes_out_another_way(inbox: Inbox) -> None:
    """The last delivery is answered in time, so that the customer sees no error."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, SCHEDULE)
        results = [await desk.deliver("p", work) for _ in range(3)]
        work.released.set()
        await work.sent.wait()

        assert results == [UNFINISHED, UNFINISHED, Outcome()]
        await desk.aclose()
        assert (work.runs, work.lates) == (1, 1)

    run(main, inbox)


def test_a_reply_that_no_further_delivery_asks_for_goes_out_another_way(inbox: Inbox) -> None:
    """The platform gave up early, or a delivery was lost on its way."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, SCHEDULE)
        assert await desk.deliver("p", work) is UNFINISHED
        work.released.set()
        await work.sent.wait()

        await desk.aclose()
        assert (work.runs, work.lates) == (1, 1)

    run(main, inbox)


def test_a_delivery_that_comes_late_counts_as_the_last(inbox: Inbox) -> None:
    """One before it was lost on its way: no other is to be expected."""
    first = Arrival("run", 1, 0.0)
    second = Arrival("join", 2, 9.8)

    assert not Schedule().is_last(first)
    assert Schedule().is_last(second)
    assert not Schedule().is_last(Arrival("join", 2, 5.1))
    assert Schedule().is_last(Arrival("join", 3, 1.0))


def test_deliveries_that_wait_at_once_all_carry_the_reply(inbox: Inbox) -> None:
    """Two deliveries open at the same time, as behind a proxy, both get the reply of one run."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, PATIENT)
        waiting = [asyncio.create_task(desk.deliver("p", work)) for _ in range(2)]
        await until_delivered(inbox, 2)
        work.released.set()

        assert await asyncio.gather(*waiting) == [REPLY, REPLY]
        await desk.aclose()
        assert (work.runs, work.lates) == (1, 0)

    run(main, inbox)


def test_a_handler_that_fails_is_run_again_by_the_next_delivery(inbox: Inbox) -> None:
    """Whoever waits is told, so that the platform delivers again."""

    async def main() -> None:
        failing, working = Asked(outcome=None), Asked()
        failing.released.set()
        working.released.set()
        desk = Joining(inbox, PATIENT)

        assert await desk.deliver("p", failing) is FAILED
        assert await desk.deliver("p", working) == REPLY
        await desk.aclose()
        assert (failing.runs, working.runs) == (1, 1)

    run(main, inbox)


def test_a_delivery_that_is_cancelled_leaves_the_handler_alone(inbox: Inbox) -> None:
    """The platform has closed its connection; the next delivery carries the reply."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, PATIENT)
        cut = asyncio.create_task(desk.deliver("p", work))
        await work.begun.wait()
        cut.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut
        next_one = asyncio.create_task(desk.deliver("p", work))
        await until_delivered(inbox, 2)
        work.released.set()

        assert await next_one == REPLY
        await desk.aclose()
        assert (work.runs, work.lates) == (1, 0)

    run(main, inbox)


def test_different_pushes_do_not_wait_for_each_other(inbox: Inbox) -> None:
    """A push is answered while the handler of another push still runs."""

    async def main() -> None:
        slow, fast, desk = Asked(), Asked(), Joining(inbox, PATIENT)
        fast.released.set()
        waiting = asyncio.create_task(desk.deliver("p", slow))
        await slow.begun.wait()

        assert await desk.deliver("q", fast) == REPLY
        slow.released.set()
        assert await waiting == REPLY
        await desk.aclose()

    run(main, inbox)


def test_closing_waits_for_handlers_and_sends_their_replies_another_way(inbox: Inbox) -> None:
    """A process that is stopped loses nothing that it has begun."""

    async def main() -> None:
        work, desk = Asked(), Joining(inbox, SCHEDULE)
        assert await desk.deliver("p", work) is UNFINISHED
        closing = asyncio.create_task(desk.aclose())
        work.released.set()
        await closing

        assert (work.runs, work.lates) == (1, 1)

    run(main, inbox)


def test_closing_does_not_wait_for_ever(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that hangs is cancelled, and the next process runs it again."""

    async def main() -> None:
        monkeypatch.setattr(joining, "GRACE", 0.01)
        hanging, next_one = Asked(), Asked()
        next_one.released.set()
        desk, successor = Joining(inbox, SCHEDULE), Joining(inbox, PATIENT)
        assert await desk.deliver("p", hanging) is UNFINISHED
        await desk.aclose()

        assert await successor.deliver("p", next_one) == REPLY
        await successor.aclose()

    with caplog.at_level(logging.WARNING):
        run(main, inbox)


def test_more_handlers_than_there_is_room_for_are_delivered_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A flood ends in refusals and not in the end of the process."""
    inbox = MemoryInbox()

    async def main() -> None:
        monkeypatch.setattr(joining, "MOST", 1)
        first, second = Asked(), Asked()
        second.released.set()
        desk = Joining(inbox, PATIENT)
        waiting = asyncio.create_task(desk.deliver("p", first))
        await first.begun.wait()

        assert await desk.deliver("q", second) is UNFINISHED
        first.released.set()
        await waiting
        await desk.aclose()
        assert await desk.deliver("q", second) == REPLY
        await desk.aclose()

    run(main, inbox)


# Two processes that share an inbox are two `Joining`s: they share nothing else.


def test_a_delivery_in_another_process_joins_the_handler(
    server: Callable[[], RedisServer],
) -> None:
    """And carries its reply, which the first process need not send."""
    server().ask("FLUSHALL")
    inbox = made("redis", server)

    async def main() -> None:
        work, other_work = Asked(), Asked()
        here, there = Joining(inbox, SCHEDULE), Joining(inbox, PATIENT)
        assert await here.deliver("p", work) is UNFINISHED
        waiting = asyncio.create_task(there.deliver("p", other_work))
        await until_delivered(inbox, 2)
        work.released.set()

        assert await waiting == REPLY
        await here.aclose()
        await there.aclose()
        assert (work.runs, work.lates, other_work.runs) == (1, 0, 0)

    run(main, inbox)


def test_a_process_that_died_has_a_successor(server: Callable[[], RedisServer]) -> None:
    """Nothing is heard of its handler any more: a delivery elsewhere runs it again."""
    server().ask("FLUSHALL")
    inbox = made("redis", server)
    inbox.lease = 0.5

    async def main() -> None:
        work, alive = Asked(), Joining(inbox, PATIENT)
        work.released.set()
        await inbox.update("p", arrive("whoever died", inbox.lease))

        assert await alive.deliver("p", work) == REPLY
        await alive.aclose()
        assert work.runs == 1

    run(main, inbox)


def test_a_handler_that_is_slow_but_alive_is_not_taken_over(
    server: Callable[[], RedisServer],
) -> None:
    """It says that it runs, however long it takes."""
    server().ask("FLUSHALL")
    inbox = made("redis", server)
    inbox.lease = 0.3

    async def main() -> None:
        work, other_work = Asked(), Asked()
        here, there = Joining(inbox, Schedule(cut=1.0, tries=9)), Joining(inbox, PATIENT)
        assert await here.deliver("p", work) is UNFINISHED
        waiting = asyncio.create_task(there.deliver("p", other_work))
        await until_delivered(inbox, 2)
        work.released.set()

        assert await waiting == REPLY
        assert other_work.runs == 0
        await here.aclose()
        await there.aclose()

    run(main, inbox)


def test_results_can_be_told_apart() -> None:
    """An outcome without a reply is none of the others."""
    results: tuple[Result, ...] = (Outcome(), FAILED, UNFINISHED)

    assert len({id(result) for result in results}) == 3

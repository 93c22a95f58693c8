"""A worker in this process: handling, order, tries, partitions, and a server that goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence

import pytest

from tests.redis_server import RedisServer, serving_redis
from tests.redis_server import redis_server as redis_server
from tests.stream.parts import Desk, Reports, evaluate, play, put, running, soon, streaming
from wxoa import Callback, events, replies
from wxruntime.errors import StoreError
from wxruntime.stream import Appended, DeadLetters, Stream, Verified, Worker
from wxruntime.stream.group import GROUP, Group, LostError
from wxruntime.stream.holding import take
from wxruntime.stream.keys import Keys, partition_of
from wxruntime.stream.link import Argument, AwayError

KEYS = Keys("wxoa:")
ONE = KEYS.partition(0)


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server to be stopped."""
    with serving_redis() as server:
        yield server


class Gates:
    """Handlers that begin, and end when they may."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self._open: dict[str, asyncio.Event] = {}
        self.running = self.most = 0

    def gate(self, event: str) -> asyncio.Event:
        """What an event's handler waits for."""
        return self._open.setdefault(event, asyncio.Event())

    async def handler(self, event: str) -> None:
        """Begin, and wait for the gate."""
        self.running += 1
        self.most = max(self.most, self.running)
        self.begun.put_nowait(event)
        try:
            await self.gate(event).wait()
        finally:
            self.running -= 1

    async def next(self) -> str:
        """Wait until a handler begins; which one."""
        return await soon(self.begun.get())


# Handling.


def test_what_is_handled_is_out_of_the_stream(redis_server: RedisServer) -> None:
    """Its length is what is still to do, and nothing is left of an entry's tries."""

    async def scene() -> tuple[list[str], list[object], bool]:
        desk, reports = Desk(), Reports()
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1", "2", "3")
            async with running(desk, stream, reports=reports):
                handled = await desk.next(3)
                await reports.until(lambda report: report.handled == 3)
        left = [redis_server.ask(what, key) for what, key in (
            ("XLEN", ONE), ("HLEN", KEYS.tries(0)), ("ZCARD", KEYS.workers),
        )]  # fmt: skip
        return handled, left, desk.closed

    assert play(scene()) == (["c 1", "c 2", "c 3"], [0, 0, 0], True)


def test_one_customer_waits_and_others_go_on(redis_server: RedisServer) -> None:
    """A handler that never ends keeps only its own customer waiting."""

    async def scene() -> None:
        gates = Gates()
        desk = Desk(gates.handler)
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "slow", "1", "2")
            await put(stream, "quick", "1", "2")
            async with running(desk, stream):
                for event in ("quick 1", "quick 2"):
                    gates.gate(event).set()
                assert await desk.next(2) == ["quick 1", "quick 2"]
                begun = [await gates.next() for _ in range(3)]
                # Which of two customers is first is nobody's promise.
                assert [one for one in begun if one != "slow 1"] == ["quick 1", "quick 2"]
                assert gates.begun.empty()
                gates.gate("slow 1").set()
                assert await gates.next() == "slow 2"
                gates.gate("slow 2").set()
                assert await desk.next(2) == ["slow 1", "slow 2"]

    play(scene())


def test_a_full_memory_keeps_nobody_from_handling_what_is_there(own_server: RedisServer) -> None:
    """It is the backlog that fills it, so only that can free it; new pushes are refused."""

    async def scene() -> None:
        desk = Desk()
        async with streaming(own_server, partitions=2, patience=0.0) as stream:
            for number in range(50):
                await put(stream, f"c{number}", "said " + "x" * 1000)
            own_server.ask("CONFIG", "SET", "maxmemory", "100kb")
            with pytest.raises(StoreError, match="no memory left"):
                await put(stream, "c", "one more")
            async with running(desk, stream):
                assert len(await desk.next(50)) == 50

    play(scene())


def test_a_worker_of_the_future_takes_no_share(redis_server: RedisServer) -> None:
    """It was seen before the server's clock was set back, and is long gone."""

    async def scene() -> None:
        desk, reports = Desk(), Reports()
        redis_server.ask("ZADD", KEYS.workers, "99999999999", "somebody-who-was")
        async with (
            streaming(redis_server, partitions=4) as stream,
            running(desk, stream, reports=reports),
        ):
            report = await reports.until(lambda report: report.partitions == 4)
            assert report.workers == 1

    play(scene())


def test_no_more_handlers_and_entries_than_there_is_room_for(redis_server: RedisServer) -> None:
    """Two at a time, and no more than four customers read; the rest is in Redis, for others."""

    async def scene() -> None:
        gates = Gates()
        desk = Desk(gates.handler)
        async with streaming(redis_server, partitions=1) as stream:
            customers = [f"customer-{number}" for number in range(20)]
            for customer in customers:
                await put(stream, customer, "1")
            async with running(desk, stream, concurrency=2):
                for at, customer in enumerate(customers):
                    assert await gates.next() == f"{customer} 1"
                    assert _pending(redis_server) <= 4
                    if at > 0:
                        gates.gate(f"{customers[at - 1]} 1").set()
                gates.gate(f"{customers[-1]} 1").set()
                await desk.next(20)
            assert gates.most == 2

    play(scene())


def _pending(server: RedisServer) -> int:
    """How many entries have been read and not acknowledged."""
    count: int = evaluate(server, f"redis.call('XPENDING', '{ONE}', '{GROUP}')[1]")
    return count


def test_a_full_stream_takes_pushes_again_when_workers_have_caught_up(
    redis_server: RedisServer,
) -> None:
    """A push that a full stream refused is appended after the workers have emptied it."""

    async def scene() -> list[Appended]:
        desk = Desk()
        async with streaming(redis_server, partitions=1, max_length=2) as stream:
            await put(stream, "c", "1", "2")
            third = Verified("third", "c", b"c 3")
            refused = await stream.append(third)
            reports = Reports()
            async with running(desk, stream, reports=reports):
                await desk.next(2)
                await reports.until(lambda report: report.handled == 2)
                return [refused, await stream.append(third)]

    assert play(scene()) == [Appended.FULL, Appended.APPENDED]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_callback_handles_and_its_replies_go_to_the_hook(
    redis_server: RedisServer, kind: str
) -> None:
    """No delivery waits for them any more."""
    content = (
        b"<xml><ToUserName>gh_desk</ToUserName><FromUserName>o6_sara</FromUserName>"
        b"<CreateTime>1700000000</CreateTime><MsgType>text</MsgType>"
        b"<Content>hello</Content><MsgId>1</MsgId></xml>"
    )

    async def scene() -> tuple[str, str]:
        sent: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        async with streaming(redis_server) as stream:
            callback = Callback(token="the-callback-token", stream=stream)

            def reply(event: events.TextMessage) -> replies.TextReply:
                return replies.TextReply(content=f"{event.content} to you")

            async def reply_async(event: events.TextMessage) -> replies.TextReply:
                return reply(event)

            callback.on(reply if kind == "sync" else reply_async)

            @callback.late
            def send(event: events.Event, late: replies.Reply) -> None:
                assert isinstance(event, events.TextMessage)
                assert isinstance(late, replies.TextReply)
                said = (event.from_user_name, late.content)
                loop.call_soon_threadsafe(sent.put_nowait, said)

            await stream.append(Verified("key", "gh_desk o6_sara", content))
            worker = Worker(callback, stream, lease=2.0)
            task = asyncio.ensure_future(worker.run())
            told = await soon(sent.get())
            worker.stop()
            await soon(task)
            callback.close()
            return told

    assert play(scene()) == ("o6_sara", "hello to you")


# Tries.


def test_a_handler_that_raises_is_tried_again_and_only_its_customer_waits(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has its traceback; the order of the customer's pushes is kept."""
    failures, others = ["once"], asyncio.Event()

    async def handler(event: str) -> None:
        if event == "other 1":
            others.set()
        # However often it takes until the other customer's turn has come.
        if event == "c 1" and (failures or not others.is_set()):
            failures.clear()
            raise LookupError("no such customer")

    async def scene() -> list[str]:
        desk = Desk(handler)
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1", "2")
            await put(stream, "other", "1")
            async with running(desk, stream):
                return await desk.next(3)

    assert play(scene()) == ["other 1", "c 1", "c 2"]
    assert "try 1 of 5" in caplog.text
    assert "LookupError: no such customer" in caplog.text


def test_what_fails_too_often_is_a_dead_letter(redis_server: RedisServer) -> None:
    """It says what, whose, how often, why and when; the customer's next push is handled."""

    async def handler(event: str) -> None:
        if event == "c 1":
            raise LookupError("no such customer")

    async def scene() -> None:
        desk = Desk(handler)
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1", "2")
            async with running(desk, stream, tries=2):
                assert await desk.next() == ["c 2"]
            (letter,) = [letter async for letter in DeadLetters(stream)]
            assert (letter.customer, letter.key, letter.content) == ("c", "c 1", b"c 1")
            assert (letter.tries, letter.error) == (2, "LookupError")
            assert letter.died > 1_700_000_000
            assert redis_server.ask("XLEN", ONE) == 0
            assert redis_server.ask("HLEN", KEYS.tries(0)) == 0

    play(scene())


def test_tries_are_counted_across_workers(redis_server: RedisServer) -> None:
    """A worker that ends between two tries does not begin the count anew."""
    tried: list[str] = []

    async def handler(event: str) -> None:
        tried.append(event)
        raise LookupError("no such customer")

    async def scene() -> None:
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1")
            for number in (1, 2):
                reports = Reports()
                async with running(Desk(handler), stream, tries=2, reports=reports):
                    await reports.until(lambda report: report.failed == 1)
                assert len(tried) == number
            (letter,) = [letter async for letter in DeadLetters(stream)]
            assert letter.tries == 2

    play(scene())


def test_an_entry_that_cannot_be_read_is_a_dead_letter_at_once(
    redis_server: RedisServer,
) -> None:
    """Whether it is no push, or no entry of ours at all; nothing of it is lost."""

    async def scene() -> None:
        desk = Desk()
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "?")
            redis_server.ask("XADD", ONE, "*", "odd", "one")
            await put(stream, "c", "fine")
            reports = Reports()
            async with running(desk, stream, reports=reports):
                assert await desk.next() == ["c fine"]
                await reports.until(lambda report: report.dead == 2)
            errors = {letter.error async for letter in DeadLetters(stream)}
            assert errors == {"ValueError", "Unreadable"}
            dead = evaluate(redis_server, f"redis.call('XRANGE', '{KEYS.dead}', '-', '+')")
            assert any(fields[:2] == [b"odd", b"one"] for _, fields in dead)

    play(scene())


def test_a_handler_that_is_cancelled_has_failed(redis_server: RedisServer) -> None:
    """Its lane goes on, and so does the worker."""

    async def handler(event: str) -> None:
        if event == "c 1":
            raise asyncio.CancelledError

    async def scene() -> str:
        desk = Desk(handler)
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1", "2")
            async with running(desk, stream, tries=1):
                assert await desk.next() == ["c 2"]
            (letter,) = [letter async for letter in DeadLetters(stream)]
            return letter.error

    assert play(scene()) == "CancelledError"


def test_dead_letters_are_put_back_with_new_tries(redis_server: RedisServer) -> None:
    """One or all of them; what is not there is not put back."""
    broken = ["broken"]

    async def handler(event: str) -> None:
        if broken:
            raise LookupError("no such customer")

    async def scene() -> None:
        desk = Desk(handler)
        async with streaming(redis_server, partitions=2) as stream:
            await put(stream, "a", "1")
            await put(stream, "b", "1")
            await put(stream, "c", "1")
            reports = Reports()
            async with running(desk, stream, tries=1, reports=reports):
                await reports.until(lambda report: report.dead == 3)
                broken.clear()
                letters = DeadLetters(stream)
                first, *_ = [letter async for letter in letters]
                assert await letters.requeue(first.id)
                assert not await letters.requeue(first.id)
                assert await desk.next() == [f"{first.customer} 1"]
                assert await letters.requeue_all() == 2
                await desk.next(2)
                assert [letter async for letter in letters] == []

    play(scene())


# Partitions and their holders.


def test_entries_of_a_dead_worker_come_first_and_in_order(redis_server: RedisServer) -> None:
    """All of them, however many pages that takes; then what is new. Its name is forgotten."""

    async def scene() -> None:
        desk, reports = Desk(), Reports()
        async with streaming(redis_server, partitions=1) as stream:
            old = [f"old-{number}" for number in range(250)]
            await put(stream, "c", *old)
            redis_server.ask("XGROUP", "CREATE", ONE, GROUP, "0")
            redis_server.ask(
                *("XREADGROUP", "GROUP", GROUP, "gone", "COUNT", 250, "STREAMS", ONE, ">")
            )
            redis_server.ask("HSET", KEYS.tries(0), _first_id(redis_server), "1")
            await put(stream, "c", "new")
            async with running(desk, stream, reports=reports):
                assert await desk.next(251) == [f"c {said}" for said in (*old, "new")]
                report = await reports.until(lambda report: report.handled == 251)
                assert report.again == 1
                count = f"#redis.call('XINFO', 'CONSUMERS', '{ONE}', '{GROUP}')"
                assert evaluate(redis_server, count) == 1

    play(scene())


def _first_id(server: RedisServer) -> bytes:
    id: bytes = evaluate(server, f"redis.call('XRANGE', '{ONE}', '-', '+')[1][1]")
    return id


def test_partitions_are_shared_by_those_who_live(redis_server: RedisServer) -> None:
    """Half for each of two, and all for the one who is left."""

    async def scene() -> None:
        first, second = Reports(), Reports()
        async with (
            streaming(redis_server, partitions=5) as stream,
            running(Desk(), stream, reports=first),
        ):
            await first.until(lambda report: report.partitions == 5)
            other = Stream.from_url(redis_server.url, partitions=5)
            async with running(Desk(), other, reports=second):
                held = (await first.until(lambda report: report.partitions < 4)).partitions
                await second.until(lambda report: report.partitions == 5 - held)
                assert held in (2, 3)
            await first.until(lambda report: report.partitions == 5)

    play(scene())


def test_a_partition_is_given_away_only_when_its_handlers_have_ended(
    redis_server: RedisServer,
) -> None:
    """So nobody else begins what is being handled."""

    async def scene() -> None:
        gates = Gates()
        desks = [Desk(gates.handler), Desk(gates.handler)]
        reports = [Reports(), Reports()]
        async with streaming(redis_server, partitions=2) as stream:
            customers = _of_each_partition(2)
            for customer in customers:
                await put(stream, customer, "1", "2")
            async with running(desks[0], stream, reports=reports[0], grace=60):
                assert {await gates.next(), await gates.next()} == {f"{c} 1" for c in customers}
                await reports[0].until(lambda report: report.partitions == 2)
                other = Stream.from_url(redis_server.url, partitions=2)
                async with running(desks[1], other, reports=reports[1], grace=60):
                    await reports[0].until(lambda report: report.partitions == 1)
                    for customer in customers:
                        for said in ("1", "2"):
                            gates.gate(f"{customer} {said}").set()
                    await reports[1].until(lambda report: report.handled == 1)
                    await desks[0].next(3)
                    assert await desks[1].next() in [[f"{c} 2"] for c in customers]

    play(scene())


def _of_each_partition(partitions: int) -> list[str]:
    found: dict[int, str] = {}
    for number in range(1000):
        found.setdefault(partition_of(f"customer-{number}", partitions), f"customer-{number}")
    return [found[number] for number in range(partitions)]


def test_whoever_lost_the_lease_changes_nothing(redis_server: RedisServer) -> None:
    """Reading, counting, acknowledging and burying ask for the lease in the same breath."""

    async def scene() -> None:
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1")
            store = stream.link.store
            old, new = (
                Group(stream.link, stream.keys, 0, owner, owner) for owner in ("old", "new")
            )
            stale = await take(store, old, 10.0)
            assert stale is not None
            (entry,) = [*await old.fetch(5), *await old.fetch(5)]
            assert await take(store, new, 10.0) is None
            await stale.give_back(store)
            assert not stale.sure
            assert await take(store, new, 10.0) is not None
            for change in (
                old.fetch(5),
                old.begin([(entry, 1)]),
                old.fail(entry, 1, "LookupError"),
                old.done([entry]),
                old.bury(entry, 1, "LookupError"),
                stale.renew(store),
            ):
                with pytest.raises(LostError):
                    await change
            assert redis_server.ask("XLEN", ONE) == 1
            assert redis_server.ask("XLEN", KEYS.dead) == 0
            (claimed,) = await new.fetch(5)
            assert claimed == entry

    play(scene())


# The server.


@pytest.mark.parametrize("at_first", [True, False])
def test_an_answer_that_never_arrives_loses_no_entry(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, at_first: bool
) -> None:
    """What it had in it comes again, in its place; nothing else does."""

    async def scene() -> None:
        async with streaming(redis_server, partitions=1) as stream:
            link, ask = stream.link, stream.link.ask

            async def lost(script: str, keys: Sequence[str], args: Sequence[Argument] = ()) -> None:
                await ask(script, keys, args)
                raise AwayError("the answer was lost")

            async def fetch(group: Group, count: int) -> list[str]:
                return [entry.key for entry in await group.fetch(count)]

            group = Group(link, stream.keys, 0, "owner", "worker")
            assert await take(link.store, group, 10.0) is not None
            if not at_first:
                await fetch(group, 2)
            await put(stream, "c", "1", "2", "3", "4", "5")
            assert await fetch(group, 2) == ([] if at_first else ["c 1", "c 2"])
            monkeypatch.setattr(link, "ask", lost)
            with pytest.raises(AwayError):
                await group.fetch(2)
            monkeypatch.setattr(link, "ask", ask)
            left = ["c 1", "c 2"] if at_first else ["c 3", "c 4"]
            assert await fetch(group, 1) == left[:1]
            assert await fetch(group, 5) == left[1:]
            assert await fetch(group, 5) == (["c 3", "c 4", "c 5"] if at_first else ["c 5"])
            assert await fetch(group, 5) == []

    play(scene())


def test_a_server_that_restarts_is_told_once_each_way(
    own_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """One line when it goes, one when it is back, and work goes on."""

    async def scene() -> None:
        desk = Desk()
        async with streaming(own_server) as stream, running(desk, stream):
            await put(stream, "c", "before")
            await desk.next()
            await asyncio.to_thread(own_server.kill)
            while "until it is back" not in caplog.text:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(own_server.start)
            await put(stream, "c", "after")
            assert await desk.next() == ["c after"]

    with caplog.at_level(logging.WARNING, "wxoa.stream"):
        play(scene())
    said = [r.getMessage() for r in caplog.records if r.name == "wxoa.stream"]
    assert sum("until it is back" in line for line in said) == 1
    assert sum("is back" in line and "until" not in line for line in said) == 1


def test_an_emptied_server_is_set_up_anew(redis_server: RedisServer) -> None:
    """Streams, groups and leases are made again; what comes then is handled."""

    async def scene() -> None:
        desk = Desk()
        async with streaming(redis_server) as stream, running(desk, stream):
            await put(stream, "c", "before")
            await desk.next()
            redis_server.ask("FLUSHALL")
            await put(stream, "c", "after")
            assert await desk.next() == ["c after"]

    play(scene())


def test_a_deleted_group_is_made_anew(redis_server: RedisServer) -> None:
    """A worker goes on after its partition was deleted on the server, consumer group included."""

    async def scene() -> None:
        desk, reports = Desk(), Reports()
        async with (
            streaming(redis_server, partitions=1) as stream,
            running(desk, stream, reports=reports),
        ):
            await put(stream, "c", "before")
            await reports.until(lambda report: report.handled == 1)
            redis_server.ask("DEL", ONE)
            await put(stream, "c", "after")
            assert await desk.next(2) == ["c before", "c after"]

    play(scene())


def test_a_stream_with_another_number_of_partitions_is_refused(
    redis_server: RedisServer,
) -> None:
    """A worker would leave some of it alone."""

    async def scene() -> None:
        async with streaming(redis_server, partitions=4) as stream:
            await put(stream, "c", "1")
            other = Stream.from_url(redis_server.url, partitions=2)
            await Worker(Desk(), other).run()

    with pytest.raises(StoreError, match="expected 2 partitions, found 4"):
        play(scene())


# The end.


def test_a_worker_that_stops_finishes_what_runs(redis_server: RedisServer) -> None:
    """It begins nothing more, acknowledges, and gives the leases back at once."""

    async def scene() -> None:
        gates = Gates()
        desk = Desk(gates.handler)
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1", "2")
            worker = Worker(desk, stream, lease=60.0)
            task = asyncio.ensure_future(worker.run())
            await gates.next()
            worker.stop()
            gates.gate("c 1").set()
            await soon(task)
            assert (worker.abandoned, worker.progress().handled) == (0, 1)
            assert redis_server.ask("XLEN", ONE) == 1
            gates.gate("c 2").set()
            async with running(desk, stream):
                assert await desk.next(2) == ["c 1", "c 2"]

    play(scene())


def test_a_worker_waits_for_handlers_only_so_long(redis_server: RedisServer) -> None:
    """What does not end is left to the next worker."""

    async def scene() -> None:
        gates = Gates()
        async with streaming(redis_server, partitions=1) as stream:
            await put(stream, "c", "1")
            worker = Worker(Desk(gates.handler), stream, grace=0.05)
            task = asyncio.ensure_future(worker.run())
            await gates.next()
            worker.stop()
            await soon(task)
            assert worker.abandoned == 1
            desk = Desk()
            async with running(desk, stream):
                assert await desk.next() == ["c 1"]

    play(scene())


def test_a_worker_stops_while_the_server_is_away(own_server: RedisServer) -> None:
    """A worker that has never reached its server still stops."""

    async def scene() -> None:
        stream = Stream.from_url(own_server.url)
        own_server.stop()
        worker = Worker(Desk(), stream)
        task = asyncio.ensure_future(worker.run())
        await asyncio.sleep(0)
        worker.stop()
        await soon(task)

    play(scene())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"concurrency": 0}, "concurrency: expected a number above 0, got 0"),
        ({"tries": 0}, "tries: expected a number above 0, got 0"),
        ({"lease": 0.1}, "lease: expected 0.5 to 60 seconds, got 0.1"),
        ({"grace": -1.0}, "grace, every: expected seconds"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, float], said: str) -> None:
    """An invalid setting of a worker is a ValueError that names the setting."""
    with pytest.raises(ValueError, match=said):
        Worker(Desk(), Stream.from_url("redis://127.0.0.1"), **settings)  # type: ignore[arg-type]

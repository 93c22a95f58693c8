"""What every inbox promises."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.callback.inbox.kinds import KINDS, made
from tests.redis_server import RedisServer, serving_redis
from wxruntime.errors import StoreError
from wxruntime.inbox import Inbox, MemoryInbox, RedisInbox
from wxruntime.inbox.memory import LIMIT
from wxruntime.inbox.nonce import REPEATS, Nonce, meet
from wxruntime.inbox.record import Arrival, Outcome, Record, arrive, finish, settle
from wxruntime.inbox.steady import SteadyInbox


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[], RedisServer]]:
    """Run one Redis server for the module, if a test asks for it."""
    with serving_redis() as running:
        yield lambda: running


@pytest.fixture(params=KINDS)
def inbox(request: pytest.FixtureRequest, server: Callable[[], RedisServer]) -> Inbox:
    """Return an empty inbox of each kind."""
    if request.param == "redis":
        server().ask("FLUSHALL")
    return made(request.param, server)


def test_what_one_writes_another_reads(inbox: Inbox) -> None:
    """Records are kept whole, replies with any text in them too."""
    outcome = Outcome('{"Content":"]]>客服\\u0000 ☃"}'.encode())

    async def main() -> tuple[Arrival, bool, Arrival, Arrival, bool]:
        first = await inbox.update("p", arrive("a", 4.0))
        awaited = await inbox.update("p", finish("a", outcome))
        second = await inbox.update("p", arrive("b", 4.0))
        other = await inbox.update("q", arrive("b", 4.0))
        late = await inbox.update("p", settle("a", outcome))
        await inbox.aclose()
        return first, awaited, second, other, late

    first, awaited, second, other, late = asyncio.run(main(), debug=True)

    assert (first.turn, other.turn) == ("run", "run")
    assert awaited
    assert (second.turn, second.deliveries, second.outcome) == ("carry", 2, outcome)
    assert not late


def test_of_many_at_once_one_runs_the_handler(inbox: Inbox) -> None:
    """From many threads, each with an event loop of its own."""
    turns: list[str] = []
    ready = threading.Barrier(8)

    def deliver(owner: str) -> None:
        async def main() -> None:
            ready.wait()
            turns.append((await inbox.update("p", arrive(owner, 30.0))).turn)
            await inbox.aclose()

        asyncio.run(main(), debug=True)

    threads = [threading.Thread(target=deliver, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(turns) == ["join"] * 7 + ["run"]


def test_a_nonce_belongs_to_one_content(inbox: Inbox) -> None:
    """With another content it is a replay; the same one is a delivery that is repeated."""

    async def main() -> list[bool]:
        met = [await inbox.meet("n", meet(content)) for content in ("x", "x", "y", "x")]
        met.append(await inbox.meet("m", meet("y")))
        await inbox.aclose()
        return met

    assert asyncio.run(main(), debug=True) == [True, True, False, True, True]


def test_the_same_content_is_a_replay_when_it_comes_too_late() -> None:
    """The platform repeats a delivery within seconds."""
    met, fresh = meet("x")(Nonce(), 100.0)

    assert fresh
    assert meet("x")(met, 100.0 + REPEATS)[1]
    assert not meet("x")(met, 100.1 + REPEATS)[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_knows_nothing_of_the_parents_handlers() -> None:
    """In memory: they do not run there."""
    inbox = MemoryInbox()
    asyncio.run(inbox.update("p", arrive("a", inbox.lease)))
    child = os.fork()
    if child == 0:
        arrival = asyncio.run(inbox.update("p", arrive("b", inbox.lease)))
        os._exit(0 if arrival.turn == "run" else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_memory_is_bounded() -> None:
    """At its limit, a memory inbox forgets the oldest pushes first."""
    inbox = MemoryInbox(limit=10)

    async def main() -> list[str]:
        for number in range(25):
            await inbox.update(str(number), arrive("a", inbox.lease))
        return [
            (await inbox.update(name, lambda record, now: (record, record.owner))) or "forgotten"
            for name in ("0", "24")
        ]

    assert asyncio.run(main()) == ["forgotten", "a"]
    assert LIMIT >= 10_000


def test_a_limit_that_keeps_nothing_is_refused() -> None:
    """It would run every handler three times."""
    with pytest.raises(ValueError, match="limit: expected a number above 0, got 0"):
        MemoryInbox(limit=0)


def test_an_inbox_in_redis_shows_its_place_and_no_password() -> None:
    """In its repr and in the error for a wrong address."""
    inbox = RedisInbox.from_url("redis://:correct-horse-battery@localhost:6400/0")

    assert repr(inbox) == "RedisInbox('Redis at localhost:6400', prefix='wxoa:')"
    with pytest.raises(ValueError, match="expected an address such as redis://"):
        RedisInbox.from_url("localhost:correct-horse-battery")


def test_what_is_not_an_inboxs_record_is_named(server: Callable[[], RedisServer]) -> None:
    """Somebody else's keys under the same prefix are not overwritten."""
    server().ask("SET", "wxoa:push:p", '["foreign"]')
    server().ask("SET", "wxoa:nonce:n", "foreign")
    inbox = RedisInbox.from_url(server().url)

    async def main() -> None:
        try:
            with pytest.raises(StoreError, match="give the inbox a prefix of its own"):
                await inbox.update("p", arrive("a", 4.0))
            with pytest.raises(StoreError, match="give the inbox a prefix of its own"):
                await inbox.meet("n", meet("x"))
        finally:
            await inbox.aclose()

    asyncio.run(main(), debug=True)


def test_records_in_redis_end_by_themselves(server: Callable[[], RedisServer]) -> None:
    """A push for at least a minute, a nonce for as long as its time is accepted."""
    server().ask("FLUSHALL")
    inbox = RedisInbox.from_url(server().url)

    async def main() -> None:
        await inbox.update("p", arrive("a", 4.0))
        await inbox.meet("n", meet("x"))
        await inbox.aclose()

    asyncio.run(main(), debug=True)

    assert 60 <= int(str(server().ask("TTL", "wxoa:push:p"))) <= 120
    assert 600 <= int(str(server().ask("TTL", "wxoa:nonce:n"))) <= 660


def test_without_its_server_an_inbox_goes_on_in_memory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A repeated delivery still joins its handler, and the log says so once."""
    with serving_redis() as gone:
        inbox = SteadyInbox(RedisInbox.from_url(gone.url))
        gone.kill()

        async def main() -> list[str]:
            turns: list[str] = []
            for owner in "abc":
                turns.append((await inbox.update("p", arrive(owner, 4.0))).turn)  # noqa: PERF401
            await inbox.aclose()
            return turns

        assert asyncio.run(main(), debug=True) == ["run", "join", "join"]
    said = [r.getMessage() for r in caplog.records if r.name == "wxoa.callback"]
    assert [line.partition(":")[0] for line in said] == ["no inbox"]


def test_an_empty_record_is_what_an_inbox_knows_of_a_new_push(inbox: Inbox) -> None:
    """A change that changes nothing writes nothing."""

    async def main() -> Record:
        record = await inbox.update("p", lambda record, now: (record, record))
        await inbox.aclose()
        return record

    assert asyncio.run(main(), debug=True) == Record()

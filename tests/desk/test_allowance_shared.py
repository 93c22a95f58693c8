"""An allowance that several processes share, on a real Redis server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.redis_server import RedisServer, serving_redis
from wxoa import errors, events
from wxruntime.desk import (
    RULES,
    UNLIMITED,
    Allowance,
    AsyncAllowance,
    AsyncRedisAllowance,
    MemoryAllowance,
    RedisAllowance,
    Rule,
)
from wxruntime.desk.rules import MENU_MESSAGE, MESSAGE, PAYMENT
from wxruntime.stores import AsyncRedisStore, RedisStore
from wxruntime.wire import Timestamp

ANNA = "o6_anna"
_customers = (f"o6_{number}" for number in count())


@pytest.fixture
def store(redis_server: RedisServer) -> Iterator[RedisStore]:
    """A store on the server."""
    with RedisStore.from_url(redis_server.url) as store:
        yield store


def now() -> int:
    """The time of the server, which is that of this machine."""
    return int(time.time())


def key(openid: str) -> str:
    """Where a customer's grants are."""
    return f"wxoa:allowance:{openid}"


# Ends of grants lie far from all of these times, however long a test takes.
WHEN = st.sampled_from([-174_000, -172_000, -1_000, -30, -20, -10])
STEPS = st.lists(
    st.one_of(
        st.just(("spend", 0)),
        st.tuples(st.sampled_from([MESSAGE, MENU_MESSAGE, PAYMENT, "CLICK", "unsubscribe"]), WHEN),
    ),
    max_size=12,
)


@given(steps=STEPS)
def test_it_counts_as_one_process_alone_would_property(
    redis_server: RedisServer, steps: list[tuple[str, int]]
) -> None:
    """Whatever happens, in whatever order, to whichever of those who share it."""
    openid = next(_customers)
    alone: Allowance = MemoryAllowance()

    async def together() -> None:
        store = AsyncRedisStore.from_url(redis_server.url)
        awaiting: AsyncAllowance = AsyncRedisAllowance(store)
        with RedisStore.from_url(redis_server.url) as blocking:
            sharing: Allowance = RedisAllowance(blocking)
            for number, (step, when) in enumerate(steps):
                if step == "spend":
                    spent = sharing.spend(openid) if number % 2 else await awaiting.spend(openid)
                    assert spent == alone.spend(openid)
                else:
                    at = beginning + when
                    alone.grant(openid, step, at)
                    if number % 2:
                        sharing.grant(openid, step, at)
                    else:
                        await awaiting.grant(openid, step, at)
                assert (
                    sharing.remaining(openid)
                    == await awaiting.remaining(openid)
                    == alone.remaining(openid)
                )
        await store.close()

    beginning = now()
    asyncio.run(together())


def test_pushes_are_seen_by_all(redis_server: RedisServer, store: RedisStore) -> None:
    """What one process receives, another one may spend."""
    openid = next(_customers)
    push = events.TextMessage("gh_1", openid, Timestamp(now()), "hello", 1)

    async def receive() -> None:
        shared = AsyncRedisStore.from_url(redis_server.url)
        await AsyncRedisAllowance(shared).observe(push)
        await shared.close()

    asyncio.run(receive())
    allowance = RedisAllowance(store)
    assert allowance.remaining(openid) == 5
    assert allowance.spend(openid)
    allowance.observe(push)
    assert allowance.remaining(openid) == 4


def test_a_payment_allows_any_number(store: RedisStore) -> None:
    """In other processes as well."""
    openid = next(_customers)
    RedisAllowance(store).grant(openid, PAYMENT, now())

    assert RedisAllowance(store).remaining(openid) == UNLIMITED


def test_what_grants_nothing_is_not_kept(redis_server: RedisServer, store: RedisStore) -> None:
    """Nor asked about; and what is kept is kept no longer than it may serve."""
    openid = next(_customers)
    allowance = RedisAllowance(store)
    allowance.observe(events.KfCloseSessionEvent("gh_1", openid, Timestamp(now()), "sara@acme"))
    allowance.grant(openid, "CLICK", now() - 61)
    assert not allowance.spend(openid)
    assert redis_server.ask("EXISTS", key(openid)) == 0

    allowance.grant(openid, "CLICK", now())
    seconds = redis_server.ask("TTL", key(openid))
    assert isinstance(seconds, int)
    assert 172_800 < seconds <= 172_800 + 3600


@pytest.mark.parametrize(
    ("cause", "at", "problem"),
    [
        ("paymnt", 1_700_000_000, r"cause: expected one of \['CLICK', .*\], got 'paymnt'"),
        (PAYMENT, 1_700_000_000_000, "at: expected Unix seconds, up to the year 9999, got 17"),
    ],
)
def test_a_grant_that_cannot_be_is_not_asked_for(
    redis_server: RedisServer, store: RedisStore, cause: str, at: float, problem: str
) -> None:
    """A wrong cause and a wrong time are refused in this process, with or without waiting."""
    openid = next(_customers)

    async def grant() -> None:
        shared = AsyncRedisStore.from_url(redis_server.url)
        try:
            await AsyncRedisAllowance(shared).grant(openid, cause, at)
        finally:
            await shared.close()

    with pytest.raises(ValueError, match=problem):
        RedisAllowance(store).grant(openid, cause, at)
    with pytest.raises(ValueError, match=problem):
        asyncio.run(grant())
    assert redis_server.ask("EXISTS", key(openid)) == 0


def test_rules_that_are_no_more_grant_nothing(store: RedisStore) -> None:
    """The others' grants are as they were."""
    openid = next(_customers)
    before = RedisAllowance(store, [*RULES, Rule({"party"}, 9, 3600)])
    before.grant(openid, "party", now())
    before.grant(openid, MESSAGE, now())
    assert before.remaining(openid) == 9

    assert RedisAllowance(store).remaining(openid) == 5
    with pytest.raises(
        ValueError, match="rules: expected one rule for each cause, got two for 'x'"
    ):
        RedisAllowance(store, (Rule({"x"}, 1, 1), Rule({"x"}, 2, 2)))


def lines(process: subprocess.Popen[str]) -> IO[str]:
    """What a process prints."""
    assert process.stdout is not None
    return process.stdout


def begin(process: subprocess.Popen[str]) -> None:
    """Let a spender go on that has said that it is ready."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def spender(redis_server: RedisServer, openid: str) -> subprocess.Popen[str]:
    """Run a process that spends."""
    command = [sys.executable, "-W", "error", "-m", "tests.desk.spender", redis_server.url, openid]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


RICH = (Rule({MESSAGE}, 500, 172_800),)


def test_processes_never_spend_more_than_there_is(
    redis_server: RedisServer, store: RedisStore
) -> None:
    """Three of them and four threads, at once, for one customer."""
    openid = next(_customers)
    allowance = RedisAllowance(store, RICH)
    allowance.grant(openid, MESSAGE, now())
    with ExitStack() as stack:
        processes = [stack.enter_context(spender(redis_server, openid)) for _ in range(3)]
        for process in processes:
            assert lines(process).readline() == "ready\n"
        for process in processes:
            begin(process)
        with ThreadPoolExecutor(4) as pool:
            runs = [pool.submit(lambda: sum(iter_spent(allowance, openid))) for _ in range(4)]
            spent = sum(run.result() for run in runs)
        spent += sum(len(lines(process).readlines()) for process in processes)
        assert [process.wait() for process in processes] == [0, 0, 0]

    assert spent == 500


def iter_spent(allowance: Allowance, openid: str) -> Iterator[int]:
    """Spend until none is left."""
    while allowance.spend(openid):
        yield 1


def test_a_process_that_is_killed_takes_one_with_it_at_most(
    redis_server: RedisServer, store: RedisStore
) -> None:
    """The one that it has counted, and not told anybody of."""
    openid = next(_customers)
    allowance = RedisAllowance(store, RICH)
    allowance.grant(openid, MESSAGE, now())
    with spender(redis_server, openid) as process:
        assert lines(process).readline() == "ready\n"
        begin(process)
        for _ in range(20):
            assert lines(process).readline() == "one\n"
        process.kill()
        told = 20 + len(lines(process).readlines())

    assert told + sum(iter_spent(allowance, openid)) in (499, 500)


def test_a_server_that_is_gone_is_told() -> None:
    """Nobody is taken for somebody who may not be written to."""
    with serving_redis() as server, RedisStore.from_url(server.url) as store:
        allowance = RedisAllowance(store)
        allowance.grant(ANNA, MESSAGE, now())
        server.kill()

        with pytest.raises(errors.StoreError, match=r"127\.0\.0\.1"):
            allowance.spend(ANNA)
        server.start()
        # It has kept nothing: who did nothing since may not be written to.
        assert allowance.remaining(ANNA) == 0


FOREIGN = [
    '{"somebody": "else"}',
    '["somebody else"]',
    '[["message", 1700000000, -1]]',
    '[["message", 1700000000, "x"]]',
    '[["message", 1e999, null]]',
    "[[[], 1700000000, 2]]",
    "[" * 100_000,
]


@given(text=st.sampled_from(FOREIGN) | st.text().map("somebody else wrote {}".format))
def test_what_somebody_else_wrote_is_refused_property(redis_server: RedisServer, text: str) -> None:
    """With its place, and what to do; it is not taken for grants, and stays as it is."""
    openid = next(_customers)
    redis_server.ask("SET", key(openid), text)
    expected = rf"key {key(openid)}: expected the grants of a customer, .*; delete the key, or"
    with (
        RedisStore.from_url(redis_server.url) as store,
        pytest.raises(errors.StoreError, match=expected),
    ):
        RedisAllowance(store).spend(openid)
    assert redis_server.ask("GET", key(openid)) == text.encode()

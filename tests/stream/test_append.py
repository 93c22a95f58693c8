"""Appending: each outcome, a server that is away, and what is asked of it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.redis_server import RedisServer, serving_redis
from tests.redis_server import redis_server as redis_server
from tests.stream.parts import play, push, soon, streaming
from wxruntime.concurrency.loop import LoopThread
from wxruntime.errors import StoreError
from wxruntime.stream import Appended, Stream, Verified
from wxruntime.stream.keys import Keys, partition_of

KEYS = Keys("wxoa:")


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server to be stopped."""
    with serving_redis() as server:
        yield server


def test_a_push_is_appended_once(redis_server: RedisServer) -> None:
    """The second time it is known, and the stream holds it once."""

    async def scene() -> tuple[list[Appended], object]:
        async with streaming(redis_server, partitions=1) as stream:
            outcomes = [await stream.append(push("c", "hello")) for _ in range(2)]
            return outcomes, redis_server.ask("XLEN", KEYS.partition(0))

    assert play(scene()) == ([Appended.APPENDED, Appended.REPEATED], 1)


def test_a_push_is_known_for_two_minutes(redis_server: RedisServer) -> None:
    """The platform repeats it for fifteen seconds."""

    async def scene() -> object:
        async with streaming(redis_server) as stream:
            await stream.append(push("c", "hello"))
            return redis_server.ask("TTL", KEYS.push("c hello"))

    assert play(scene()) in (119, 120)


def test_a_nonce_belongs_to_one_content(redis_server: RedisServer) -> None:
    """With another one it is a replay, and what came with it is not appended."""

    async def scene() -> tuple[Appended, Appended, Appended]:
        async with streaming(redis_server) as stream:
            return (
                await stream.append(Verified("a", "c", b"a", ("nonce", "digest of a"))),
                await stream.append(Verified("a", "c", b"a", ("nonce", "digest of a"))),
                await stream.append(Verified("b", "c", b"b", ("nonce", "digest of b"))),
            )

    assert play(scene()) == (Appended.APPENDED, Appended.REPEATED, Appended.REPLAYED)


@pytest.mark.parametrize(("ago", "outcome"), [(50, "APPENDED"), (61, "REPLAYED")])
def test_a_delivery_is_repeated_for_a_minute_at_most(
    redis_server: RedisServer, ago: int, outcome: str
) -> None:
    """Later, its nonce is a replay even with the same content."""

    async def scene() -> Appended:
        async with streaming(redis_server) as stream:
            redis_server.ask("SET", KEYS.nonce("nonce"), f"{int(time.time()) - ago} digest")
            return await stream.append(Verified("a", "c", b"a", ("nonce", "digest")))

    assert play(scene()) is Appended[outcome]


def test_a_nonce_is_remembered_for_twice_the_window(redis_server: RedisServer) -> None:
    """So long a signed address could be used."""

    async def scene() -> object:
        async with streaming(redis_server) as stream:
            await stream.append(Verified("a", "c", b"a", ("nonce", "d")), nonces_kept=200)
            return redis_server.ask("TTL", KEYS.nonce("nonce"))

    assert play(scene()) in (199, 200)


def test_a_full_partition_takes_no_more(redis_server: RedisServer) -> None:
    """What was refused is not known: it is taken when there is room."""

    async def scene() -> list[Appended]:
        async with streaming(redis_server, partitions=1, max_length=2) as stream:
            outcomes = [await stream.append(push("c", str(number))) for number in range(3)]
            redis_server.ask("XTRIM", KEYS.partition(0), "MAXLEN", 1)
            return [*outcomes, await stream.append(push("c", "2"))]

    assert [outcome.name for outcome in play(scene())] == [
        "APPENDED",
        "APPENDED",
        "FULL",
        "APPENDED",
    ]


def test_a_server_that_comes_back_in_time_gets_the_push(own_server: RedisServer) -> None:
    """The platform need not deliver it again."""

    async def scene() -> Appended:
        async with streaming(own_server, patience=30) as stream:
            await stream.append(push("c", "before"))
            own_server.stop()
            appending = asyncio.ensure_future(stream.append(push("c", "meanwhile")))
            await asyncio.to_thread(own_server.start)
            return await soon(appending)

    assert play(scene()) is Appended.APPENDED


def test_a_server_that_stays_away_is_an_error_in_words(own_server: RedisServer) -> None:
    """It says where the server is, and nothing of redis-py's."""

    async def scene() -> None:
        async with streaming(own_server, patience=0.1) as stream:
            own_server.stop()
            await stream.append(push("c", "hello"))

    with pytest.raises(StoreError, match=r"Redis at 127\.0\.0\.1:\d+: no connection") as caught:
        play(scene())
    assert caught.value.__cause__ is None


def test_no_password_is_shown() -> None:
    """Neither by the stream nor by its errors; a wrong one is not tried again."""

    async def scene(port: int) -> None:
        stream = Stream.from_url(
            f"redis://:a-wrong-password@127.0.0.1:{port}/0", patience=float("inf")
        )
        assert "password" not in repr(stream)
        await soon(stream.append(push("c", "hello")))

    with (
        serving_redis("--requirepass", "the-right-password") as server,
        pytest.raises(StoreError, match="refused the credentials"),
    ):
        play(scene(server.port))


def test_a_wrong_address_is_an_error_that_does_not_show_it() -> None:
    """It may have a password in it."""
    with pytest.raises(ValueError, match="expected an address such as redis://") as caught:
        Stream.from_url("http://:the-password-of-redis@host")
    assert "the-password" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"partitions": 0}, "partitions: expected 1 to 1024, got 0"),
        ({"max_length": 15}, "max_length: expected at least one entry per partition"),
        ({"patience": -1.0}, "patience: expected seconds"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, int], said: str) -> None:
    """An invalid setting of a stream is a ValueError that names the setting."""
    with pytest.raises(ValueError, match=said):
        Stream.from_url("redis://127.0.0.1", **settings)  # type: ignore[arg-type]


def test_everybody_agrees_on_the_number_of_partitions(redis_server: RedisServer) -> None:
    """Otherwise a customer's pushes would lie in two of them, and lose their order."""

    async def scene() -> None:
        async with streaming(redis_server, partitions=8) as stream:
            await stream.append(push("c", "hello"))
        other = Stream.from_url(redis_server.url, partitions=16)
        try:
            await other.append(push("c", "again"))
        finally:
            await other.aclose()

    with pytest.raises(StoreError, match="expected 16 partitions, found 8"):
        play(scene())


def test_a_stream_serves_one_event_loop_after_the_other(redis_server: RedisServer) -> None:
    """Its connections belong to the loop, it does not."""
    redis_server.ask("FLUSHALL")
    stream = Stream.from_url(redis_server.url)

    async def scene(said: str) -> Appended:
        try:
            return await stream.append(push("c", said))
        finally:
            await stream.aclose()

    assert [play(scene(said)) for said in "ab"] == [Appended.APPENDED] * 2


def test_event_loops_that_take_turns_keep_their_connections(redis_server: RedisServer) -> None:
    """Several callbacks share a stream, each on a loop of its own."""
    redis_server.ask("FLUSHALL")
    stream, other = Stream.from_url(redis_server.url), LoopThread("other")

    async def scene() -> None:
        for number in range(5):
            await stream.append(push("here", str(number)))
            there = stream.append(push("there", str(number)))
            await asyncio.to_thread(other.run, there)
        await asyncio.to_thread(other.run, stream.aclose())
        await stream.aclose()

    redis_server.ask("CONFIG", "RESETSTAT")
    play(scene())
    other.close()

    stats = str(redis_server.ask("INFO", "stats"))
    received = re.search(r"total_connections_received\D+(\d+)", stats)
    assert received is not None
    assert int(received[1]) <= 4


def test_a_stream_is_made_before_a_fork_and_used_after_it(redis_server: RedisServer) -> None:
    """A preforking server imports it once; its children have connections of their own."""
    redis_server.ask("FLUSHALL")
    script = f"""
import asyncio, os, warnings
warnings.simplefilter("ignore")
from wxruntime.stream import Stream, Verified

stream = Stream.from_url({redis_server.url!r}, partitions=1)

async def append():
    for number in range(100):
        await stream.append(Verified(f"{{os.getpid()}} {{number}}", "c", b"hello"))
    await stream.aclose()

child = os.fork()
asyncio.run(append())
if child:
    raise SystemExit(os.waitpid(child, 0)[1])
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)

    assert redis_server.ask("XLEN", KEYS.partition(0)) == 200


@given(customer=st.text(), partitions=st.integers(1, 1024))
def test_property_a_customer_has_one_partition(customer: str, partitions: int) -> None:
    """Any text is a customer, and its partition is one of those there are."""
    assert 0 <= partition_of(customer, partitions) < partitions


def test_the_partition_of_a_customer_never_changes() -> None:
    """A release that moved customers would break their order while both run."""
    assert [partition_of(f"gh_desk o6_{number}", 16) for number in range(6)] == [
        10,
        4,
        12,
        1,
        13,
        7,
    ]

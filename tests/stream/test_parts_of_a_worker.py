"""The rules that a worker is made of, each by itself."""

from __future__ import annotations

import asyncio
import logging

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.stream.parts import play, soon
from wxruntime.errors import StoreError
from wxruntime.stream import Progress
from wxruntime.stream.alone import Alone
from wxruntime.stream.living import share
from wxruntime.stream.metrics import exposition
from wxruntime.stream.steady import Steady
from wxruntime.stream.turns import pause_before

PROGRESS = Progress(
    handled=120,
    per_second=12.04,
    failed=3,
    dead=1,
    again=2,
    running=4,
    partitions=8,
    workers=2,
    backlog=7,
    dead_letters=5,
)


@given(count=st.integers(1, 40), partitions=st.integers(1, 64))
def test_property_shares_are_fair_and_together_everything(count: int, partitions: int) -> None:
    """Nobody holds more than one partition more than anybody else, and none is left."""
    workers = [f"worker-{number}" for number in range(count)]
    shares = [share(workers, worker, partitions) for worker in workers]

    assert sum(shares) == partitions
    assert max(shares) - min(shares) <= 1


def test_pauses_double_up_to_a_minute() -> None:
    """The first try has none; the second waits for half a second."""
    assert [pause_before(number) for number in (2, 3, 4, 5, 9, 10, 10_000)] == [
        *(0.5, 1.0, 2.0, 4.0),
        *(60.0, 60.0, 60.0),
    ]


def test_suspects_go_one_after_the_other() -> None:
    """Who is not suspect waits for nobody."""

    async def scene() -> list[str]:
        alone, ended = Alone(), asyncio.Event()
        went: asyncio.Queue[str] = asyncio.Queue()

        async def go(name: str, suspect: bool) -> None:
            async with alone.turn(suspect):
                went.put_nowait(name)
                await ended.wait()

        tasks = [
            asyncio.ensure_future(go(name, suspect))
            for name, suspect in (("first", True), ("second", True), ("other", False))
        ]
        before = [await soon(went.get()), await soon(went.get())]
        assert went.empty()
        ended.set()
        await asyncio.gather(*tasks)
        return [*before, await soon(went.get())]

    assert play(scene()) == ["first", "other", "second"]


def test_a_suspect_that_hangs_lets_the_next_one_go() -> None:
    """After `patience`, the next suspect begins although the one before still runs."""

    async def scene() -> None:
        alone = Alone(patience=0.01)
        async with alone.turn(True):
            second = alone.turn(True)
            await soon(second.__aenter__())
            await second.__aexit__(None, None, None)
        async with alone.turn(True):
            pass

    play(scene())


def test_what_failed_before_the_last_answer_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    """A server that is back is not said to have gone because of what was asked before."""

    async def scene() -> None:
        steady, asked = Steady(), asyncio.Event()
        fails = [StoreError("it was away")]

        async def late() -> str:
            await asked.wait()
            if fails:
                raise fails.pop()
            return "late"

        async def quick() -> str:
            return "quick"

        waiting = asyncio.ensure_future(steady(late))
        await asyncio.sleep(0)
        await steady(quick)
        asked.set()
        assert await soon(waiting) == "late"

    with caplog.at_level(logging.WARNING, "wxoa.stream"):
        play(scene())
    assert not [record for record in caplog.records if record.name == "wxoa.stream"]


def test_progress_is_one_line() -> None:
    """With everything that an operator looks for."""
    assert PROGRESS.line() == (
        "handled 120 (12.0/s), failed 3, dead 1, duplicates claimed 2, running 4, backlog 7, "
        "partitions 8, workers 2"
    )


def test_every_number_is_a_metric() -> None:
    """Each with its kind, and with its value."""
    text = exposition(evolve(PROGRESS, backlog=1_234_567))

    assert "# TYPE wxoa_stream_backlog gauge\nwxoa_stream_backlog 1234567\n" in text
    assert "# TYPE wxoa_worker_again_total counter\nwxoa_worker_again_total 2\n" in text
    assert text.count("# HELP ") == text.count("# TYPE ") == 9

"""What a call costs its client: processor time over loopback, the platform in another process."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import TypeAlias

import aiohttp
import urllib3

from benchmarks import peers
from benchmarks.measure import Figure, Result
from benchmarks.platform import ANSWER, PATH, serving
from wxoa import AsyncClient, Client

__all__ = ["measure_calls"]

TURN = 100
"""How many calls one turn has."""
AT_ONCE = 64
"""How many calls are under way at once where many are."""
QUERY = "?access_token=a-token-for-benchmarks"

Blocking: TypeAlias = Callable[[], object]
Awaiting: TypeAlias = Callable[[], Awaitable[object]]


def measure_calls(rounds: int) -> list[Result]:
    """Time calls.

    Args:
        rounds: How many turns each way gets, at least one.
    """
    with serving() as url:
        return [_blocking(url, rounds), *asyncio.run(_awaiting(url, rounds))]


def _checked(found: object) -> None:
    if found != ANSWER:
        raise AssertionError(f"expected {ANSWER!r}, got {found!r}")


def _result(title: str, taken: dict[str, list[float]]) -> Result:
    """Return a table of one column; the first way is its floor."""
    medians = {name: median(times) for name, times in taken.items()}
    floor = next(iter(medians.values()))
    figures = {name: (Figure(time, time / floor),) for name, time in medians.items()}
    return Result(title, ("getwaitcase",), {**figures})


def _blocking(url: str, rounds: int) -> Result:
    pool = urllib3.PoolManager()

    def raw() -> object:
        response = pool.urlopen("GET", f"{url}{PATH}{QUERY}", retries=False, redirect=False)
        return json.loads(response.data)

    with Client(app_id="wx1", app_secret="the-secret", base_url=url) as client:
        ways: dict[str, Blocking] = {
            "urllib3, pool.urlopen and json.loads": raw,
            "wxoa.Client": client.kf_session.wait_case_list,
        }
        wechatpy = peers.wechatpy()
        if wechatpy is not None:
            ways["wechatpy"] = wechatpy.caller(f"{url}/", PATH.lstrip("/"))
            _checked(ways["wechatpy"]())
        _checked(raw())
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                began = time.process_time()
                for _ in range(TURN):
                    way()
                taken[name].append((time.process_time() - began) / TURN)
            gc.collect()
    pool.clear()
    return _result("One call after the other, blocking", taken)


async def _awaiting(url: str, rounds: int) -> list[Result]:
    async with (
        aiohttp.ClientSession() as session,
        AsyncClient(app_id="wx1", app_secret="the-secret", base_url=url) as client,
    ):

        async def raw() -> object:
            async with session.get(f"{url}{PATH}{QUERY}") as response:
                return json.loads(await response.read())

        ways: dict[str, Awaiting] = {
            "aiohttp, session.get and json.loads": raw,
            "wxoa.AsyncClient": client.kf_session.wait_case_list,
        }
        _checked(await raw())
        one = {name: list[float]() for name in ways}
        many = {name: list[float]() for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                began = time.process_time()
                for _ in range(TURN):
                    await way()
                one[name].append((time.process_time() - began) / TURN)
                began = time.process_time()
                await asyncio.gather(*(_series(way, 2) for _ in range(AT_ONCE)))
                many[name].append((time.process_time() - began) / (2 * AT_ONCE))
            gc.collect()
    return [
        _result("One call after the other, awaiting", one),
        _result(f"{AT_ONCE} calls at once, awaiting", many),
    ]


async def _series(way: Awaiting, calls: int) -> None:
    for _ in range(calls):
        await way()

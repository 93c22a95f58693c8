"""Reading the entries of a worker's partitions in turn, as far as there is room."""

from __future__ import annotations

import asyncio

from wxruntime.stream.group import LostError
from wxruntime.stream.holding import Holding
from wxruntime.stream.holdings import Holdings
from wxruntime.stream.lanes import Lanes
from wxruntime.stream.steady import Steady
from wxruntime.stream.stream import Stream

__all__ = ["read"]

WAIT = 0.5
"""Seconds to wait for entries before checking whether the worker holds other partitions."""
PAGE = 100
"""The number of entries that are read at once at most."""


async def read(stream: Stream, holdings: Holdings, lanes: Lanes, steady: Steady) -> None:
    """Read entries into lanes until this is cancelled; entries lost by that are claimed later."""
    while True:
        serving = holdings.serving
        ready = [one for one in serving if one.ready]
        if not ready:
            await _ring(stream, serving, steady)
        for holding in ready:
            room = await lanes.vacancy()
            try:
                await _page(holding, holdings, lanes, min(room, PAGE), steady)
            except LostError:
                holdings.drop(holding)


async def _page(
    holding: Holding, holdings: Holdings, lanes: Lanes, count: int, steady: Steady
) -> None:
    if not holding.sure:
        await holdings.renew(holding)
    if holding.ended.is_set():
        return
    claiming = holding.group.claiming
    entries = await steady(lambda: holding.group.fetch(count))
    holding.ready = claiming or len(entries) == count
    lanes.add(holding, entries)


async def _ring(stream: Stream, serving: list[Holding], steady: Steady) -> None:
    """Wait until one of the partitions has new entries."""
    by_key = {stream.keys.partition(one.partition): one for one in serving}
    if not by_key:
        await asyncio.sleep(WAIT / 10)
        return
    after = {key: one.group.last for key, one in by_key.items()}
    for key in await steady(lambda: stream.link.ring(after, WAIT)):
        by_key[key].ready = True

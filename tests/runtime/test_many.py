"""A thousand calls at once on one event loop, ten thousand in all: nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.account import APP_ID, APP_SECRET
from wxoa import AsyncClient, kf_session
from wxoa.catalog import CATALOG
from wxruntime.sandbox import LocalWeChat

CONCURRENT = 1000
ROUNDS = 10


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))


async def rounds(url: str) -> tuple[list[int], list[int], list[int]]:
    """Send a thousand calls at once, ten times; memory, descriptors and tasks after each."""
    # The machine may be busy; a slow step is no fault.
    asyncio.get_running_loop().slow_callback_duration = 60.0
    memory: list[int] = []
    open_files: list[int] = []
    tasks: list[int] = []
    async with AsyncClient(app_id=APP_ID, app_secret=APP_SECRET, base_url=url) as client:
        for _ in range(ROUNDS):
            calls = (client.send(kf_session.wait_case_list()) for _ in range(CONCURRENT))
            queues = await asyncio.gather(*calls)

            assert len(queues) == CONCURRENT
            del queues, calls
            gc.collect()
            memory.append(sys.getallocatedblocks())
            open_files.append(descriptors())
            tasks.append(len(asyncio.all_tasks()))
    return memory, open_files, tasks


def main(url: str) -> None:
    """Do it in a process of its own, where warnings are errors and asyncio is in debug mode."""
    before = descriptors()
    memory, open_files, tasks = asyncio.run(rounds(url), debug=True)
    gc.collect()

    assert max(open_files) - before <= 100 + 3, open_files  # the pool, and the loop's own
    assert tasks == [1] * ROUNDS
    # Flat: one block left behind by each call would be a thousand more in every round. What grows
    # by itself now and then, a table or a cache, does so in one round and not in all of them.
    warm = memory[ROUNDS // 2 :]
    growth = min(later - earlier for earlier, later in itertools.pairwise(warm))
    assert growth < CONCURRENT // 2, memory
    assert descriptors() == before
    print(f"blocks of memory {memory}, connections {max(open_files) - before}")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what /proc shows")
def test_a_thousand_calls_at_once_leave_nothing_behind() -> None:
    """No connection, task, descriptor or warning; and memory is flat."""
    with LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.runtime.test_many", wechat.url],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    assert done.returncode == 0, done.stderr[-3000:]
    assert not done.stderr
    print(done.stdout)


if __name__ == "__main__":
    main(sys.argv[1])

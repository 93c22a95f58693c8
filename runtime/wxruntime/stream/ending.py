"""Ending tasks."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["end_all"]

_AGAIN = 0.1
"""After how long a task that still runs is cancelled again, in seconds."""


async def end_all(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks until all of them have ended.

    Once is not enough: before Python 3.12, `asyncio.wait_for` swallows a cancellation that comes
    in the moment in which it has its result, and redis-py waits by it.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # whoever wanted to know has asked

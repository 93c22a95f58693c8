"""Cancelling tasks until they have ended."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["end_all"]

_AGAIN = 0.1
"""Seconds after which a task that is still running is cancelled again."""


async def end_all(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks until all of them have ended.

    Cancelling once is not enough: before Python 3.12, `asyncio.wait_for` swallows a cancellation
    that comes at the moment of its result, and redis-py uses `wait_for`.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # retrieve it, or asyncio would log it

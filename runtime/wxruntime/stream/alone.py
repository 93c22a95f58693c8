"""Retrying, one at a time, the entries that may have killed a worker.

When a worker dies, every entry that it was handling is a suspect. If all of them started at once
again, an entry that kills workers would take the others with it each time, and in the end all of
them would become dead letters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

__all__ = ["Alone"]

PATIENCE = 5.0
"""Seconds for which a suspect keeps the others waiting; an entry that runs longer only hangs."""


class Alone:
    """Starts suspects one after the other."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, suspect: bool) -> AsyncGenerator[None]:
        """Wait for the suspects before this entry.

        Args:
            suspect: Whether this entry is a suspect; any other entry does not wait.
        """
        if not suspect:
            yield
            return
        await self._free.acquire()
        passed = [False]

        def pass_on() -> None:
            if not passed[0]:
                passed[0] = True
                self._free.release()

        timer = asyncio.get_running_loop().call_later(self._patience, pass_on)
        try:
            yield
        finally:
            timer.cancel()
            pass_on()

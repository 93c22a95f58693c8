"""One at a time, of the entries that a worker may have died of.

When a worker dies, every entry under way is suspect. Were they all begun at once again, one that
kills would take the others with it each time, and they would be dead letters with it in the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

__all__ = ["Alone"]

PATIENCE = 5.0
"""How long a suspect keeps the others waiting, in seconds; one that hangs is none that kills."""


class Alone:
    """Lets suspects begin one after the other."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, suspect: bool) -> AsyncGenerator[None]:
        """Wait for the suspects before this one.

        Args:
            suspect: Whether it is one; whoever is not waits for nobody.
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

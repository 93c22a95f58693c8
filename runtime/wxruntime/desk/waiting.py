"""The waiting queue, of which the platform lists only the first customers."""

from __future__ import annotations

from wxruntime.desk.calls import Calls
from wxruntime.desk.client import WaitingCase

__all__ = ["QueueReader"]


class QueueReader:
    """Reads the head of the queue repeatedly, and returns each customer once."""

    not_listed: int = 0
    """How many more customers waited than the platform listed, at the last reading."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._shown: set[str] = set()

    async def next(self) -> list[WaitingCase]:
        """Return the listed customers who were not listed before; empty once there are none."""
        queue = await self._calls.queue()
        self.not_listed = max(0, queue.total_count - len(queue.items))
        new = {case.openid: case for case in queue.items if case.openid not in self._shown}
        self._shown.update(new)
        return list(new.values())

"""The waiting queue, of which the platform shows the head alone."""

from __future__ import annotations

from wxruntime.desk.calls import Calls
from wxruntime.desk.client import WaitingCase

__all__ = ["QueueReader"]


class QueueReader:
    """The head of the queue, again and again, without whom it has shown before."""

    not_listed: int = 0
    """How many waited beyond the head when it was last asked for."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._shown: set[str] = set()

    async def next(self) -> list[WaitingCase]:
        """Return who is at the head and was not before; nobody, once it no longer moves."""
        queue = await self._calls.queue()
        self.not_listed = max(0, queue.total_count - len(queue.items))
        new = {case.openid: case for case in queue.items if case.openid not in self._shown}
        self._shown.update(new)
        return list(new.values())

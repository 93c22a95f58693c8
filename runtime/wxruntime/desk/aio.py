"""The desk for a client that awaits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from wxruntime.desk.assignment import Assignment, Most, Policy, Strategy, assign, least_loaded
from wxruntime.desk.calls import AwaitingCalls
from wxruntime.desk.client import AsyncDeskClient, WaitingCase
from wxruntime.desk.transfer import Transfer, transfer
from wxruntime.desk.typing_state import AGAIN, EVERY, PATIENCE, QUICK, Keeping
from wxruntime.desk.waiting import Heads

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncDesk", "AsyncTyping"]


class AsyncDesk:
    """A customer-service desk on one event loop, as its client is."""

    def __init__(
        self, client: AsyncDeskClient, *, most: Most = None, strategy: Strategy = least_loaded
    ) -> None:
        """Call nothing yet; see `Desk`."""
        self._client = client
        self._calls = AwaitingCalls(client)
        self._policy = Policy(most, strategy)

    async def waiting(self) -> AsyncIterator[WaitingCase]:
        """Go through the customers who wait, in order of arrival; see `Desk.waiting`."""
        heads = Heads(self._calls)
        while cases := await heads.next():
            for case in cases:
                yield case

    async def assign(self) -> Assignment:
        """Assign the customers at the head of the queue; see `Desk.assign`."""
        return await assign(self._calls, self._policy, drain=False)

    async def drain(self) -> Assignment:
        """Assign everybody who waits; see `Desk.drain`."""
        return await assign(self._calls, self._policy, drain=True)

    async def transfer(self, wanted: Transfer) -> None:
        """Move a customer from one account to another; see `Desk.transfer`.

        Who is cancelled meanwhile is so only when it is over: between its halves nobody serves the
        customer.
        """
        work = asyncio.ensure_future(transfer(self._calls, wanted))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await _ended(work)
            raise

    def typing(self, openid: str, *, every: float = EVERY, again: float = AGAIN) -> AsyncTyping:
        """Show a customer that somebody types, for as long as an `async with` block runs.

        A task keeps it alive; see `Desk.typing`.
        """
        quick = self._client.with_options(timeout=PATIENCE, retry=QUICK)
        return AsyncTyping(Keeping(AwaitingCalls(quick), openid, every, again))


async def _ended(work: asyncio.Future[None]) -> None:
    """Wait for a task, however often that is cancelled; nobody asks for its error any more."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({work})
    if not work.cancelled():
        work.exception()


class AsyncTyping:
    """A block during which a customer sees that somebody types; for one `async with`."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    @property
    def error(self) -> Exception | None:
        """What went wrong last; None while all goes well."""
        return self._keeping.error

    @property
    def kept(self) -> bool:
        """Whether it goes on as long as the block does: some refusals end it before."""
        return self._keeping.kept

    async def _pause(self, seconds: float) -> bool:
        await asyncio.wait({self._over}, timeout=seconds)
        return self._over.done()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = loop.create_future()
        self._task = loop.create_task(self._keeping.keep(self._pause), name="wxoa-typing")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set_result(None)
        await self._task

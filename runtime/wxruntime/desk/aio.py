"""The desk for a client that awaits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from wxruntime.desk.assignment import (
    Assignment,
    MaxCustomers,
    Policy,
    Strategy,
    assign,
    least_loaded,
)
from wxruntime.desk.calls import AwaitingCalls
from wxruntime.desk.client import AsyncDeskClient, WaitingCase
from wxruntime.desk.transfer import Transfer, log_suppressed_failure, transfer
from wxruntime.desk.typing_state import (
    CALL_TIMEOUT,
    EVERY,
    ONE_TRY,
    RETRY_EVERY,
    TypingKeeper,
    TypingStatus,
)
from wxruntime.desk.waiting import QueueReader

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["AsyncDesk", "AsyncTyping"]


class AsyncDesk:
    """A customer-service desk on one event loop, as its client is."""

    def __init__(
        self,
        client: AsyncDeskClient,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
    ) -> None:
        """Call nothing yet; see `Desk`."""
        self._client = client
        self._calls = AwaitingCalls(client)
        self._policy = Policy(max_customers, strategy)

    async def waiting(self) -> AsyncIterator[WaitingCase]:
        """Go through the customers who wait, in order of arrival; see `Desk.waiting`."""
        queue = QueueReader(self._calls)
        while cases := await queue.next():
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
        customer. The end of `asyncio.run` waits for it as well. Its failure is then logged, and the
        cause of the cancellation.
        """
        work = _apart(transfer(self._calls, wanted))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as cancelled:
            cancelled.__cause__ = await _failure(work, cancelled)
            raise

    def typing(
        self, openid: str, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> AsyncTyping:
        """Show a customer that somebody types, for as long as an `async with` block runs.

        A task keeps it alive; see `Desk.typing`.
        """
        quick = self._client.with_options(timeout=CALL_TIMEOUT, retry=ONE_TRY)
        return AsyncTyping(TypingKeeper(AwaitingCalls(quick), openid, every, retry_every))


def _apart(work: Coroutine[object, None, None]) -> asyncio.Task[None]:
    """Begin a task that the end of `asyncio.run` does not cancel; whoever waits for it is."""
    task = asyncio.get_running_loop().create_task(work, name="wxoa-transfer")
    # Part of what asyncio documents for extending it. Nothing else keeps a request that is on its
    # way from being cut, after which nobody could know whether it will be done.
    asyncio.tasks._unregister_task(task)
    return task


async def _failure(
    work: asyncio.Task[None], cancelled: asyncio.CancelledError
) -> BaseException | None:
    """Wait for a task, however often that is cancelled, and return what made it fail."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({work})
    try:
        failure = work.exception()
    except asyncio.CancelledError as error:  # it has logged that itself
        return error.__cause__
    if isinstance(failure, Exception):
        log_suppressed_failure(cancelled, failure)
    return failure


class AsyncTyping(TypingStatus):
    """A block during which a customer sees that somebody types; for one `async with`."""

    def __init__(self, keeper: TypingKeeper) -> None:
        super().__init__(keeper)
        self._over = False
        self._woken = asyncio.Event()

    def refresh(self) -> None:
        """Have it asked for now, after a message that ended it; see `Typing.refresh`."""
        self._woken.set()

    async def _pause(self, seconds: float) -> bool:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
        return self._over

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._keeper.keep(self._pause), name="wxoa-typing")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over = True
        self._woken.set()
        await self._task

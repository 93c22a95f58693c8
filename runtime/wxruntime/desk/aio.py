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
    """A customer-service desk on the event loop of its client."""

    def __init__(
        self,
        client: AsyncDeskClient,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
    ) -> None:
        """Build a desk without sending anything; see `Desk`."""
        self._client = client
        self._calls = AwaitingCalls(client)
        self._policy = Policy(max_customers, strategy)

    async def waiting(self) -> AsyncIterator[WaitingCase]:
        """Yield the customers who wait, in order of arrival; see `Desk.waiting`."""
        queue = QueueReader(self._calls)
        while cases := await queue.next():
            for case in cases:
                yield case

    async def assign(self) -> Assignment:
        """Assign the customers at the head of the queue; see `Desk.assign`.

        If the calling task is cancelled, the run stops, and the cancellation has an
        `AssignmentFailed` as its `__cause__`, with the customers assigned up to then.
        """
        return await assign(self._calls, self._policy, drain=False)

    async def drain(self) -> Assignment:
        """Assign all waiting customers; see `Desk.drain`, and `assign` for a cancellation."""
        return await assign(self._calls, self._policy, drain=True)

    async def transfer(self, wanted: Transfer) -> None:
        """Move a customer from one account to another; see `Desk.transfer`.

        If the calling task is cancelled, the transfer still runs to its end before
        `CancelledError` is raised, because between close and create no account serves the
        customer. `asyncio.run` also waits for it. A failure is logged and becomes the `__cause__`
        of the cancellation.
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
        """Show a customer the typing state for as long as an `async with` block runs.

        A task renews the typing state; see `Desk.typing`.
        """
        quick = self._client.with_options(timeout=CALL_TIMEOUT, retry=ONE_TRY)
        return AsyncTyping(TypingKeeper(AwaitingCalls(quick), openid, every, retry_every))


def _apart(work: Coroutine[object, None, None]) -> asyncio.Task[None]:
    """Start a task that `asyncio.run` does not cancel at exit.

    Only the task that waits for it is cancelled.
    """
    task = asyncio.get_running_loop().create_task(work, name="wxoa-transfer")
    # asyncio documents this function for other implementations of tasks. Without it, `asyncio.run`
    # would cut a request on its way, and nothing could tell whether the platform carries it out.
    asyncio.tasks._unregister_task(task)
    return task


async def _failure(
    work: asyncio.Task[None], cancelled: asyncio.CancelledError
) -> BaseException | None:
    """Wait for a task, however often the waiting is cancelled; return the task's error, if any."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({work})
    try:
        failure = work.exception()
    except asyncio.CancelledError as error:  # the task has logged the failure itself
        return error.__cause__
    if isinstance(failure, Exception):
        log_suppressed_failure(cancelled, failure)
    return failure


class AsyncTyping(TypingStatus):
    """A block during which a customer sees the typing state; good for one `async with`."""

    def __init__(self, keeper: TypingKeeper) -> None:
        super().__init__(keeper)
        self._over = False
        self._woken = asyncio.Event()

    def refresh(self) -> None:
        """Request the typing state now, after a message has ended it; see `Typing.refresh`."""
        self._woken.set()

    async def _pause(self, seconds: float) -> bool:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
        return self._over

    async def __aenter__(self) -> Self:
        self._enter()
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

"""The desk for a client that blocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import copy_context
from types import TracebackType
from typing import TYPE_CHECKING

from wxruntime.concurrency import run
from wxruntime.desk.assignment import (
    Assignment,
    MaxCustomers,
    Policy,
    Strategy,
    assign,
    least_loaded,
)
from wxruntime.desk.calls import BlockingCalls
from wxruntime.desk.client import DeskClient, WaitingCase
from wxruntime.desk.transfer import Transfer, transfer
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

__all__ = ["Desk", "Typing"]


class Desk:
    """A customer-service desk; safe to share between threads, as its client is."""

    def __init__(
        self,
        client: DeskClient,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
    ) -> None:
        """Build a desk without sending anything.

        Args:
            client: Sends the calls; the caller closes it.
            max_customers: How many customers an account serves at once: one number for all
                accounts, or a number for each account by its name, where an account that is not
                named has no limit, unless the mapping has a default; no limit by default.
            strategy: Chooses one of the given agents for a customer; None leaves the customer
                waiting. It is called, and not awaited.

        Raises:
            ValueError: If a limit is not a whole number of 0 or more.
            TypeError: If the strategy is not a function, or is a coroutine function.
        """
        self._client = client
        self._calls = BlockingCalls(client)
        self._policy = Policy(max_customers, strategy)

    def waiting(self) -> Iterator[WaitingCase]:
        """Yield the customers who wait, in order of arrival.

        The platform lists at most the first 100 waiting customers: of 150, the last 50 become
        visible only after customers before them have been served. So the list is fetched again
        after each pass, until it shows no new customer. A caller that opens conversations on the
        way sees the whole queue; a caller that only looks sees its first 100 customers.

        Yields:
            Each waiting customer once.

        Raises:
            WeChatError: If the queue cannot be listed.
        """
        queue = QueueReader(self._calls)
        while cases := run(queue.next()):
            yield from cases

    def assign(self) -> Assignment:
        """Assign the customers at the head of the queue, at most 100, to accounts that are online.

        A customer whom another account serves by then is skipped. An account that has gone offline
        gets no customer for the rest of the run. Customers assigned before an error stay assigned.

        Returns:
            Who was assigned to which account, and who still waits and why. A customer whom the
            platform does not know is listed there with the platform's error.

        Raises:
            AssignmentFailed: If a call fails for another reason, or the strategy raises an error or
                returns an agent that it was not given. Its `assignment` holds the result up to
                then, its `__cause__` the reason. A KeyboardInterrupt is raised as it is, with an
                `AssignmentFailed` as its `__cause__`.
        """
        return run(assign(self._calls, self._policy, drain=False))

    def drain(self) -> Assignment:
        """Assign all waiting customers, by listing the head of the queue until it is empty.

        The run ends when the head shows no new customer, or no account can serve any more. The
        online list is read again for each round, so accounts that come online during the run
        serve in it. See `assign` for what is returned and raised.
        """
        return run(assign(self._calls, self._policy, drain=True))

    def transfer(self, wanted: Transfer) -> None:
        """Move a customer from one account to another: close one conversation, create the next.

        The online list is checked first. A close without an answer is sent again. If the new
        conversation cannot be created, the former account gets the customer back, where possible.
        A KeyboardInterrupt is raised only after the customer is with one of the two accounts; a
        failure is then logged and becomes the `__cause__` of the interruption.

        Args:
            wanted: The customer and the two accounts; it also names the events to expect.

        Raises:
            TransferFailed: If the new account does not serve the customer in the end. Its
                `standing` says who does, its `__cause__` why.
            WeChatError: If the platform refuses to close the conversation, or cannot be reached;
                then nothing has changed.
        """
        run(transfer(self._calls, wanted))

    def typing(
        self, openid: str, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> Typing:
        """Show a customer the typing state for as long as a `with` block runs.

        A thread renews the typing state. A failure neither breaks the block nor delays its end by
        more than 10 seconds; it is kept as `Typing.error`. The platform refuses the typing state
        if no message was exchanged with the customer in the last 30 seconds.

        Args:
            openid: The customer.
            every: Seconds between two requests; the platform shows the typing state for 15.
            retry_every: Seconds before the next request after the platform answered that the
                typing state is still shown (45081).

        Returns:
            A context manager for one `with` block; a second block raises a `RuntimeError`.

        Raises:
            ValueError: If a time is not a number, not above zero, or not finite.
        """
        quick = self._client.with_options(timeout=CALL_TIMEOUT, retry=ONE_TRY)
        return Typing(TypingKeeper(BlockingCalls(quick), openid, every, retry_every))


class Typing(TypingStatus):
    """A block during which a customer sees the typing state; good for one `with`."""

    def __init__(self, keeper: TypingKeeper) -> None:
        super().__init__(keeper)
        self._over = False
        self._woken = threading.Event()
        # In the context variables of the block, so that traces attach the calls to the block.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._keep,), name="wxoa-typing", daemon=True
        )

    def refresh(self) -> None:
        """Request the typing state now, after a message has ended it; return without waiting."""
        self._woken.set()

    def _keep(self) -> None:
        run(self._keeper.keep(self._pause))

    async def _pause(self, seconds: float) -> bool:
        self._woken.wait(min(seconds, threading.TIMEOUT_MAX))
        self._woken.clear()
        return self._over

    def __enter__(self) -> Self:
        self._enter()
        try:
            self._thread.start()
        except RuntimeError as error:  # too many threads, or the interpreter is shutting down
            self._keeper.give_up(error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over = True
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join()

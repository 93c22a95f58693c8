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
        """Call nothing yet.

        Args:
            client: Sends the calls; it stays the caller's to close.
            max_customers: How many customers an account serves at once: one number for all
                accounts, or a number for each account by its name, where an account that is not
                named has no limit; no limit by default.
            strategy: Chooses who serves a customer, among the agents that it is given; None
                leaves the customer waiting.

        Raises:
            ValueError: If a limit is not a whole number, or is below zero.
        """
        self._client = client
        self._calls = BlockingCalls(client)
        self._policy = Policy(max_customers, strategy)

    def waiting(self) -> Iterator[WaitingCase]:
        """Go through the customers who wait, in order of arrival.

        The platform lists 100 at most, whatever it counts: with 150 who wait, the last 50 come
        into sight only when those before them are served. So this lists the head, goes through it,
        and lists it again, until nobody is there who was not there before. Whoever accepts the
        customers on the way comes to see all of them, and else those at the head.

        Raises:
            WeChatError: If the platform does not list them.
        """
        queue = QueueReader(self._calls)
        while cases := run(queue.next()):
            yield from cases

    def assign(self) -> Assignment:
        """Assign the customers at the head of the queue, at most 100, to accounts online.

        Somebody else may serve a customer by then, and an account may have gone offline: the one is
        passed over, the other left out for the rest of the run. What was assigned before an error
        stays assigned.

        Raises:
            AssignmentFailed: If a call fails, the platform refuses something else, or the strategy
                raises or chooses whom it was not given. It holds what came of the run by then, and
                its cause says why. A customer whom the platform does not know is not raised, but
                stands in the result with its error.
        """
        return run(assign(self._calls, self._policy, drain=False))

    def drain(self) -> Assignment:
        """Assign everybody who waits: the head of the queue again and again; see `assign`.

        It ends when the head shows nobody new, or nobody can serve any more. The online list is
        read again for each round, so that it sees who comes online meanwhile.
        """
        return run(assign(self._calls, self._policy, drain=True))

    def transfer(self, wanted: Transfer) -> None:
        """Move a customer from one account to another: close, and create.

        The online list is looked at first. If the second half fails, the customer goes back to
        the former account, where that is possible. What interrupts it, such as a key that is
        pressed, is raised when one or the other is done; a failure is then logged, and its cause.

        Args:
            wanted: Who, from where and to where; it names the events to expect.

        Raises:
            TransferFailed: If the customer is not with the account that was to serve; it says how
                they stand, and its cause says why.
            WeChatError: If the platform refuses to close the conversation, or cannot be reached;
                then nothing was done.
        """
        run(transfer(self._calls, wanted))

    def typing(
        self, openid: str, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> Typing:
        """Show a customer that somebody types, for as long as a `with` block runs.

        A thread keeps it alive. Nothing that goes wrong with it breaks the block, or holds up its
        end for more than some seconds; `Typing.error` tells of it. It ends by itself for a
        customer with whom no message passed in 30 seconds.

        Args:
            openid: The customer.
            every: After how many seconds it is asked for again; the platform shows it for 15.
            retry_every: After how many seconds, where the platform says that it is shown still.

        Raises:
            ValueError: If a time is not above zero, or is not finite.
        """
        quick = self._client.with_options(timeout=CALL_TIMEOUT, retry=ONE_TRY)
        return Typing(TypingKeeper(BlockingCalls(quick), openid, every, retry_every))


class Typing(TypingStatus):
    """A block during which a customer sees that somebody types; for one `with`."""

    def __init__(self, keeper: TypingKeeper) -> None:
        super().__init__(keeper)
        self._over = False
        self._woken = threading.Event()
        # In the context of the block, so that a trace shows where its calls belong.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._keep,), name="wxoa-typing", daemon=True
        )

    def refresh(self) -> None:
        """Have it asked for now, after a message that ended it; nobody waits for the answer."""
        self._woken.set()

    def _keep(self) -> None:
        run(self._keeper.keep(self._pause))

    async def _pause(self, seconds: float) -> bool:
        self._woken.wait(min(seconds, threading.TIMEOUT_MAX))
        self._woken.clear()
        return self._over

    def __enter__(self) -> Self:
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

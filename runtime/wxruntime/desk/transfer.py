"""Moving a customer from one account to another: a close, a create, and the events of both.

The platform has no call for a transfer. Between the two halves no account serves the customer, so
after a failure there the platform is asked who serves the customer.

A call without an answer may be carried out later, after the platform has answered who serves the
customer. Once another account serves, such a call does no harm, because the platform refuses it.
But a late close ends the conversation if the customer is with the former account.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import Protocol, runtime_checkable

from attrs import frozen

from wxruntime.desk.calls import Calls
from wxruntime.desk.codes import NO_CONVERSATION, SERVED_BY_ANOTHER, may_be_done, may_be_under_way
from wxruntime.errors import ApiError, WeChatError

__all__ = [
    "SessionEvent",
    "Standing",
    "Transfer",
    "TransferFailed",
    "log_suppressed_failure",
    "transfer",
]

_log = logging.getLogger("wxoa.desk")


@runtime_checkable
class _Session(Protocol):
    """A pushed event about a conversation with one account."""

    @property
    def event_type(self) -> str: ...

    @property
    def from_user_name(self) -> str: ...

    @property
    def kf_account(self) -> str: ...


@frozen
class SessionEvent:
    """An event about a conversation, which the platform is expected to push."""

    event_type: str
    """The wire name, such as `kf_close_session`."""
    openid: str
    kf_account: str

    def matches(self, push: object) -> bool:
        """Return whether a push is this event.

        Args:
            push: An event or message, as a handler gets it.
        """
        return isinstance(push, _Session) and self == SessionEvent(
            push.event_type, push.from_user_name, push.kf_account
        )


def _closed(openid: str, kf_account: str) -> SessionEvent:
    return SessionEvent("kf_close_session", openid, kf_account)


def _created(openid: str, kf_account: str) -> SessionEvent:
    return SessionEvent("kf_create_session", openid, kf_account)


@frozen
class Transfer:
    """A customer, the account to leave and the account to reach.

    Make a `Transfer` before you pass it to `Desk.transfer`, and a handler can recognize its events.
    A transfer that an agent makes by hand is pushed differently, as one `kf_switch_session`.
    """

    openid: str
    """The customer."""
    from_kf_account: str
    """The account that serves the customer now."""
    to_kf_account: str
    """The account that is to serve the customer."""

    def __attrs_post_init__(self) -> None:
        if self.from_kf_account == self.to_kf_account:
            raise ValueError(
                f"transfer: expected two accounts, got {self.to_kf_account!r} for both"
            )

    @property
    def events(self) -> tuple[SessionEvent, SessionEvent]:
        """The events that are pushed when the transfer succeeds, in this order."""
        return (
            _closed(self.openid, self.from_kf_account),
            _created(self.openid, self.to_kf_account),
        )

    @property
    def rollback_events(self) -> tuple[SessionEvent, SessionEvent]:
        """The events that are pushed when the former account gets the customer back, in order."""
        return (
            _closed(self.openid, self.from_kf_account),
            _created(self.openid, self.from_kf_account),
        )

    def explains(self, push: object) -> bool:
        """Return whether a push is an event of this transfer, or of its rollback.

        Args:
            push: An event or message, as a handler gets it.
        """
        return any(event.matches(push) for event in (*self.events, *self.rollback_events))


class Standing(str, Enum):
    """Who serves a customer after a failed transfer."""

    OFFLINE = "offline"
    """Nothing has changed, because the new account is not online."""
    UNTOUCHED = "untouched"
    """Nothing has changed: the former account serves the customer as before."""
    RETURNED = "returned"
    """The former account serves the customer again, in a new conversation."""
    TAKEN = "taken"
    """A third account serves the customer."""
    UNSERVED = "unserved"
    """No account serves the customer."""
    UNKNOWN = "unknown"
    """Not known: the platform could not be asked, or it may still carry out a call that it has not
    answered."""


_OUTCOMES = {
    Standing.OFFLINE: "it is not online, and nothing has changed; choose one of the online list",
    Standing.UNTOUCHED: "nothing has changed, {served_by} serves the customer as before",
    Standing.RETURNED: "{served_by} serves the customer again",
    Standing.TAKEN: "{served_by} has taken the customer over",
    Standing.UNSERVED: "no account serves the customer; open a conversation with another one",
    Standing.UNKNOWN: "who serves the customer is not known, and a call may still be under way; "
    "ask kf_session.get in a minute",
}


class TransferFailed(WeChatError):
    """Raised when a transfer ends without the new account; its `__cause__` says why."""

    transfer: Transfer
    """The transfer that failed."""
    standing: Standing
    """How the customer is served now."""
    served_by: str
    """The account that serves the customer now; empty if none does, or if it is not known."""

    def __init__(self, transfer: Transfer, standing: Standing, served_by: str = "") -> None:
        super().__init__(transfer, standing, served_by)
        self.transfer = transfer
        self.standing = standing
        self.served_by = served_by

    def __str__(self) -> str:
        wanted = self.transfer
        outcome = _OUTCOMES[self.standing].format(served_by=self.served_by)
        return f"{wanted.to_kf_account} could not take {wanted.openid} over: {outcome}"

    @property
    def events(self) -> tuple[SessionEvent, ...]:
        """The events that are pushed all the same, in this order; empty if nothing has changed.

        If the standing is `UNKNOWN`, each of them may be pushed or not.
        """
        if self.standing is Standing.UNKNOWN:
            return (*self.transfer.events, self.transfer.rollback_events[1])
        if self.standing is Standing.RETURNED:
            return self.transfer.rollback_events
        if self.standing in (Standing.TAKEN, Standing.UNSERVED):
            return self.transfer.events[:1]
        return ()


async def transfer(calls: Calls, wanted: Transfer) -> None:
    """Close a conversation and create the next one.

    An interruption between the two, such as a cancellation or a KeyboardInterrupt, is raised only
    after the customer is with one of the two accounts.

    Raises:
        TransferFailed: If the new account does not serve the customer in the end.
        WeChatError: If the online list cannot be read, or the conversation cannot be closed; then
            nothing has changed.
    """
    online = {account.kf_account for account in await calls.online() if account.status}
    if wanted.to_kf_account not in online:
        raise TransferFailed(wanted, Standing.OFFLINE)
    halves = _Halves(calls, wanted)
    try:
        await halves.close()
        await halves.open()
        return
    except WeChatError:
        raise
    except BaseException as error:
        interruption = error
    # After the except block, so that a failure here does not get the interruption as its context.
    failure = await _finish_interrupted(interruption, halves)
    if failure is not None:
        raise interruption from failure
    raise interruption


async def _finish_interrupted(
    interruption: BaseException, halves: _Halves
) -> TransferFailed | None:
    """Finish a transfer after an interruption, and return its failure, if any."""
    failure: TransferFailed | None = TransferFailed(halves.wanted, Standing.UNKNOWN)
    try:
        # GeneratorExit: the event loop has ended, and nothing can be awaited any more.
        if not isinstance(interruption, GeneratorExit):
            await halves.finish()
            failure = None
    except TransferFailed as failed:
        failure = failed
    finally:  # a second interruption ends this at once, and the outcome stays unknown
        if failure is not None:
            log_suppressed_failure(interruption, failure)
    return failure


def log_suppressed_failure(interruption: BaseException, failure: BaseException) -> None:
    """Log a failure that is not raised, because an interruption is raised instead.

    Args:
        interruption: The exception that is raised.
        failure: The failure of the transfer.
    """
    standing = failure.standing.value if isinstance(failure, TransferFailed) else "not moved"
    # The text of a foreign exception may hold anything.
    text = failure if isinstance(failure, WeChatError) else type(failure).__name__
    _log.warning(
        "a transfer interrupted by %s has failed (%s): %s",
        type(interruption).__name__,
        standing,
        text,
    )


class _Halves:
    """The two halves of one transfer, and what is known of them."""

    def __init__(self, calls: Calls, wanted: Transfer) -> None:
        self.wanted = wanted
        self._calls = calls
        self._closed = False
        """Whether the former conversation is closed."""
        self._late_close = False
        """Whether the platform may still carry out a close that it has not answered."""
        self._late_create = False
        """Whether the platform may still carry out a create that it has not answered."""

    async def close(self) -> None:
        """Close the conversation.

        Raises:
            TransferFailed: If it cannot be closed now, but a close may be carried out later, or the
                customer is not with the former account any more.
            WeChatError: If the platform refuses the first close, or it was not sent: nothing has
                changed.
        """
        wanted = self.wanted
        try:
            await self._calls.close(wanted.openid, wanted.from_kf_account)
        except WeChatError as error:
            if not may_be_done(error):
                raise
            self._late_close = may_be_under_way(error)
            await self._close_again()
        self._closed = True

    async def finish(self) -> None:
        """Do what is left after an interruption, which may have hit any call."""
        if not self._closed:
            self._late_close = True
            await self._close_again()
            self._closed = True
        await self.open()

    async def _close_again(self) -> None:
        """Close the conversation after a first close that the platform may have carried out.

        It does not help to ask who serves: while the first close is under way, the former account
        still does. The second close is answered with 0 if the conversation was open until now. It
        is refused if the first one was carried out, and also if another account has taken the
        customer since. In each case the former conversation is closed.
        """
        wanted = self.wanted
        try:
            await self._calls.close(wanted.openid, wanted.from_kf_account)
        except WeChatError as error:
            code = error.code if isinstance(error, ApiError) else 0
            if code == NO_CONVERSATION:
                self._late_close = False  # the first close has ended the conversation
                return
            if code in SERVED_BY_ANOTHER:
                return
            self._late_close = self._late_close or may_be_under_way(error)
            served_by = await self._served_by()
            if served_by == wanted.from_kf_account and not self._late_close:
                untouched = TransferFailed(wanted, Standing.UNTOUCHED, wanted.from_kf_account)
                raise untouched from error
            if served_by not in ("", wanted.to_kf_account):
                raise self._failure(served_by) from error

    async def open(self) -> None:
        """Create the next conversation, or else give the customer back to the former account."""
        try:
            await self._create(self.wanted.to_kf_account)
        except WeChatError as error:
            # The conversation may exist, and only the answer be lost.
            served_by = await self._served_by()
            if not served_by:
                served_by = await self._give_back()
            if served_by != self.wanted.to_kf_account:
                raise self._failure(served_by) from error

    async def _give_back(self) -> str | None:
        """Give the customer back to the former account if possible; return who serves then."""
        try:
            await self._create(self.wanted.from_kf_account)
        except WeChatError:
            return await self._served_by()
        return self.wanted.from_kf_account

    async def _create(self, kf_account: str) -> None:
        try:
            await self._calls.open(self.wanted.openid, kf_account)
        except WeChatError as error:
            self._late_create = self._late_create or may_be_under_way(error)
            raise

    async def _served_by(self) -> str | None:
        """Return the account that serves the customer, empty if none does; None if unknown."""
        try:
            return await self._calls.serving(self.wanted.openid)
        except WeChatError:
            return None

    def _failure(self, served_by: str | None) -> TransferFailed:
        """Return the failure for an account that serves, empty if none does; None if unknown."""
        wanted = self.wanted
        if not served_by:
            unknown = served_by is None or self._late_create
            return TransferFailed(wanted, Standing.UNKNOWN if unknown else Standing.UNSERVED)
        if served_by != wanted.from_kf_account:
            return TransferFailed(wanted, Standing.TAKEN, served_by)
        if self._late_close:
            return TransferFailed(wanted, Standing.UNKNOWN)
        return TransferFailed(wanted, Standing.RETURNED, served_by)

"""Moving a customer from one account to another: a close, a create, and the events of both.

The platform has no call for a transfer. Between the two halves no account serves the customer, so
after a failure there the platform is asked who serves the customer.
"""

from __future__ import annotations

import logging
from enum import Enum
from typing import Protocol, runtime_checkable

from attrs import frozen

from wxruntime.desk.calls import Calls
from wxruntime.errors import ApiError, DecodeError, TransportError, WeChatError

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
    """Not known: the platform could not be asked."""


_OUTCOMES = {
    Standing.OFFLINE: "it is not online, and nothing has changed; choose one of the online list",
    Standing.UNTOUCHED: "nothing has changed, {served_by} serves the customer as before",
    Standing.RETURNED: "{served_by} serves the customer again",
    Standing.TAKEN: "{served_by} has taken the customer over",
    Standing.UNSERVED: "no account serves the customer; open a conversation with another one",
    Standing.UNKNOWN: "who serves the customer is not known; ask kf_session.get",
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
        """The events that are pushed all the same, in this order; empty if they are not known."""
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
    closed = False
    try:
        await _close(calls, wanted)
        closed = True
        await _open(calls, wanted)
        return
    except WeChatError:
        raise
    except BaseException as error:
        interruption = error
    # After the except block, so that a failure here does not get the interruption as its context.
    failure = await _finish_interrupted(interruption, calls, wanted, closed)
    if failure is not None:
        raise interruption from failure
    raise interruption


async def _finish_interrupted(
    interruption: BaseException, calls: Calls, wanted: Transfer, closed: bool
) -> TransferFailed | None:
    """Finish a transfer after an interruption, and return its failure, if any."""
    failure: TransferFailed | None = TransferFailed(wanted, Standing.UNKNOWN)
    try:
        # GeneratorExit: the event loop has ended, and nothing can be awaited any more.
        if not isinstance(interruption, GeneratorExit):
            if not closed:
                await _check_closed(calls, wanted)
            await _open(calls, wanted)
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


async def _close(calls: Calls, wanted: Transfer) -> None:
    """Close the conversation, or raise an error that says that it is still open."""
    try:
        await calls.close(wanted.openid, wanted.from_kf_account)
    except WeChatError as error:
        if not _may_be_done(error):
            raise
        try:
            await _check_closed(calls, wanted)
        except TransferFailed as failed:
            raise failed from error


def _may_be_done(error: WeChatError) -> bool:
    """Return whether the platform may have carried out a call that failed.

    Its answer may be lost or unreadable, or it is a code after which the call may be repeated.
    """
    if isinstance(error, TransportError):
        return error.sent
    return isinstance(error, DecodeError) or (isinstance(error, ApiError) and error.retryable)


async def _check_closed(calls: Calls, wanted: Transfer) -> None:
    """Ask whether a close was carried out whose answer is lost; raise if it was not."""
    served_by = await _served_by(calls, wanted)
    if served_by == wanted.from_kf_account:
        raise TransferFailed(wanted, Standing.UNTOUCHED, wanted.from_kf_account)
    # If no account serves the customer, the close was carried out and only its answer was lost.
    if served_by not in ("", wanted.to_kf_account):
        raise _failure(wanted, served_by)


async def _open(calls: Calls, wanted: Transfer) -> None:
    """Create the next conversation, or else give the customer back to the former account."""
    try:
        await calls.open(wanted.openid, wanted.to_kf_account)
    except WeChatError as error:
        # The conversation may exist, and only the answer be lost.
        served_by = await _served_by(calls, wanted)
        if not served_by:
            served_by = await _give_back(calls, wanted)
        if served_by != wanted.to_kf_account:
            raise _failure(wanted, served_by) from error


async def _give_back(calls: Calls, wanted: Transfer) -> str | None:
    """Give the customer back to the former account if possible; return who serves then."""
    try:
        await calls.open(wanted.openid, wanted.from_kf_account)
    except WeChatError:
        return await _served_by(calls, wanted)
    return wanted.from_kf_account


async def _served_by(calls: Calls, wanted: Transfer) -> str | None:
    """Return the account that serves the customer, empty if none does; None if unknown."""
    try:
        return await calls.serving(wanted.openid)
    except WeChatError:
        return None


def _failure(wanted: Transfer, served_by: str | None) -> TransferFailed:
    if served_by is None:
        return TransferFailed(wanted, Standing.UNKNOWN)
    if not served_by:
        return TransferFailed(wanted, Standing.UNSERVED)
    returned = served_by == wanted.from_kf_account
    return TransferFailed(wanted, Standing.RETURNED if returned else Standing.TAKEN, served_by)

"""Moving a customer from one account to another: a close, a create, and the events of both.

The platform has no call for it. Between the two halves nobody serves the customer, so that
whatever goes wrong there is followed by a look at who does.
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
    """An event about a conversation with one account."""

    @property
    def event_type(self) -> str: ...

    @property
    def from_user_name(self) -> str: ...

    @property
    def kf_account(self) -> str: ...


@frozen
class SessionEvent:
    """An event that the platform is going to push."""

    event_type: str
    """Its name on the wire."""
    openid: str
    kf_account: str

    def matches(self, push: object) -> bool:
        """Say whether a push is this event.

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
    """A customer's way from one account to another.

    It is made before it is sent, so that a handler can know of it before its events are pushed.
    A transfer by an agent's own hand is pushed as one `kf_switch_session`, and is none of these.
    """

    openid: str
    """The customer."""
    from_kf_account: str
    """The account that serves."""
    to_kf_account: str
    """The account that is to serve."""

    def __attrs_post_init__(self) -> None:
        if self.from_kf_account == self.to_kf_account:
            raise ValueError(
                f"transfer: expected two accounts, got {self.to_kf_account!r} for both"
            )

    @property
    def events(self) -> tuple[SessionEvent, SessionEvent]:
        """What is pushed when it goes well, in this order."""
        return (
            _closed(self.openid, self.from_kf_account),
            _created(self.openid, self.to_kf_account),
        )

    @property
    def rollback_events(self) -> tuple[SessionEvent, SessionEvent]:
        """What is pushed when the customer goes back to the former account, in this order."""
        return (
            _closed(self.openid, self.from_kf_account),
            _created(self.openid, self.from_kf_account),
        )

    def explains(self, push: object) -> bool:
        """Say whether a push is an event of this transfer, or of its return.

        Args:
            push: An event or message, as a handler gets it.
        """
        return any(event.matches(push) for event in (*self.events, *self.rollback_events))


class Standing(str, Enum):
    """How a customer stands after a transfer that failed."""

    OFFLINE = "offline"
    """Nothing was done, because the account that was to serve is not online."""
    UNTOUCHED = "untouched"
    """Nothing was done: the former account serves them as before."""
    RETURNED = "returned"
    """The former account serves them again, in a new conversation."""
    TAKEN = "taken"
    """Somebody else serves them."""
    UNSERVED = "unserved"
    """Nobody serves them."""
    UNKNOWN = "unknown"
    """The platform does not say."""


_OUTCOMES = {
    Standing.OFFLINE: "it is not online, so nothing was done; choose one of the online list",
    Standing.UNTOUCHED: "nothing was done, {served_by} serves the customer as before",
    Standing.RETURNED: "{served_by} serves the customer again",
    Standing.TAKEN: "{served_by} has taken the customer over",
    Standing.UNSERVED: "nobody serves the customer; open a conversation with another account",
    Standing.UNKNOWN: "who serves the customer is not known; ask kf_session.get",
}


class TransferFailed(WeChatError):
    """Raised when a customer is not with the account that was to serve; its cause says why."""

    transfer: Transfer
    """What was wanted."""
    standing: Standing
    """How the customer stands now."""
    served_by: str
    """Who serves the customer now; empty when nobody does, or nobody was asked."""

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
        """What is pushed all the same, in this order; not known where the standing is not."""
        if self.standing is Standing.RETURNED:
            return self.transfer.rollback_events
        if self.standing in (Standing.TAKEN, Standing.UNSERVED):
            return self.transfer.events[:1]
        return ()


async def transfer(calls: Calls, wanted: Transfer) -> None:
    """Close a conversation and open the next one.

    Whatever interrupts it between the two, be it a cancellation or a key that was pressed, is
    raised when the customer is somewhere again.

    Raises:
        TransferFailed: If the customer is not with the account that was to serve.
        WeChatError: If the online list does not come, or the conversation cannot be closed; then
            nothing was done.
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
    # Outside of the handler, so that what fails now does not point back at the interruption.
    failure = await _finish_interrupted(interruption, calls, wanted, closed)
    if failure is not None:
        raise interruption from failure
    raise interruption


async def _finish_interrupted(
    interruption: BaseException, calls: Calls, wanted: Transfer, closed: bool
) -> TransferFailed | None:
    """Do what is left of a transfer, and return why the customer is not where they should be."""
    failure: TransferFailed | None = TransferFailed(wanted, Standing.UNKNOWN)
    try:
        # An event loop that has ended lets nothing be awaited any more.
        if not isinstance(interruption, GeneratorExit):
            if not closed:
                await _check_closed(calls, wanted)
            await _open(calls, wanted)
            failure = None
    except TransferFailed as failed:
        failure = failed
    finally:  # a second interruption ends it, and then nobody knows
        if failure is not None:
            log_suppressed_failure(interruption, failure)
    return failure


def log_suppressed_failure(interruption: BaseException, failure: BaseException) -> None:
    """Log a failure that nobody is told of, because an interruption is raised instead.

    Args:
        interruption: What is raised.
        failure: What came of the transfer.
    """
    standing = failure.standing.value if isinstance(failure, TransferFailed) else "not moved"
    said = failure if isinstance(failure, WeChatError) else type(failure).__name__
    _log.warning(
        "a transfer that %s interrupted has failed (%s): %s",
        type(interruption).__name__,
        standing,
        said,
    )


async def _close(calls: Calls, wanted: Transfer) -> None:
    """Close the conversation, or raise while nothing is done."""
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
    """Say whether a call may have been done: its answer was lost, or says that it may be tried."""
    if isinstance(error, TransportError):
        return error.sent
    return isinstance(error, DecodeError) or (isinstance(error, ApiError) and error.retryable)


async def _check_closed(calls: Calls, wanted: Transfer) -> None:
    """Look whether a close was done whose answer nobody has, or raise how the customer stands."""
    served_by = await _served_by(calls, wanted)
    if served_by == wanted.from_kf_account:
        raise TransferFailed(wanted, Standing.UNTOUCHED, wanted.from_kf_account)
    # It was done, if nobody serves the customer: the answer alone was lost.
    if served_by not in ("", wanted.to_kf_account):
        raise _failure(wanted, served_by)


async def _open(calls: Calls, wanted: Transfer) -> None:
    """Open the next conversation, or return the customer to the former account."""
    try:
        await calls.open(wanted.openid, wanted.to_kf_account)
    except WeChatError as error:
        # The answer alone may have been lost.
        served_by = await _served_by(calls, wanted)
        if not served_by:
            served_by = await _give_back(calls, wanted)
        if served_by != wanted.to_kf_account:
            raise _failure(wanted, served_by) from error


async def _give_back(calls: Calls, wanted: Transfer) -> str | None:
    """Return the customer to the former account, where possible; who serves them then."""
    try:
        await calls.open(wanted.openid, wanted.from_kf_account)
    except WeChatError:
        return await _served_by(calls, wanted)
    return wanted.from_kf_account


async def _served_by(calls: Calls, wanted: Transfer) -> str | None:
    """Return who serves the customer, empty when nobody does; None when nobody says."""
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

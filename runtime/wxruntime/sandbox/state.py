"""The state of the platform, shared by the families of calls and the stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from attrs import Factory, define, field

from wxruntime.catalog import Catalog
from wxruntime.sandbox.account import Account
from wxruntime.sandbox.clock import Clock
from wxruntime.sandbox.correspondence import Correspondence
from wxruntime.sandbox.customers import Customers
from wxruntime.sandbox.desk import Changes, DeskState
from wxruntime.sandbox.library import Library
from wxruntime.sandbox.quotas import Quotas
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.request_log import RefusedRequests
from wxruntime.sandbox.tokens import Tokens
from wxruntime.sandbox.transcript import Transcript

__all__ = ["PlatformState"]


def _refused_requests(state: PlatformState) -> RefusedRequests:
    return RefusedRequests(state.account.app_secret)


def _desk(state: PlatformState) -> DeskState:
    return DeskState(state.customers)


def _correspondence(state: PlatformState) -> Correspondence:
    return Correspondence(state.customers)


@define(eq=False)
class PlatformState:
    """The state of the platform; the caller must hold its lock.

    State that only one family of calls needs is kept by that family.
    """

    catalog: Catalog
    """Describes the calls, the pushes and the error codes."""
    account: Account
    """The account that calls and receives pushes."""
    clock: Clock
    """The time of the local WeChat."""
    _push: Callable[[Changes], None]
    """Pushes the changes of the desk."""
    callback_url: str | None = field(default=None, repr=False)
    """The address of the callback; None if there is none."""
    customers: Customers = field(factory=Customers)
    """The known customers, shared by the desk and the correspondence."""
    desk: DeskState = field(init=False, default=Factory(_desk, takes_self=True))
    correspondence: Correspondence = field(
        init=False, default=Factory(_correspondence, takes_self=True)
    )
    transcript: Transcript = field(factory=Transcript)
    library: Library = field(factory=Library)
    tokens: Tokens = field(factory=Tokens)
    quotas: Quotas = field(factory=Quotas)
    refused_requests: RefusedRequests = field(
        init=False, default=Factory(_refused_requests, takes_self=True)
    )
    executed: Counter[str] = field(factory=Counter[str])
    """Operation → how many calls succeeded; refused calls are not counted."""
    refuses_ip: bool = False
    """Whether token requests are refused because the caller's address is not on the whitelist."""

    def now(self) -> int:
        """Return the time in whole Unix seconds."""
        return int(self.clock.now())

    def error_message(self, refusal: Refusal) -> str:
        """Return the platform's message for a refusal."""
        described = self.catalog.errors.get(refusal.code)
        return refusal.message or (described.doc.rstrip(".") if described else "refused")

    def push(self, changes: Changes) -> None:
        """Enter changes of the desk into the transcript, and push them."""
        self.transcript.take(changes)
        self._push(changes)

    def tick(self) -> None:
        """End the conversations that are idle for too long; call it before anything else."""
        self.push(self.desk.end_idle(self.now()))

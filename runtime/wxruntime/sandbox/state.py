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
    """The state of the platform; not safe for threads by itself.

    What only one family of calls needs is kept by that family.
    """

    catalog: Catalog
    """What there is to be called."""
    account: Account
    """Who may call."""
    clock: Clock
    """Tells the time."""
    _push: Callable[[Changes], None]
    """Takes what is to be told to the callback."""
    callback_url: str | None = field(default=None, repr=False)
    """Where the callback listens; None where there is none."""
    customers: Customers = field(factory=Customers)
    """Whom the desk knows as well as the correspondence."""
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
    """How often each call did what it was asked for; a refused one did nothing."""
    refuses_ip: bool = False
    """Whether whoever asks for a token is told that their address is on no list."""

    def now(self) -> int:
        """Return the time in whole Unix seconds."""
        return int(self.clock.now())

    def push(self, changes: Changes) -> None:
        """Write down what has happened at the desk, and tell the callback of it."""
        self.transcript.take(changes)
        self._push(changes)

    def tick(self) -> None:
        """Let happen what time alone brings about; call it before anything else."""
        self.push(self.desk.end_idle(self.now()))

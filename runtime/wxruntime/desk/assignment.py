"""Assigning waiting customers to accounts that are online.

Conflicts are the normal case: other desks assign too, agents accept by hand, accounts go offline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from attrs import frozen

from wxruntime.desk.calls import Calls
from wxruntime.desk.client import OnlineAccount, WaitingCase
from wxruntime.desk.codes import ACCOUNT_UNAVAILABLE, INVALID_OPENID, SERVED_BY_ANOTHER
from wxruntime.desk.waiting import Heads
from wxruntime.errors import ApiError

__all__ = [
    "Agent",
    "Assigned",
    "Assignment",
    "Left",
    "Most",
    "Policy",
    "Reason",
    "Strategy",
    "assign",
    "least_loaded",
]


@frozen
class Agent:
    """An account that can take one more customer."""

    kf_account: str
    """Its name, prefix@wechat-id."""
    load: int
    """How many customers it serves, those assigned in this run included."""


Strategy: TypeAlias = Callable[[Sequence[Agent], WaitingCase], "Agent | None"]
"""Chooses who serves a customer, among one agent or more; None leaves the customer waiting."""

Most: TypeAlias = "int | Mapping[str, int] | None"
"""How many customers an account serves at once: any, each by its name, or no limit."""


def least_loaded(agents: Sequence[Agent], case: WaitingCase) -> Agent:
    """Choose the agent with the fewest customers, of several the first one of the online list."""
    return min(agents, key=lambda agent: agent.load)


class Reason(str, Enum):
    """Why a customer still waits."""

    NOBODY_ONLINE = "nobody_online"
    """No account is online, or none of those that are could serve."""
    ALL_FULL = "all_full"
    """Every account that is online serves as many customers as it takes."""
    DECLINED = "declined"
    """The strategy chose nobody."""
    REFUSED = "refused"
    """The platform knows no such customer, though it lists them; see the error."""


@frozen
class Assigned:
    """A customer whom an account serves now."""

    openid: str
    kf_account: str


@frozen
class Left:
    """A customer who still waits."""

    openid: str
    reason: Reason
    error: ApiError | None = None
    """What the platform said, where it refused the customer."""


@frozen
class Assignment:
    """What came of a run."""

    assigned: tuple[Assigned, ...]
    """Who is served now, in the order of the queue. Where two desks have chosen the same account
    for a customer, both list them: for the platform it is one conversation.
    """
    left: tuple[Left, ...]
    """Who was looked at and still waits."""
    served_elsewhere: tuple[str, ...]
    """Who was served by somebody else when their turn came."""
    unavailable: Mapping[str, ApiError]
    """Which accounts were left out after the platform refused them, and what it said."""
    beyond: int
    """How many waited beyond the head of the queue when it was last listed."""


@frozen
class Policy:
    """Who may serve, and who is chosen."""

    most: Most
    strategy: Strategy

    def __attrs_post_init__(self) -> None:
        limits = self.most.values() if isinstance(self.most, Mapping) else (self.most,)
        for limit in limits:
            if limit is not None and limit < 0:
                raise ValueError(f"most: expected 0 customers or more, got {limit}")

    def has_room(self, agent: Agent) -> bool:
        """Say whether an agent may take one more customer."""
        most = self.most.get(agent.kf_account) if isinstance(self.most, Mapping) else self.most
        return most is None or agent.load < most


async def assign(calls: Calls, policy: Policy, *, drain: bool) -> Assignment:
    """Assign the customers at the head of the queue.

    Args:
        calls: Sends.
        policy: Who may serve, and who is chosen.
        drain: Whether to list the head again, until it shows nobody new or nobody can serve. Each
            round looks at customers whom no round has looked at, so it ends with the queue.
    """
    run = _Run(calls, policy, await calls.online())
    heads = Heads(calls)
    cases = await heads.next()
    while cases:
        for case in cases:
            await run.place(case)
        cases = await heads.next() if drain and run.free() else []
    return run.result(heads.beyond)


class _Run:
    """One run, from the online list to its result."""

    def __init__(self, calls: Calls, policy: Policy, online: Iterable[OnlineAccount]) -> None:
        self._calls = calls
        self._policy = policy
        self._loads = {a.kf_account: a.accepted_case for a in online if a.status}
        self._assigned: list[Assigned] = []
        self._left: list[Left] = []
        self._elsewhere: list[str] = []
        self._unavailable: dict[str, ApiError] = {}

    def free(self) -> list[Agent]:
        """Return the agents who can take one more customer."""
        agents = (Agent(name, load) for name, load in self._loads.items())
        return [agent for agent in agents if self._policy.has_room(agent)]

    async def place(self, case: WaitingCase) -> None:
        """Find an account for a customer; one that cannot serve is left out from then on."""
        while (agent := self._chosen(case)) is not None:
            try:
                await self._calls.open(case.openid, agent.kf_account)
            except ApiError as error:
                if error.code in ACCOUNT_UNAVAILABLE:
                    del self._loads[agent.kf_account]
                    self._unavailable[agent.kf_account] = _kept(error)
                    continue
                if error.code in SERVED_BY_ANOTHER:
                    self._elsewhere.append(case.openid)
                elif error.code == INVALID_OPENID:
                    # Raised, it would keep all who stand behind from being served, in each run.
                    self._left.append(Left(case.openid, Reason.REFUSED, _kept(error)))
                else:
                    raise
            else:
                self._loads[agent.kf_account] += 1
                self._assigned.append(Assigned(case.openid, agent.kf_account))
            return

    def _chosen(self, case: WaitingCase) -> Agent | None:
        """Return who is to serve a customer; None, once it is noted why nobody is."""
        free = self.free()
        if not free:
            reason = Reason.ALL_FULL if self._loads else Reason.NOBODY_ONLINE
            self._left.append(Left(case.openid, reason))
            return None
        agent = self._policy.strategy(free, case)
        if agent is None:
            self._left.append(Left(case.openid, Reason.DECLINED))
        elif agent not in free:
            raise ValueError(f"strategy: expected one of {free} or None, got {agent!r}")
        return agent

    def result(self, beyond: int) -> Assignment:
        """Return what came of it."""
        return Assignment(
            tuple(self._assigned),
            tuple(self._left),
            tuple(self._elsewhere),
            self._unavailable,
            beyond,
        )


def _kept(error: ApiError) -> ApiError:
    """Return an error without its frames, which would keep the whole run alive."""
    return error.with_traceback(None)

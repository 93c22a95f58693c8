"""Assigning waiting customers to accounts that are online.

Conflicts are expected: other desks assign at the same time, agents accept customers by hand, and
accounts go offline.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from inspect import iscoroutinefunction
from typing import TypeAlias

from attrs import frozen

from wxruntime.desk.calls import Calls
from wxruntime.desk.checks import is_count
from wxruntime.desk.client import WaitingCase
from wxruntime.desk.codes import ACCOUNT_UNAVAILABLE, INVALID_OPENID, SERVED_BY_ANOTHER
from wxruntime.desk.waiting import QueueReader
from wxruntime.errors import ApiError, WeChatError

__all__ = [
    "Agent",
    "Assigned",
    "Assignment",
    "AssignmentFailed",
    "MaxCustomers",
    "Policy",
    "Reason",
    "StillWaiting",
    "Strategy",
    "assign",
    "least_loaded",
]

_log = logging.getLogger("wxoa.desk")


@frozen
class Agent:
    """An account that can take one more customer."""

    kf_account: str
    """Its name, prefix@wechat-id."""
    load: int
    """How many customers it serves, including those assigned in this run."""


Strategy: TypeAlias = Callable[[Sequence[Agent], WaitingCase], "Agent | None"]
"""Chooses one of the given agents, at least one, for a customer; None lets the customer wait."""

MaxCustomers: TypeAlias = "int | Mapping[str, int] | None"
"""How many customers an account serves at once: one number for all accounts, a number for each
account by its name, or no limit."""


def least_loaded(agents: Sequence[Agent], case: WaitingCase) -> Agent:
    """Choose the agent with the fewest customers; of several, the first one of the online list."""
    return min(agents, key=lambda agent: agent.load)


class Reason(str, Enum):
    """Why a customer still waits."""

    NOBODY_ONLINE = "nobody_online"
    """No account is online, or the platform refused every account that is."""
    ALL_FULL = "all_full"
    """Every account that is online has reached its limit."""
    DECLINED = "declined"
    """The strategy chose no agent."""
    REFUSED = "refused"
    """The platform lists the customer, and yet refuses the openid as unknown; see the error."""


@frozen
class Assigned:
    """A customer whom an account serves now."""

    openid: str
    kf_account: str


@frozen
class StillWaiting:
    """A customer who still waits."""

    openid: str
    reason: Reason
    error: ApiError | None = None
    """The platform's answer if it refused the customer; None otherwise."""


@frozen
class Assignment:
    """The result of a run."""

    assigned: tuple[Assigned, ...]
    """The customers who are served now, in the order of the queue. If two desks chose the same
    account for a customer, both list the customer: the platform takes it for one conversation.
    """
    waiting: tuple[StillWaiting, ...]
    """The customers whom the run has tried to assign and who still wait."""
    served_elsewhere: tuple[str, ...]
    """The customers whom another account already served when the run came to them, by openid."""
    unavailable: Mapping[str, ApiError]
    """The accounts that the platform refused during the run, each with the platform's answer."""
    not_listed: int
    """How many more customers waited than the platform listed, when the queue was last read."""


@frozen
class Policy:
    """Which agents may serve, and how one of them is chosen."""

    max_customers: MaxCustomers
    strategy: Strategy

    def __attrs_post_init__(self) -> None:
        given = self.max_customers
        for limit in given.values() if isinstance(given, Mapping) else (given,):
            _check_limit(limit)
        _check_strategy(self.strategy)

    def has_room(self, agent: Agent) -> bool:
        """Say whether an agent may take one more customer."""
        limit = self.max_customers
        if isinstance(limit, Mapping):
            try:
                limit = limit[agent.kf_account]  # `get` would not ask a defaultdict for its default
            except KeyError:
                limit = None
            _check_limit(limit)
        return limit is None or agent.load < limit

    def choose(self, agents: Sequence[Agent], case: WaitingCase) -> Agent | None:
        """Return the agent that the strategy chooses for a customer; None if it declines."""
        agent = self.strategy(agents, case)
        if agent is not None and agent not in agents:
            raise _WrongValue(f"strategy: expected one of {agents} or None, got {agent!r}")
        return agent


class _WrongValue(ValueError):
    """Raised when the caller's strategy or limits do not serve; its text is the desk's own."""


def _check_limit(limit: object) -> None:
    if limit is not None and not is_count(limit):
        raise _WrongValue(
            f"max_customers: expected a whole number of customers, 0 or more, got {limit!r}"
        )


def _check_strategy(strategy: object) -> None:
    if not callable(strategy):
        raise TypeError(
            "strategy: expected a function of the agents and the waiting customer, got "
            f"{strategy!r}"
        )
    if iscoroutinefunction(strategy) or iscoroutinefunction(type(strategy).__call__):
        raise TypeError(
            "strategy: expected a function that returns an agent, got a coroutine function "
            f"{strategy!r}; a strategy is not awaited"
        )


class AssignmentFailed(WeChatError):
    """Raised when a run stops early; its `__cause__` says why.

    An interruption of a run is raised as it is, and has an `AssignmentFailed` as its `__cause__`.
    """

    assignment: Assignment
    """The result up to then. Customers assigned by then stay assigned."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self.assignment = assignment

    def __str__(self) -> str:
        number = len(self.assignment.assigned)
        text = f"the run stopped early ({number} assigned so far, and they stay assigned)"
        cause = self.__cause__
        if cause is None:
            return text
        # The text of a foreign exception may hold anything.
        own = isinstance(cause, (WeChatError, _WrongValue))
        return f"{text}: {cause if own else type(cause).__name__}"


async def assign(calls: Calls, policy: Policy, *, drain: bool) -> Assignment:
    """Assign the customers at the head of the queue.

    Args:
        calls: The calls of the client.
        policy: Which agents may serve, and how one of them is chosen.
        drain: Whether to list the head again, until it shows no new customer or no account can
            serve. Each round tries only customers whom no earlier round has tried, so the run ends.

    Returns:
        The result of the run.

    Raises:
        AssignmentFailed: If anything fails on the way. An interruption, such as a cancellation or a
            KeyboardInterrupt, is raised as it is, with an `AssignmentFailed` as its `__cause__`.
    """
    run = _Run(calls, policy)
    queue = QueueReader(calls)
    try:
        await run.look()
        cases = await queue.next()
        while cases:
            for case in cases:
                await run.place(case)
            cases = await queue.next() if drain and await run.look() else []
    except GeneratorExit:  # the event loop has ended, and so has everyone who could read a result
        raise
    except BaseException as error:
        failure = AssignmentFailed(run.result(queue.not_listed))
        if isinstance(error, Exception):
            raise failure from error
        _log.warning("a run was interrupted by %s: %s", type(error).__name__, failure)
        raise error from failure
    return run.result(queue.not_listed)


class _Run:
    """One run, from the first online list to its result."""

    def __init__(self, calls: Calls, policy: Policy) -> None:
        self._calls = calls
        self._policy = policy
        self._online: list[str] = []
        self._loads: dict[str, int] = {}
        self._outdated = False
        """Whether a conversation was requested since the online list was read."""
        self._crowded = False
        """Whether another desk or agent took a customer since the online list was read."""
        self._assigned: list[Assigned] = []
        self._waiting: list[StillWaiting] = []
        self._elsewhere: list[str] = []
        self._unavailable: dict[str, ApiError] = {}

    async def look(self) -> tuple[Agent, ...]:
        """Read the online list, and return the agents that can take one more customer.

        The documentation does not say whether the list counts customers assigned a moment ago, so
        a load never falls during a run.
        """
        online = [account for account in await self._calls.online() if account.status]
        for account in online:
            counted = self._loads.get(account.kf_account, 0)
            self._loads[account.kf_account] = max(counted, account.accepted_case)
        names = (account.kf_account for account in online)
        self._online = [name for name in names if name not in self._unavailable]
        self._outdated = self._crowded = False
        return self._free()

    def _free(self) -> tuple[Agent, ...]:
        """Return the agents that can take one more customer, by the last online list."""
        agents = (Agent(name, self._loads[name]) for name in self._online)
        return tuple(agent for agent in agents if self._policy.has_room(agent))

    async def place(self, case: WaitingCase) -> None:
        """Assign a customer; an account that the platform refuses gets no more customers."""
        while (agent := await self._chosen(case)) is not None:
            self._outdated = True
            try:
                await self._calls.open(case.openid, agent.kf_account)
            except ApiError as error:
                if error.code in ACCOUNT_UNAVAILABLE:
                    self._online.remove(agent.kf_account)
                    self._unavailable[agent.kf_account] = _kept(error)
                    continue
                if error.code in SERVED_BY_ANOTHER:
                    self._elsewhere.append(case.openid)
                    self._crowded = True
                elif error.code == INVALID_OPENID:
                    # An error here would stop every run at this customer, and so keep all the
                    # customers behind from being served.
                    self._waiting.append(StillWaiting(case.openid, Reason.REFUSED, _kept(error)))
                else:
                    raise
            else:
                self._loads[agent.kf_account] += 1
                self._assigned.append(Assigned(case.openid, agent.kf_account))
            return

    async def _chosen(self, case: WaitingCase) -> Agent | None:
        """Return the agent for a customer; None, after noting why the customer still waits."""
        free = await self._found_free()
        if not free:
            reason = Reason.ALL_FULL if self._online else Reason.NOBODY_ONLINE
            self._waiting.append(StillWaiting(case.openid, reason))
            return None
        agent = self._policy.choose(free, case)
        if agent is None:
            self._waiting.append(StillWaiting(case.openid, Reason.DECLINED))
        return agent

    async def _found_free(self) -> tuple[Agent, ...]:
        """Return the agents that can take one more customer; look again before returning none."""
        if self._crowded:
            return await self.look()
        return self._free() or (await self.look() if self._outdated else ())

    def result(self, not_listed: int) -> Assignment:
        """Return the result so far."""
        return Assignment(
            tuple(self._assigned),
            tuple(self._waiting),
            tuple(self._elsewhere),
            dict(self._unavailable),
            not_listed,
        )


def _kept(error: ApiError) -> ApiError:
    """Return an error without its frames, which would keep the whole run alive."""
    return error.with_traceback(None)

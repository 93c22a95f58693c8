"""Assigning waiting customers to accounts that are online."""

from __future__ import annotations

import asyncio
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from tests.account import APP_SECRET
from tests.desk.desks import APP_ID, AwaitingDesk, BlockingDesk, Desks
from tests.desk.interruptions import interruptible, press_once, warnings
from tests.desk.people import JUDY, MIKE, SARA, come, served, waiting
from tests.desk.scripted import CREATE, OK, queue_of_two, refusal
from tests.runtime.faults import Fault, faulty_proxy
from tests.runtime.servers import serving
from wxoa import Client, errors
from wxruntime.desk import (
    Agent,
    Assigned,
    Assignment,
    AssignmentFailed,
    Desk,
    Reason,
    StillWaiting,
    WaitingCase,
    least_loaded,
)
from wxruntime.desk.assignment import Policy, assign
from wxruntime.desk.calls import BlockingCalls
from wxruntime.desk.client import OnlineAccount
from wxruntime.desk.codes import ACCOUNT_UNAVAILABLE, INVALID_OPENID, SERVED_BY_ANOTHER
from wxruntime.sandbox import Admin, LocalWeChat


def test_the_least_loaded_account_is_assigned_next(desk_of: Desks, admin: Admin) -> None:
    """What an account served before the run counts, and what it is assigned in the run."""
    (busy,) = come(admin, 1, SARA, MIKE)
    admin.accept(busy, SARA)
    customers = come(admin, 6)[1:]

    assignment = desk_of().assign()

    by_turns = zip(customers, [MIKE, SARA, MIKE, SARA, MIKE], strict=True)
    assert assignment.assigned == tuple(Assigned(*turn) for turn in by_turns)
    assert not assignment.waiting
    assert not assignment.served_elsewhere
    assert Counter(account for _, account in served(admin)) == {SARA: 3, MIKE: 3}


def test_nobody_is_assigned_more_than_they_take(desk_of: Desks, admin: Admin) -> None:
    """One number for all accounts; whoever finds no room waits on, and is told why."""
    customers = come(admin, 5, SARA, MIKE)

    assignment = desk_of(max_customers=2).assign()

    assert len(assignment.assigned) == 4
    assert assignment.waiting == (StillWaiting(customers[4], Reason.ALL_FULL),)
    assert waiting(admin) == customers[4:]


def test_each_account_has_its_own_limit(desk_of: Desks, admin: Admin) -> None:
    """One that is not named has none, and one with 0 takes nobody."""
    come(admin, 7, SARA, MIKE, JUDY)

    desk_of(max_customers={SARA: 2, MIKE: 0}).assign()

    assert Counter(account for _, account in served(admin)) == {SARA: 2, JUDY: 5}


def test_nobody_serves_when_nobody_is_online(desk_of: Desks, admin: Admin) -> None:
    """Everybody who was looked at waits on."""
    customers = come(admin, 2)
    admin.put_account(SARA, online=False)

    assignment = desk_of().drain()

    assert assignment.waiting == tuple(StillWaiting(o, Reason.NOBODY_ONLINE) for o in customers)
    assert waiting(admin) == customers


def test_an_account_that_is_listed_as_offline_is_not_online(desk_of: Desks) -> None:
    """The list has a status, and 0 means nowhere."""
    with serving(queue_of_two({SARA: 0, MIKE: 2}, OK)) as server:
        assignment = desk_of(server.base_url).assign()

    assert assignment.assigned == (Assigned("o6_000", MIKE), Assigned("o6_001", MIKE))


def test_whom_somebody_else_accepts_meanwhile_is_passed_over(desk_of: Desks, admin: Admin) -> None:
    """Agents accept by hand, after the queue was listed and before a customer's turn comes."""
    first, second, third = come(admin, 3, SARA, MIKE)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent | None:
        if case.openid == second:
            admin.accept(second, MIKE)
            return agents[0]
        return least_loaded(agents, case)

    assignment = desk_of(strategy=strategy).drain()

    assert assignment.served_elsewhere == (second,)
    assert [assigned.openid for assigned in assignment.assigned] == [first, third]
    assert dict(served(admin))[second] == MIKE


def test_an_account_that_goes_offline_is_left_out_from_then_on(
    desk_of: Desks, admin: Admin
) -> None:
    """The customer goes to another account, and nobody else is offered to the one that left."""
    customers = come(admin, 4, SARA, MIKE)
    offered: list[set[str]] = []

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        offered.append({agent.kf_account for agent in agents})
        if len(offered) == 1:
            admin.put_account(SARA, online=False)
        return agents[0]

    assignment = desk_of(strategy=strategy).drain()

    assert assignment.assigned == tuple(Assigned(openid, MIKE) for openid in customers)
    assert {name: error.code for name, error in assignment.unavailable.items()} == {SARA: 65415}
    assert offered == [{SARA, MIKE}, *[{MIKE}] * 4]


def test_when_the_last_account_leaves_the_rest_waits(desk_of: Desks, admin: Admin) -> None:
    """The run ends there, however many wait beyond the head."""
    customers = come(admin, 120, SARA)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == customers[1]:
            admin.put_account(SARA, online=False)
        return agents[0]

    assignment = desk_of(strategy=strategy).drain()

    assert assignment.assigned == (Assigned(customers[0], SARA),)
    assert assignment.waiting == tuple(
        StillWaiting(o, Reason.NOBODY_ONLINE) for o in customers[1:100]
    )
    assert assignment.not_listed == 20


def test_a_customer_whom_the_platform_does_not_know_holds_nobody_up(desk_of: Desks) -> None:
    """They are left with the platform's error, and those behind them are served."""
    with serving(queue_of_two({SARA: 1}, refusal(40003), OK)) as server:
        assignment = desk_of(server.base_url).drain()

    (one,) = assignment.waiting
    assert (one.openid, one.reason) == ("o6_000", Reason.REFUSED)
    assert isinstance(one.error, errors.InvalidOpenid)
    assert assignment.assigned == (Assigned("o6_001", SARA),)


@pytest.mark.parametrize("code", [45009, 48001, 65400, 61450])
def test_whatever_else_is_refused_is_raised(desk_of: Desks, code: int) -> None:
    """With the platform's own error."""
    with serving(queue_of_two({SARA: 1}, refusal(code))) as server:
        desk = desk_of(server.base_url)
        with pytest.raises(AssignmentFailed) as raised:
            desk.drain()

    cause = raised.value.__cause__
    assert isinstance(cause, errors.ApiError)
    assert cause.code == code
    assert str(raised.value).endswith(f"(0 assigned so far, and they stay assigned): {cause}")


def test_each_head_is_drained_after_the_other(desk_of: Desks, admin: Admin) -> None:
    """All 230 are served, though the platform never lists more than 100."""
    customers = come(admin, 230, SARA, MIKE, JUDY)

    assignment = desk_of().drain()

    assert [assigned.openid for assigned in assignment.assigned] == customers
    assert assignment.not_listed == 0
    assert sorted(Counter(account for _, account in served(admin)).values()) == [76, 77, 77]
    assert not waiting(admin)


def test_one_head_alone_is_assigned(desk_of: Desks, admin: Admin) -> None:
    """And it is said how many wait beyond it."""
    customers = come(admin, 130, SARA)

    assignment = desk_of().assign()

    assert (len(assignment.assigned), assignment.not_listed) == (100, 30)
    assert waiting(admin) == customers[100:]


def test_a_queue_that_does_not_move_ends_the_run(desk_of: Desks, admin: Admin) -> None:
    """Whoever is declined is looked at once."""
    customers = come(admin, 130, SARA)
    asked: list[str] = []

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> None:
        asked.append(case.openid)

    assignment = desk_of(strategy=strategy).drain()

    assert asked == customers[:100]
    assert assignment.waiting == tuple(StillWaiting(o, Reason.DECLINED) for o in customers[:100])
    assert assignment.not_listed == 30


def test_declining_some_does_not_hide_those_behind_them(desk_of: Desks, admin: Admin) -> None:
    """Every second one of the 130 waits on; the others make room in the head."""
    customers = come(admin, 130, SARA)
    declined = set(customers[::2])

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent | None:
        return None if case.openid in declined else agents[0]

    assignment = desk_of(strategy=strategy).drain()

    assert {one.openid for one in assignment.waiting} == declined
    assert len(assignment.assigned) == 65


def test_a_strategy_may_only_choose_from_what_it_is_given(desk_of: Desks, admin: Admin) -> None:
    """Anybody else is its mistake."""
    come(admin, 1, SARA)
    desk = desk_of(strategy=lambda agents, case: Agent(MIKE, 0))

    with pytest.raises(AssignmentFailed) as raised:
        desk.assign()
    assert isinstance(raised.value.__cause__, ValueError)
    complaint = str(raised.value.__cause__)
    assert re.match(r"strategy: expected one of .*sara.* or None, got .*mike", complaint)
    assert str(raised.value).endswith(f"and they stay assigned): {complaint}")
    assert len(waiting(admin)) == 1


def test_what_a_strategy_is_given_is_immutable(desk_of: Desks, admin: Admin) -> None:
    """It cannot take out of the run's own list whom it chooses."""
    come(admin, 2, SARA, MIKE)
    given: list[Sequence[Agent]] = []

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        given.append(agents)
        return agents[0]

    desk_of(strategy=strategy).assign()

    assert [type(agents) for agents in given] == [tuple, tuple]


def test_a_run_that_fails_tells_whom_it_assigned(desk_of: Desks) -> None:
    """The first customer is served, and the platform refuses the second."""
    with serving(queue_of_two({SARA: 1}, OK, refusal(45009))) as server:
        desk = desk_of(server.base_url)
        with pytest.raises(AssignmentFailed) as raised:
            desk.drain()

    assert raised.value.assignment.assigned == (Assigned("o6_000", SARA),)
    assert isinstance(raised.value.__cause__, errors.ApiError)


def test_a_strategy_that_raises_loses_no_result(desk_of: Desks, admin: Admin) -> None:
    """Its error is the cause; and its words, which may be anything, are not repeated."""
    first, second = come(admin, 2, SARA)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == second:
            raise LookupError("nobody knows them")
        return agents[0]

    desk = desk_of(strategy=strategy)
    with pytest.raises(AssignmentFailed) as raised:
        desk.assign()

    assert raised.value.assignment.assigned == (Assigned(first, SARA),)
    assert str(raised.value.__cause__) == "nobody knows them"
    assert str(raised.value) == (
        "the run stopped early (1 assigned so far, and they stay assigned): LookupError"
    )


def test_the_error_of_a_run_can_be_pickled() -> None:
    """With what it has done."""
    failed = AssignmentFailed(Assignment((Assigned("o6_000", SARA),), (), (), {}, 3))

    copied = pickle.loads(pickle.dumps(failed))

    assert copied.assignment == failed.assignment
    assert str(copied) == "the run stopped early (1 assigned so far, and they stay assigned)"


def result_behind(error: BaseException | None) -> Assignment:
    """Return the result among an error's causes."""
    while error is not None and not isinstance(error, AssignmentFailed):
        error = error.__cause__ or error.__context__
    assert error is not None
    return error.assignment


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_an_interrupted_run_tells_whom_it_assigned(
    wechat: LocalWeChat,
    admin: Admin,
    caplog: pytest.LogCaptureFixture,
    kind: type[BaseException],
) -> None:
    """What has interrupted it is raised as it is, and the result is its cause."""
    first, second, _ = come(admin, 3, SARA)
    interruption = kind()

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == second:
            raise interruption
        return agents[0]

    desk = BlockingDesk(wechat.url, strategy=strategy)
    with pytest.raises(kind) as raised:
        desk.drain()
    desk.close()

    assert raised.value is interruption
    assert isinstance(raised.value.__cause__, AssignmentFailed)
    assert raised.value.__cause__.assignment.assigned == (Assigned(first, SARA),)
    (warning,) = warnings(caplog)
    assert warning == (
        f"a run was interrupted by {kind.__name__}: the run stopped early (1 assigned so far, and "
        "they stay assigned)"
    )


def test_a_key_that_is_pressed_during_a_run_loses_no_result(
    wechat: LocalWeChat, admin: Admin
) -> None:
    """A real signal, while the call for the third customer is on its way."""
    customers = come(admin, 5, SARA)
    created: list[str] = []
    press = press_once()

    def press_at_the_third(path: str) -> Fault:
        if path == CREATE:
            created.append(path)
        if len(created) == 3:
            press()
            return Fault.SILENCE
        return Fault.NONE

    with interruptible(), faulty_proxy(wechat.url, press_at_the_third) as proxy:
        desk = BlockingDesk(proxy.url)
        with pytest.raises(KeyboardInterrupt) as raised:
            desk.drain()
        desk.close()

    assert result_behind(raised.value).assigned == tuple(Assigned(o, SARA) for o in customers[:2])


def test_a_cancelled_run_tells_whom_it_assigned(wechat: LocalWeChat, admin: Admin) -> None:
    """Cancelled while the call for the third customer is on its way."""
    customers = come(admin, 5, SARA)
    tasks: list[asyncio.Task[Assignment]] = []

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == customers[2]:
            tasks[0].cancel()
        return agents[0]

    desk = AwaitingDesk(wechat.url, strategy=strategy)

    async def cancelled() -> BaseException:
        tasks.append(asyncio.ensure_future(desk.desk.drain()))
        with pytest.raises(asyncio.CancelledError) as raised:
            await tasks[0]
        return raised.value

    error = desk.caller.loop.run_until_complete(cancelled())
    desk.close()

    assert result_behind(error).assigned == tuple(Assigned(o, SARA) for o in customers[:2])


def test_a_loop_that_ends_with_a_run_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    """The run is closed where it stands, and nobody is left to read a result."""
    loop = asyncio.new_event_loop()

    class Hanging(BlockingCalls):
        async def online(self) -> Sequence[OnlineAccount]:
            return await asyncio.Future[Sequence[OnlineAccount]](loop=loop)

    with Client(app_id=APP_ID, app_secret=APP_SECRET) as client:
        work = assign(Hanging(client), Policy(None, least_loaded), drain=True)
        work.send(None)
        work.close()
    loop.close()

    assert not warnings(caplog)


def test_who_comes_online_during_a_run_serves(desk_of: Desks, admin: Admin) -> None:
    """In the same round, once the others are full; nobody who came earlier is passed over."""
    customers = come(admin, 130, SARA)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == customers[9]:
            admin.put_account(MIKE)
        return least_loaded(agents, case)

    assignment = desk_of(max_customers=60, strategy=strategy).drain()

    assert [one.openid for one in assignment.assigned] == customers[:120]
    assert Counter(one.kf_account for one in assignment.assigned) == {SARA: 60, MIKE: 60}
    assert {one.reason for one in assignment.waiting} == {Reason.ALL_FULL}


def test_each_round_sees_who_is_online(desk_of: Desks, admin: Admin) -> None:
    """Whoever comes in the first serves in the second, though nobody is full."""
    customers = come(admin, 130, SARA)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == customers[0]:
            admin.put_account(MIKE)
        return least_loaded(agents, case)

    assignment = desk_of(strategy=strategy).drain()

    served_by = [one.kf_account for one in assignment.assigned]
    assert served_by == [SARA] * 100 + [MIKE] * 30


def test_what_another_desk_assigns_counts(desk_of: Desks, admin: Admin) -> None:
    """After a customer was served elsewhere, the loads are looked at again."""
    customers = come(admin, 4, SARA, MIKE)

    def strategy(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if case.openid == customers[0]:
            admin.accept(customers[0], MIKE)
            admin.accept(customers[3], MIKE)
            return agents[0]
        return least_loaded(agents, case)

    assignment = desk_of(max_customers=2, strategy=strategy).drain()

    assert assignment.served_elsewhere[0] == customers[0]
    assert Counter(account for _, account in served(admin)) == {SARA: 2, MIKE: 2}
    assert [one.kf_account for one in assignment.assigned] == [SARA, SARA]


def test_an_online_list_that_lags_behind_makes_no_room(desk_of: Desks) -> None:
    """It counts nobody of the run, and the run counts them all the same."""
    with serving(queue_of_two({SARA: 1}, OK)) as server:
        assignment = desk_of(server.base_url, max_customers=1).drain()

    assert assignment.assigned == (Assigned("o6_000", SARA),)
    assert assignment.waiting == (StillWaiting("o6_001", Reason.ALL_FULL),)


WRONG: list[object] = [-1, {SARA: -1}, "5", float("nan"), {SARA: "5"}, 2.5, True]


@pytest.mark.parametrize("max_customers", WRONG)
def test_a_limit_is_a_whole_number(max_customers: Any) -> None:
    """That is said at once."""
    with (
        Client(app_id=APP_ID, app_secret=APP_SECRET) as client,
        pytest.raises(
            ValueError, match="max_customers: expected a whole number of customers, 0 or more, got"
        ),
    ):
        Desk(client, max_customers=max_customers)


def test_a_mapping_may_have_a_default(desk_of: Desks, admin: Admin) -> None:
    """It holds for the accounts that are not named."""
    come(admin, 6, SARA, MIKE, JUDY)

    assignment = desk_of(max_customers=defaultdict(lambda: 1, {SARA: 2})).drain()

    assert Counter(account for _, account in served(admin)) == {SARA: 2, MIKE: 1, JUDY: 1}
    assert {one.reason for one in assignment.waiting} == {Reason.ALL_FULL}


def test_a_default_that_is_no_limit_is_named(desk_of: Desks, admin: Admin) -> None:
    """It is known when the first account is asked for, and ends the run."""
    come(admin, 1, SARA)
    limits: dict[str, Any] = defaultdict(lambda: "5")

    with pytest.raises(AssignmentFailed, match=r"max_customers: expected a whole .*, got '5'"):
        desk_of(max_customers=limits).drain()


async def awaited(agents: Sequence[Agent], case: WaitingCase) -> Agent:
    """Choose the first agent, later."""
    return agents[0]


class Awaited:
    """A strategy with something to remember, to be awaited."""

    async def __call__(self, agents: Sequence[Agent], case: WaitingCase) -> Agent:
        return agents[0]


@pytest.mark.parametrize(
    ("strategy", "got"),
    [
        (None, "None"),
        ("least_loaded", "'least_loaded'"),
        (awaited, "a coroutine function .*; a strategy is not awaited"),
        (partial(awaited), "a coroutine function .*; a strategy is not awaited"),
        (Awaited(), "a coroutine function .*; a strategy is not awaited"),
    ],
)
def test_a_strategy_is_a_function_that_returns(strategy: Any, got: str) -> None:
    """A desk with any other strategy is not made."""
    with (
        Client(app_id=APP_ID, app_secret=APP_SECRET) as client,
        pytest.raises(TypeError, match=f"strategy: expected a function .*, got {got}"),
    ):
        Desk(client, strategy=strategy)


def test_the_queue_is_gone_through_as_far_as_it_is_accepted(desk_of: Desks, admin: Admin) -> None:
    """Only the head is seen by whoever just looks."""
    customers = come(admin, 150, SARA)
    desk = desk_of()

    assert desk.waiting() == customers[:100]
    assert desk.waiting(accept_for=SARA) == customers


def test_the_codes_are_those_of_the_specification() -> None:
    """The groups of the generated errors hold the same codes."""

    def codes(group: type[errors.ApiError]) -> set[int]:
        return {kind.code for kind in group.__subclasses__()}

    # 65413 says that nobody serves the customer, which is no conflict for a desk that wants to.
    assert codes(errors.SessionConflict) - {65413} == SERVED_BY_ANOTHER
    assert codes(errors.KfAccountUnavailable) == ACCOUNT_UNAVAILABLE
    assert errors.InvalidOpenid.code == INVALID_OPENID

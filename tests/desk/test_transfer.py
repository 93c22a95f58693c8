"""Moving a customer from one account to another."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.account import APP_SECRET
from tests.desk.desks import APP_ID, AnyDesk, AwaitingDesk, Desks
from tests.desk.people import JUDY, MIKE, SARA, come, served, waiting
from tests.desk.scripted import CLOSE, CREATE, SESSION, refusal, served_by
from tests.desk.slow import BRIEFLY, slowly
from tests.runtime.faults import Fault, faulty_proxy
from tests.runtime.servers import serving
from tests.sandbox.scene import Scene
from wxoa import Client, errors, events
from wxruntime.desk import Desk, SessionEvent, Standing, Transfer, TransferFailed
from wxruntime.observe import CallEvent
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.wire import Timestamp


@pytest.fixture
def wanted(admin: Admin) -> Transfer:
    """Let Sara serve a customer who is to go to Mike."""
    (openid,) = come(admin, 1, SARA, MIKE, JUDY)
    admin.accept(openid, SARA)
    return Transfer(openid, SARA, MIKE)


def after(operation: str, act: Callable[[], object]) -> Callable[[CallEvent], None]:
    """Do something once, in the moment after a call."""
    acts = [act]

    def on_call(event: CallEvent) -> None:
        if event.operation == operation and acts:
            acts.pop()()

    return on_call


def failure(desk: AnyDesk, wanted: Transfer) -> TransferFailed:
    """Transfer, in vain."""
    with pytest.raises(TransferFailed) as raised:
        desk.transfer(wanted)
    return raised.value


def test_a_customer_goes_from_one_account_to_another(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """The other account serves them, and nobody else is touched."""
    desk_of().transfer(wanted)

    assert served(admin) == [(wanted.openid, MIKE)]
    assert not waiting(admin)


def test_a_handler_knows_the_events_of_its_own_transfer() -> None:
    """They come in the order that is told; an agent's own transfer, and leaving, are others."""
    wanted = Transfer("o6_000", SARA, MIKE)
    with Scene() as scene:
        come(scene.admin, 1, SARA, MIKE, JUDY)
        scene.admin.accept("o6_000", SARA)
        opened = scene.next_event()
        Desk(scene.client).transfer(wanted)
        pushed = [scene.next_event(), scene.next_event()]
        scene.admin.transfer("o6_000", JUDY)
        scene.admin.close_conversation("o6_000", JUDY)
        by_hand, left = scene.next_event(), scene.next_event()

    assert not wanted.events[0].matches(opened)
    assert [event.matches(push) for event, push in zip(wanted.events, pushed, strict=True)] == [
        True,
        True,
    ]
    assert all(wanted.explains(push) for push in pushed)
    assert isinstance(by_hand, events.KfSwitchSessionEvent)
    assert not wanted.explains(by_hand)
    assert isinstance(left, events.KfCloseSessionEvent)
    assert not wanted.explains(left)


def test_an_event_of_another_customer_is_none_of_the_transfer() -> None:
    """Whatever is pushed is looked at, events of other kinds included."""
    wanted = Transfer("o6_000", SARA, MIKE)
    header = ("gh_1", "o6_001", Timestamp(0))

    assert not wanted.explains(events.KfCloseSessionEvent(*header, SARA))
    assert not wanted.explains(events.TextMessage(*header, "hello", 1))
    assert not wanted.explains(events.UnknownEvent({}))


def test_an_account_that_is_not_online_is_not_tried(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """Nothing is done to the customer, and nothing will be pushed."""
    admin.put_account(MIKE, online=False)

    failed = failure(desk_of(), wanted)

    assert (failed.standing, failed.served_by, failed.events) == (Standing.OFFLINE, "", ())
    assert str(failed) == (
        "mike@acme could not take o6_000 over: it is not online, and nothing has changed; "
        "choose one of the online list"
    )
    assert served(admin) == [(wanted.openid, SARA)]


def test_what_cannot_be_closed_is_the_platforms_error(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """Nobody serves the customer any more, or somebody else: nothing is done."""
    with pytest.raises(errors.ServedByAnotherWorker):
        desk_of().transfer(Transfer(wanted.openid, JUDY, MIKE))
    admin.close_conversation(wanted.openid, SARA)
    with pytest.raises(errors.SessionNotFound):
        desk_of().transfer(wanted)

    assert not served(admin)


def test_a_customer_goes_back_when_the_account_left_meanwhile(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """The former account serves them again, and the events to expect are told."""
    hook = after("kf_session.close", lambda: admin.put_account(MIKE, online=False))

    failed = failure(desk_of(on_call=hook), wanted)

    assert (failed.standing, failed.served_by) == (Standing.RETURNED, SARA)
    assert isinstance(failed.__cause__, errors.WorkerOffline)
    assert str(failed) == (
        "mike@acme could not take o6_000 over: sara@acme serves the customer again"
    )
    assert failed.events == (
        SessionEvent("kf_close_session", wanted.openid, SARA),
        SessionEvent("kf_create_session", wanted.openid, SARA),
    )
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_customer_is_alone_when_both_accounts_left(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """The error says so, and what to do."""

    def leave() -> None:
        admin.put_account(MIKE, online=False)
        admin.put_account(SARA, online=False)

    failed = failure(desk_of(on_call=after("kf_session.close", leave)), wanted)

    assert (failed.standing, failed.served_by) == (Standing.UNSERVED, "")
    assert failed.events == (SessionEvent("kf_close_session", wanted.openid, SARA),)
    assert str(failed).endswith(
        "no account serves the customer; open a conversation with another one"
    )
    assert not served(admin)


def test_a_customer_whom_somebody_takes_meanwhile_stays_there(
    desk_of: Desks, admin: Admin, wanted: Transfer
) -> None:
    """Nobody takes them away again."""
    hook = after("kf_session.close", lambda: admin.accept(wanted.openid, JUDY))

    failed = failure(desk_of(on_call=hook), wanted)

    assert (failed.standing, failed.served_by) == (Standing.TAKEN, JUDY)
    assert isinstance(failed.__cause__, errors.ServedByAnotherWorker)
    assert failed.events == (SessionEvent("kf_close_session", wanted.openid, SARA),)
    assert served(admin) == [(wanted.openid, JUDY)]


class Faults:
    """What happens to requests by their paths: a list each, and after it nothing."""

    def __init__(self, plan: dict[str, list[Fault]]) -> None:
        self._plan = plan

    def __call__(self, path: str) -> Fault:
        left = self._plan.get(path.partition("?")[0], [])
        return left.pop(0) if left else Fault.NONE


@pytest.fixture
def through(wechat: LocalWeChat) -> Iterator[Callable[[dict[str, list[Fault]]], str]]:
    """Return the address of a local WeChat to which the network does things."""
    with ExitStack() as running:

        def start(plan: dict[str, list[Fault]]) -> str:
            return running.enter_context(faulty_proxy(wechat.url, Faults(plan))).url

        yield start


Through = Callable[[dict[str, list[Fault]]], str]


def test_a_close_that_was_done_unheard_goes_on(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """Nobody serves the customer, so the second half follows."""
    desk_of(through({CLOSE: [Fault.RESET_AFTER]})).transfer(wanted)

    assert served(admin) == [(wanted.openid, MIKE)]


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.HTML])
def test_a_close_that_was_not_done_is_sent_again(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through, fault: Fault
) -> None:
    """The second close is carried out, and the new account serves the customer."""
    desk_of(through({CLOSE: [fault]})).transfer(wanted)

    assert served(admin) == [(wanted.openid, MIKE)]


def test_two_closes_that_were_not_done_leave_the_customer(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """Both were answered, though unreadably, so no close is under way any more."""
    failed = failure(desk_of(through({CLOSE: [Fault.HTML] * 2})), wanted)

    assert (failed.standing, failed.served_by, failed.events) == (Standing.UNTOUCHED, SARA, ())
    assert isinstance(failed.__cause__, errors.DecodeError)
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_close_behind_a_gateway_may_still_be_done(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """The gateway has answered, and not the platform; so the standing is unknown."""
    failed = failure(desk_of(through({CLOSE: [Fault.BAD_GATEWAY] * 2})), wanted)

    assert (failed.standing, failed.served_by) == (Standing.UNKNOWN, "")
    assert isinstance(failed.__cause__, errors.HttpError)
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_customer_taken_after_an_unheard_close_stays_there(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """The platform refuses the second close, and the third account keeps the customer."""
    hook = after("kf_session.close", lambda: admin.accept(wanted.openid, JUDY))

    failed = failure(desk_of(through({CLOSE: [Fault.RESET_AFTER]}), on_call=hook), wanted)

    assert (failed.standing, failed.served_by) == (Standing.TAKEN, JUDY)
    assert isinstance(failed.__cause__, errors.ServedByAnotherWorker)
    assert served(admin) == [(wanted.openid, JUDY)]


@pytest.mark.parametrize("code", [-1, 45011])
def test_a_close_that_may_be_done_is_looked_at(desk_of: Desks, code: int) -> None:
    """The platform answers busy twice, and has closed the conversation: the second half follows."""
    with serving(served_by("", MIKE, refusal(code))) as server:
        desk_of(server.base_url).transfer(Transfer("o6_000", SARA, MIKE))

    assert len(server.of(CREATE)) == 1


def test_a_busy_platform_leaves_the_customer(desk_of: Desks) -> None:
    """It was not done, and the error says who serves them."""
    with serving(served_by(SARA, MIKE, refusal(-1))) as server:
        failed = failure(desk_of(server.base_url), Transfer("o6_000", SARA, MIKE))

    assert (failed.standing, failed.served_by) == (Standing.UNTOUCHED, SARA)
    assert isinstance(failed.__cause__, errors.SystemBusy)
    assert not server.of(CREATE)


def test_what_nobody_can_say_is_not_known(
    desk_of: Desks, wanted: Transfer, through: Through
) -> None:
    """No close was heard of, nor who serves: the events of both outcomes are possible."""
    plan = {CLOSE: [Fault.RESET_AFTER] * 2, SESSION: [Fault.BAD_GATEWAY] * 9}

    failed = failure(desk_of(through(plan)), wanted)

    assert (failed.standing, failed.served_by) == (Standing.UNKNOWN, "")
    assert set(failed.events) == {*wanted.events, *wanted.rollback_events}
    assert str(failed).endswith(
        "who serves the customer is not known, and a call may still be under way; "
        "ask kf_session.get in a minute"
    )


def test_a_create_that_was_done_unheard_is_a_success(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """Each answer is lost, and the platform says who serves."""
    desk_of(through({CREATE: [Fault.RESET_AFTER] * 2})).transfer(wanted)

    assert served(admin) == [(wanted.openid, MIKE)]


def test_a_create_that_never_arrives_brings_the_customer_back(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """By the next request that does."""
    failed = failure(desk_of(through({CREATE: [Fault.BAD_GATEWAY] * 2})), wanted)

    assert failed.standing is Standing.RETURNED
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_return_that_goes_unheard_is_looked_at(
    desk_of: Desks, admin: Admin, wanted: Transfer, through: Through
) -> None:
    """The answer of the return is lost as well, and the customer is back."""
    plan = {CREATE: [Fault.BAD_GATEWAY] * 2 + [Fault.RESET_AFTER] * 2}

    assert failure(desk_of(through(plan)), wanted).standing is Standing.RETURNED
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_late_close_does_not_end_the_next_conversation(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """The first close is under way while the second is answered, and is refused in the end."""
    with slowly(wechat.url, {CLOSE: [BRIEFLY]}) as slow:
        desk_of(slow=slow).transfer(wanted)
        assert served(admin) == [(wanted.openid, MIKE)]
        slow.release()

    assert served(admin) == [(wanted.openid, MIKE)]


def test_a_customer_whose_close_is_under_way_is_not_untouched(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """The former account still serves, until the platform carries out what it was sent."""
    with slowly(wechat.url, {CLOSE: [BRIEFLY] * 2}) as slow:
        failed = failure(desk_of(slow=slow), wanted)
        assert served(admin) == [(wanted.openid, SARA)]
        slow.release()

    assert (failed.standing, failed.served_by) == (Standing.UNKNOWN, "")
    assert failed.events[0] == SessionEvent("kf_close_session", wanted.openid, SARA)
    assert isinstance(failed.__cause__, errors.TransportError)
    assert not served(admin)


def test_a_slow_close_that_is_done_when_asked_goes_on(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """Neither close was heard of, but by then no account serves the customer."""
    with slowly(wechat.url, {CLOSE: [BRIEFLY] * 2}) as slow:
        closes: list[CallEvent] = []

        def on_call(event: CallEvent) -> None:
            if event.operation == "kf_session.close":
                closes.append(event)
                if len(closes) == 2:
                    slow.release()

        desk_of(slow=slow, on_call=on_call).transfer(wanted)

    assert served(admin) == [(wanted.openid, MIKE)]


def test_a_return_that_a_late_close_may_end_is_not_called_one(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """The former account has the customer back, and then the first close is carried out."""
    hook = after("kf_session.close", lambda: admin.put_account(MIKE, online=False))
    with slowly(wechat.url, {CLOSE: [BRIEFLY]}) as slow:
        failed = failure(desk_of(slow=slow, on_call=hook), wanted)
        assert served(admin) == [(wanted.openid, SARA)]
        slow.release()

    assert failed.standing is Standing.UNKNOWN
    assert isinstance(failed.__cause__, errors.WorkerOffline)
    assert not served(admin)


def test_a_late_create_does_not_take_the_customer_back(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """The former account serves the customer again, and the platform refuses what comes late."""
    with slowly(wechat.url, {CREATE: [BRIEFLY] * 2}) as slow:
        failed = failure(desk_of(slow=slow), wanted)
        slow.release()

    assert (failed.standing, failed.served_by) == (Standing.RETURNED, SARA)
    assert served(admin) == [(wanted.openid, SARA)]


def test_a_customer_whose_create_is_under_way_is_not_unserved(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """One of the two accounts serves the customer later, whichever create comes first."""
    with slowly(wechat.url, {CREATE: [BRIEFLY] * 4}) as slow:
        failed = failure(desk_of(slow=slow), wanted)
        assert not served(admin)
        slow.release()

    assert failed.standing is Standing.UNKNOWN
    ((openid, kf_account),) = served(admin)
    assert openid == wanted.openid
    assert any(event.kf_account == kf_account for event in failed.events[1:])


def test_a_cancelled_transfer_ends_first(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """Cancelled again and again while it fails, it brings the customer back all the same."""
    tasks: list[asyncio.Task[None]] = []

    def cancel(event: CallEvent) -> None:
        if event.operation == "kf_session.close":
            admin.put_account(MIKE, online=False)
        if event.operation != "kf_account.list_online" and tasks:
            tasks[0].cancel()

    desk = AwaitingDesk(wechat.url, on_call=cancel)

    async def cancelled() -> None:
        await desk.caller.client.kf_account.list_online()  # so that the token is there
        tasks.append(asyncio.ensure_future(desk.desk.transfer(wanted)))
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        assert asyncio.all_tasks() == {asyncio.current_task()}

    desk.caller.loop.run_until_complete(cancelled())
    desk.close()

    assert served(admin) == [(wanted.openid, SARA)]


def test_a_transfer_needs_two_accounts() -> None:
    """From an account to itself there is no way."""
    with pytest.raises(ValueError, match="transfer: expected two accounts, got 'sara@acme'"):
        Transfer("o6_000", SARA, SARA)


def test_the_error_can_be_pickled() -> None:
    """With all that it says."""
    failed = TransferFailed(Transfer("o6_000", SARA, MIKE), Standing.TAKEN, JUDY)

    copied = pickle.loads(pickle.dumps(failed))

    assert (copied.transfer, copied.standing, copied.served_by, str(copied)) == (
        failed.transfer,
        failed.standing,
        failed.served_by,
        "mike@acme could not take o6_000 over: judy@acme has taken the customer over",
    )


def test_the_generated_client_is_one_of_a_desk(wechat: LocalWeChat, admin: Admin) -> None:
    """As it is, without a cast."""
    (openid,) = come(admin, 1, SARA)
    with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url) as client:
        Desk(client).assign()

    assert served(admin) == [(openid, SARA)]

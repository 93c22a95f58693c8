"""Transfers that are interrupted between their halves: the customer is somewhere in the end."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence

import pytest
from attrs import define, field

from tests.account import APP_SECRET
from tests.desk.desks import APP_ID, AwaitingDesk, BlockingDesk
from tests.desk.interruptions import interruptible, press_once, warnings
from tests.desk.people import MIKE, SARA, come, served
from tests.desk.scripted import CLOSE, CREATE
from tests.desk.slow import BRIEFLY, PATIENCE, slowly
from tests.runtime.faults import Fault, faulty_proxy
from wxoa import AsyncClient, Client, errors
from wxruntime.concurrency import run
from wxruntime.desk import AsyncDesk, Standing, Transfer, TransferFailed
from wxruntime.desk.calls import BlockingCalls
from wxruntime.desk.client import OnlineAccount, Queue
from wxruntime.desk.transfer import transfer
from wxruntime.observe import CallEvent
from wxruntime.sandbox import Admin, LocalWeChat


@pytest.fixture
def wanted(admin: Admin) -> Transfer:
    """Let Sara serve a customer who is to go to Mike."""
    (openid,) = come(admin, 1, SARA, MIKE)
    admin.accept(openid, SARA)
    return Transfer(openid, SARA, MIKE)


@pytest.fixture
def calls(wechat: LocalWeChat) -> Iterator[BlockingCalls]:
    """Return what sends to the local WeChat."""
    with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url) as client:
        yield BlockingCalls(client)


@define
class Interrupted:
    """Calls of which some are interrupted, before they are sent or before their answer is heard."""

    calls: BlockingCalls
    plan: list[str]
    """Which, in this order, such as "before open"."""
    interruption: BaseException = field(factory=KeyboardInterrupt)

    def _at(self, moment: str) -> None:
        if self.plan and self.plan[0] == moment:
            self.plan.pop(0)
            raise self.interruption

    async def online(self) -> Sequence[OnlineAccount]:
        return await self.calls.online()

    async def queue(self) -> Queue:
        return await self.calls.queue()

    async def open(self, openid: str, kf_account: str) -> None:
        self._at("before open")
        await self.calls.open(openid, kf_account)
        self._at("after open")

    async def close(self, openid: str, kf_account: str) -> None:
        self._at("before close")
        await self.calls.close(openid, kf_account)
        self._at("after close")

    async def serving(self, openid: str) -> str:
        return await self.calls.serving(openid)

    async def typing(self, openid: str, command: str) -> None:
        await self.calls.typing(openid, command)


def failure_behind(error: BaseException | None) -> TransferFailed:
    """Return the failed transfer among an error's causes."""
    while error is not None and not isinstance(error, TransferFailed):
        error = error.__cause__ or error.__context__
    assert error is not None
    return error


@pytest.mark.parametrize("kind", [KeyboardInterrupt, asyncio.CancelledError, RuntimeError])
@pytest.mark.parametrize("moment", ["before close", "after close", "before open", "after open"])
def test_what_interrupts_it_is_raised_when_it_is_over(
    calls: BlockingCalls,
    admin: Admin,
    wanted: Transfer,
    caplog: pytest.LogCaptureFixture,
    moment: str,
    kind: type[BaseException],
) -> None:
    """The other account serves the customer by then, so there is nothing to tell."""
    interruption = kind()
    with pytest.raises(kind) as raised:
        run(transfer(Interrupted(calls, [moment], interruption), wanted))

    assert raised.value is interruption
    assert interruption.__cause__ is None
    assert served(admin) == [(wanted.openid, MIKE)]
    assert not warnings(caplog)


@pytest.mark.parametrize(
    ("leave", "standing"),
    [([MIKE], Standing.RETURNED), ([MIKE, SARA], Standing.UNSERVED)],
)
def test_what_fails_after_an_interruption_is_its_cause(
    calls: BlockingCalls,
    admin: Admin,
    wanted: Transfer,
    caplog: pytest.LogCaptureFixture,
    leave: list[str],
    standing: Standing,
) -> None:
    """The accounts have left; the customer goes back, if there is a way back."""

    class Leaving(Interrupted):
        async def close(self, openid: str, kf_account: str) -> None:
            await super().close(openid, kf_account)
            for account in leave:
                admin.go_offline(account)

    with pytest.raises(KeyboardInterrupt) as raised:
        run(transfer(Leaving(calls, ["before open"]), wanted))

    failed = raised.value.__cause__
    assert isinstance(failed, TransferFailed)
    assert failed.standing is standing
    assert isinstance(failed.__cause__, errors.WorkerOffline)
    (warning,) = warnings(caplog)
    assert f"({standing.value})" in warning


def test_a_second_interruption_is_obeyed(
    calls: BlockingCalls, admin: Admin, wanted: Transfer, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is logged that nobody knows how the customer stands."""
    with pytest.raises(KeyboardInterrupt):
        run(transfer(Interrupted(calls, ["before open", "before open"]), wanted))

    (warning,) = warnings(caplog)
    assert "(unknown)" in warning
    assert not served(admin)


def test_a_key_that_is_pressed_leaves_nobody_alone(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """A real signal, while the second half is on its way and gets lost."""
    pressed: list[str] = []
    press = press_once()

    def press_and_lose(path: str) -> Fault:
        if path != CREATE or pressed:
            return Fault.NONE
        pressed.append(path)
        press()
        return Fault.BAD_GATEWAY

    with interruptible(), faulty_proxy(wechat.url, press_and_lose) as proxy:
        desk = BlockingDesk(proxy.url)
        with pytest.raises(KeyboardInterrupt):
            desk.transfer(wanted)
        desk.close()

    assert pressed
    assert served(admin) == [(wanted.openid, MIKE)]


def test_a_key_that_is_pressed_during_a_slow_close_leaves_nobody_alone(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """The close is under way when the signal comes; the new account serves, and keeps serving."""
    with interruptible(), slowly(wechat.url, {CLOSE: [PATIENCE]}, press_once()) as slow:
        desk = BlockingDesk(wechat.url, slow=slow)
        with pytest.raises(KeyboardInterrupt):
            desk.transfer(wanted)
        assert served(admin) == [(wanted.openid, MIKE)]
        slow.release()
        desk.close()

    assert served(admin) == [(wanted.openid, MIKE)]


def test_an_interrupted_close_that_is_under_way_is_not_untouched(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor is the second close answered; the former account serves only until they are done."""
    held = {CLOSE: [PATIENCE, BRIEFLY]}
    with interruptible(), slowly(wechat.url, held, press_once()) as slow:
        desk = BlockingDesk(wechat.url, slow=slow)
        with pytest.raises(KeyboardInterrupt) as raised:
            desk.transfer(wanted)
        assert served(admin) == [(wanted.openid, SARA)]
        slow.release()
        desk.close()

    assert failure_behind(raised.value).standing is Standing.UNKNOWN
    assert not served(admin)
    (warning,) = warnings(caplog)
    assert warning == (
        "a transfer interrupted by KeyboardInterrupt has failed (unknown): mike@acme could not "
        "take o6_000 over: who serves the customer is not known, and a call may still be under "
        "way; ask kf_session.get in a minute"
    )


def test_a_cancellation_during_a_slow_close_leaves_nobody_alone(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """Cancelled when the first close times out, the transfer closes again and goes on."""
    tasks: list[asyncio.Task[None]] = []

    def on_call(event: CallEvent) -> None:
        if event.operation == "kf_session.close" and event.error is not None:
            tasks[0].cancel()

    with slowly(wechat.url, {CLOSE: [BRIEFLY]}) as slow:
        desk = AwaitingDesk(wechat.url, slow=slow, on_call=on_call)

        async def moved() -> None:
            tasks.append(asyncio.ensure_future(desk.desk.transfer(wanted)))
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]

        desk.caller.loop.run_until_complete(moved())
        slow.release()
        desk.close()

    assert served(admin) == [(wanted.openid, MIKE)]


def test_the_end_of_a_program_waits_for_it(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer
) -> None:
    """`asyncio.run` cancels every task while the close is on its way."""
    cancelled = threading.Event()
    closing = threading.Event()

    def hold(path: str) -> Fault:
        if path == CLOSE:
            closing.set()
            assert cancelled.wait(PATIENCE)
        return Fault.NONE

    async def moved(url: str) -> None:
        async with AsyncClient(app_id=APP_ID, app_secret=APP_SECRET, base_url=url) as client:
            await AsyncDesk(client).transfer(wanted)

    async def idle() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def main(url: str) -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(moved(url)), asyncio.create_task(idle())]
        assert await asyncio.to_thread(closing.wait, PATIENCE)
        return tasks

    with faulty_proxy(wechat.url, hold) as proxy:
        tasks = asyncio.run(main(proxy.url))

    assert all(task.cancelled() for task in tasks)
    assert served(admin) == [(wanted.openid, MIKE)]


def test_a_failure_behind_a_cancellation_is_told(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever gave up waiting finds it in the log, and among the causes of what is raised."""
    given_up = asyncio.Event()

    def leave(event: CallEvent) -> None:
        if event.operation == "kf_session.close":
            admin.go_offline(MIKE)
            admin.go_offline(SARA)
            given_up.set()

    desk = AwaitingDesk(wechat.url, on_call=leave)

    async def cancelled() -> BaseException:
        task = asyncio.ensure_future(desk.desk.transfer(wanted))
        await given_up.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        return raised.value

    with caplog.at_level(logging.WARNING, "wxoa.desk"):
        error = desk.caller.loop.run_until_complete(cancelled())
    desk.close()

    assert failure_behind(error).standing is Standing.UNSERVED
    (warning,) = warnings(caplog)
    assert warning.startswith("a transfer interrupted by CancelledError has failed (unserved): ")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Go through what led to an error."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_what_is_cancelled_before_it_fails_is_told(
    wechat: LocalWeChat, admin: Admin, wanted: Transfer, caplog: pytest.LogCaptureFixture
) -> None:
    """A close that the platform refuses, for example."""
    admin.close_conversation(wanted.openid, SARA)
    listed = asyncio.Event()

    def on_call(event: CallEvent) -> None:
        if event.operation == "kf_account.list_online":
            listed.set()

    desk = AwaitingDesk(wechat.url, on_call=on_call)

    async def cancelled() -> BaseException:
        task = asyncio.ensure_future(desk.desk.transfer(wanted))
        await listed.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        return raised.value

    error = desk.caller.loop.run_until_complete(cancelled())
    desk.close()

    # Python 3.10 raises the cancellation anew, with the one that was caused behind it.
    assert any(isinstance(cause, errors.SessionNotFound) for cause in causes(error))
    (warning,) = warnings(caplog)
    assert "(not moved): kf_session.close: 65413 SessionNotFound" in warning


def test_a_loop_that_ends_with_it_is_told(
    calls: BlockingCalls, wanted: Transfer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing can be sent any more, so the log alone knows."""

    class Hanging(Interrupted):
        async def open(self, openid: str, kf_account: str) -> None:
            await asyncio.Future[None](loop=loop)

    loop = asyncio.new_event_loop()
    work = transfer(Hanging(calls, []), wanted)
    work.send(None)
    work.close()
    loop.close()

    (warning,) = warnings(caplog)
    assert "(unknown)" in warning

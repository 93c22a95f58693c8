"""Showing that somebody types for as long as a block runs."""

from __future__ import annotations

import asyncio
import json
import queue
import socket
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.account import APP_SECRET
from tests.desk.desks import APP_ID, AwaitingDesk, BlockingDesk, Desks, Kept
from tests.desk.people import come
from tests.desk.scripted import OK, TYPING, refusal
from tests.runtime.faults import Fault, faulty_proxy
from tests.runtime.servers import Platform, Reply, Seen, Server, http, serving
from wxoa import Client, errors, kf_message
from wxruntime.concurrency import run
from wxruntime.desk.calls import BlockingCalls
from wxruntime.desk.codes import ALREADY_TYPING
from wxruntime.desk.typing_state import EVERY, TypingKeeper
from wxruntime.observe import CallEvent
from wxruntime.sandbox import Admin, LocalWeChat

PATIENCE = 60.0
SOON = 0.001
NEVER = 3600.0


class Watch:
    """Is told of each call, and waits for those of typing."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[CallEvent] = queue.SimpleQueue()

    def __call__(self, event: CallEvent) -> None:
        if event.operation == "kf_message.typing":
            self._calls.put(event)

    def next(self) -> CallEvent:
        """Wait for the next one."""
        return self._calls.get(timeout=PATIENCE)

    def until(self, code: int) -> None:
        """Wait for one that came to this."""
        while self.next().code != code:
            pass

    @property
    def over(self) -> bool:
        """Whether none is left to be looked at."""
        return self._calls.empty()


def commands(server: Server) -> list[str]:
    """Return what a customer was shown."""
    return [json.loads(request.body)["command"] for request in server.of(TYPING)]


def test_it_is_shown_again_and_again_and_then_no_longer(desk_of: Desks) -> None:
    """At once, before it ends by itself, and until the block is over."""
    watch = Watch()

    def block(kept: Kept) -> None:
        for _ in range(3):
            watch.next()

    with serving(Platform()) as server:
        kept = desk_of(server.base_url, on_call=watch).typing("o6_000", block, every=SOON)

    said = commands(server)
    assert said == ["Typing"] * (len(said) - 1) + ["CancelTyping"]
    assert len(said) >= 4
    assert (kept.kept, kept.error) == (True, None)


def test_it_begins_again_once_the_platform_no_longer_shows_it(desk_of: Desks, admin: Admin) -> None:
    """As long as it is shown, the platform refuses to begin anew, and that is no error."""
    (openid,) = come(admin, 1)
    watch = Watch()

    def block(kept: Kept) -> None:
        watch.until(0)
        watch.until(ALREADY_TYPING)
        watch.until(ALREADY_TYPING)
        assert (kept.kept, kept.error) == (True, None)
        admin.advance(15)
        watch.until(0)

    kept = desk_of(on_call=watch).typing(openid, block, every=SOON, retry_every=SOON)

    assert (kept.kept, kept.error) == (True, None)


def test_without_a_message_lately_it_ends_by_itself(desk_of: Desks, admin: Admin) -> None:
    """The block goes on, and can see it; nothing more is sent."""
    (openid,) = come(admin, 1)
    admin.advance(31)
    watch = Watch()

    kept = desk_of(on_call=watch).typing(openid, lambda _: watch.next(), every=SOON)

    assert not kept.kept
    assert isinstance(kept.error, errors.NoRecentInteraction)
    assert watch.over


@pytest.mark.parametrize("code", [48001, 45009])
def test_what_waiting_does_not_cure_ends_it(desk_of: Desks, code: int) -> None:
    """After it was shown, it is no longer."""
    watch = Watch()
    with serving(Platform({TYPING: [OK, refusal(code)]})) as server:
        kept = desk_of(server.base_url, on_call=watch).typing(
            "o6_000", lambda _: watch.until(code), every=SOON
        )

    assert not kept.kept
    assert isinstance(kept.error, errors.ApiError)
    assert commands(server) == ["Typing", "Typing"]


def test_what_passes_does_not_end_it(desk_of: Desks) -> None:
    """A busy platform, and one that breaks off, are asked again."""
    watch = Watch()
    cut = Reply([b""], keep=False)

    def block(kept: Kept) -> None:
        watch.until(-1)
        assert kept.kept
        watch.until(0)

    with serving(Platform({TYPING: [cut, refusal(-1), OK]})) as server:
        kept = desk_of(server.base_url, on_call=watch).typing("o6_000", block, every=SOON)

    assert kept.kept
    assert isinstance(kept.error, errors.SystemBusy)
    assert commands(server)[-1] == "CancelTyping"


def test_it_is_asked_for_again_after_a_message(desk_of: Desks, admin: Admin) -> None:
    """A message ends it, and who has sent one inside of the block says so."""
    (openid,) = come(admin, 1)
    watch = Watch()

    def block(kept: Kept) -> None:
        watch.until(0)
        with Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=desk_of.url) as client:
            client.kf_message.send(openid, kf_message.Text("one moment"))
        assert not admin.chat(openid).typing
        kept.refresh()
        watch.until(0)
        assert admin.chat(openid).typing

    kept = desk_of(on_call=watch).typing(openid, block, every=NEVER)

    assert (kept.kept, kept.error) == (True, None)
    assert not admin.chat(openid).typing


def test_asking_again_outside_of_the_block_does_no_harm(wechat: LocalWeChat, admin: Admin) -> None:
    """Neither before it nor after."""
    (openid,) = come(admin, 1)
    desk = BlockingDesk(wechat.url)
    typing = desk.desk.typing(openid)
    typing.refresh()
    with typing:
        pass
    typing.refresh()
    desk.close()

    assert (typing.kept, typing.error) == (True, None)


def test_a_pause_that_fails_leaves_nobody_typing(wechat: LocalWeChat, admin: Admin) -> None:
    """It is shown no longer, and why can be seen."""
    (openid,) = come(admin, 1)
    desk = BlockingDesk(wechat.url)
    keeper = TypingKeeper(BlockingCalls(desk.caller.client), openid, EVERY, EVERY)

    async def broken(seconds: float) -> bool:
        assert admin.chat(openid).typing
        raise OverflowError("timestamp too large")

    run(keeper.keep(broken))
    desk.close()

    assert not admin.chat(openid).typing
    assert not keeper.kept
    assert str(keeper.error) == "timestamp too large"


def test_a_very_long_time_is_a_time(desk_of: Desks, admin: Admin) -> None:
    """Longer than a thread can wait."""
    (openid,) = come(admin, 1)
    watch = Watch()

    kept = desk_of(on_call=watch).typing(openid, lambda _: watch.next(), every=1e12)

    assert (kept.kept, kept.error) == (True, None)
    assert not admin.chat(openid).typing


@pytest.mark.parametrize("code", [45080, 48001])
def test_what_was_never_shown_is_not_cancelled(desk_of: Desks, code: int) -> None:
    """The platform has refused the request, so there is nothing to cancel."""
    watch = Watch()
    with serving(Platform({TYPING: [refusal(code)]})) as server:
        desk_of(server.base_url, on_call=watch).typing(
            "o6_000", lambda _: watch.until(code), every=NEVER
        )

    assert commands(server) == ["Typing"]


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.HALF_ANSWER, Fault.BAD_GATEWAY_AFTER])
def test_what_is_shown_unheard_is_cancelled(
    desk_of: Desks, wechat: LocalWeChat, admin: Admin, fault: Fault
) -> None:
    """The answer to the first request is lost, and the customer sees the typing state."""
    (openid,) = come(admin, 1)
    watch = Watch()
    faults = [fault]

    def lose(path: str) -> Fault:
        return faults.pop() if path == TYPING and faults else Fault.NONE

    def block(kept: Kept) -> None:
        watch.next()
        assert admin.chat(openid).typing

    with faulty_proxy(wechat.url, lose) as proxy:
        kept = desk_of(proxy.url, on_call=watch).typing(openid, block, every=NEVER)

    assert kept.kept
    assert kept.error is not None
    assert not admin.chat(openid).typing


@pytest.mark.parametrize("answer", [refusal(-1), http(b"<html>please wait</html>")])
def test_what_may_be_shown_is_cancelled(desk_of: Desks, answer: Reply) -> None:
    """The platform is busy, or its answer is unreadable; it may have shown the typing state."""
    watch = Watch()
    with serving(Platform({TYPING: [answer, OK]})) as server:
        kept = desk_of(server.base_url, on_call=watch).typing(
            "o6_000", lambda _: watch.next(), every=NEVER
        )

    assert kept.kept
    assert commands(server) == ["Typing", "CancelTyping"]


def test_what_others_have_shown_is_soon_asked_for_again(desk_of: Desks) -> None:
    """Nobody knows when that ends, and then it is one's own to cancel."""
    watch = Watch()
    script = {TYPING: [refusal(ALREADY_TYPING), OK]}
    with serving(Platform(script)) as server:
        desk_of(server.base_url, on_call=watch).typing(
            "o6_000", lambda _: watch.until(0), every=NEVER, retry_every=SOON
        )

    assert commands(server) == ["Typing", "Typing", "CancelTyping"]


def test_a_platform_that_is_away_does_not_break_the_block(desk_of: Desks) -> None:
    """It is asked again and again, and the block can see why nothing is shown."""
    tries: queue.SimpleQueue[CallEvent] = queue.SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

    def block(kept: Kept) -> None:
        tries.get(timeout=PATIENCE)
        tries.get(timeout=PATIENCE)

    kept = desk_of(url, on_call=tries.put).typing("o6_000", block, every=SOON)

    assert kept.kept
    assert isinstance(kept.error, errors.TransportError)


def test_what_was_not_sent_is_not_cancelled() -> None:
    """The platform has seen no request, and is asked for nothing at the end."""
    sent: list[str] = []

    class Away(BlockingCalls):
        async def typing(self, openid: str, command: str) -> None:
            sent.append(command)
            raise errors.TransportError("nobody listens", sent=False)

    async def over(seconds: float) -> bool:
        return True

    with Client(app_id=APP_ID, app_secret=APP_SECRET) as client:
        keeper = TypingKeeper(Away(client), "o6_000", EVERY, EVERY)
        run(keeper.keep(over))

    assert sent == ["Typing"]
    assert (keeper.kept, str(keeper.error)) == (True, "nobody listens")


def test_a_platform_that_hangs_does_not_hold_up_the_end(
    desk_of: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However patient the client is otherwise."""
    for module in ("desk", "aio"):
        monkeypatch.setattr(f"wxruntime.desk.{module}.CALL_TIMEOUT", 0.1)
    reached, ended = threading.Event(), threading.Event()
    platform = Platform()

    def silence() -> Iterator[bytes]:
        reached.set()
        ended.wait(PATIENCE)
        yield b""

    def answer(request: Seen) -> Reply:
        return Reply(silence(), keep=False) if request.path == TYPING else platform(request)

    with serving(answer) as server:
        kept = desk_of(server.base_url).typing("o6_000", lambda _: reached.wait(PATIENCE))
        ended.set()

    assert reached.is_set()
    assert isinstance(kept.error, errors.TransportError)


def test_a_mistake_elsewhere_does_not_break_the_block(
    desk_of: Desks, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, the block ends as it would have, and can see it."""
    failed = threading.Event()

    def broken(*given: object) -> object:
        failed.set()
        raise RuntimeError("nobody knows why")

    monkeypatch.setattr(kf_message, "typing", broken)

    kept = desk_of().typing("o6_000", lambda _: failed.wait(PATIENCE))

    assert failed.is_set()
    assert not kept.kept
    assert str(kept.error) == "nobody knows why"


def test_an_error_of_the_block_is_its_own(desk_of: Desks) -> None:
    """And nobody types any more."""
    watch = Watch()

    def block(kept: Kept) -> None:
        watch.next()
        raise LookupError("no answer in the book")

    with (
        serving(Platform()) as server,
        pytest.raises(LookupError, match="no answer in the book"),
    ):
        desk_of(server.base_url, on_call=watch).typing("o6_000", block, every=NEVER)

    assert commands(server) == ["Typing", "CancelTyping"]


def typists() -> list[threading.Thread]:
    """Return the threads that keep a typing state."""
    return [thread for thread in threading.enumerate() if thread.name == "wxoa-typing"]


def test_a_block_leaves_nothing_behind(desk_of: Desks, admin: Admin) -> None:
    """No thread; and closing the desk that awaits finds no task."""
    (openid,) = come(admin, 1)
    watch = Watch()
    desk = desk_of(on_call=watch)
    during: list[int] = []

    def block(kept: Kept) -> None:
        watch.next()
        during.append(len(typists()))

    for _ in range(20):
        desk.typing(openid, block, every=NEVER)

    assert during == [0 if isinstance(desk, AwaitingDesk) else 1] * 20
    assert not typists()


def test_without_a_thread_to_be_had_the_block_runs(
    wechat: LocalWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody types, and the block can see why."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "wxoa-typing":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    desk = BlockingDesk(wechat.url)
    ran: list[Kept] = []
    kept = desk.typing("o6_000", ran.append)
    desk.close()

    assert ran == [kept]
    assert not kept.kept
    assert str(kept.error) == "can't start new thread"


def test_a_cancelled_block_shows_it_no_longer() -> None:
    """No task is left of it, and the customer is told."""
    with serving(Platform()) as server:
        desk = AwaitingDesk(server.base_url)

        async def cancelled() -> None:
            async with desk.desk.typing("o6_000"):
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                await asyncio.sleep(0)

        with pytest.raises(asyncio.CancelledError):
            desk.caller.loop.run_until_complete(cancelled())
        desk.close()

    assert commands(server) == ["Typing", "CancelTyping"]


def test_it_is_for_one_block(wechat: LocalWeChat, admin: Admin) -> None:
    """A second block is refused before it begins, and the first one has ended as usual."""
    (openid,) = come(admin, 1)
    desk = BlockingDesk(wechat.url)
    typing = desk.desk.typing(openid)
    with typing:
        pass
    with (
        pytest.raises(RuntimeError, match=r"typing: for one block; call desk\.typing\(\) again"),
        typing,
    ):
        raise AssertionError("the block has begun")
    desk.close()

    assert (typing.kept, typing.error) == (True, None)
    assert not admin.chat(openid).typing


def test_it_is_for_one_block_that_awaits(wechat: LocalWeChat, admin: Admin) -> None:
    """Neither after the first block nor within it."""
    (openid,) = come(admin, 1)
    desk = AwaitingDesk(wechat.url)
    refused = partial(
        pytest.raises, RuntimeError, match=r"typing: for one block; call desk\.typing\(\) again"
    )

    async def twice() -> None:
        typing = desk.desk.typing(openid)
        async with typing:
            with refused():
                await typing.__aenter__()
        with refused():
            await typing.__aenter__()
        assert (typing.kept, typing.error) == (True, None)

    desk.caller.loop.run_until_complete(twice())
    desk.close()

    assert not admin.chat(openid).typing


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), "5", None, True])
@pytest.mark.parametrize("name", ["every", "retry_every"])
def test_times_are_above_zero_and_finite(desk_of: Desks, name: str, seconds: Any) -> None:
    """Any other is refused with its name before the block begins."""
    expected = f"{name}: expected a finite number of seconds above 0, got {seconds!r}"
    with pytest.raises(ValueError, match=expected):
        desk_of().typing("o6_000", lambda _: None, **{name: seconds})


def test_it_is_asked_for_before_the_platform_ends_it() -> None:
    """The platform shows it for 15 seconds."""
    assert EVERY < 15
    assert errors.AlreadyTyping.code == ALREADY_TYPING

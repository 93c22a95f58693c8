"""From a delivery to its answer, without a server."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import TypeAlias

import pytest

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.callback.platform import Platform, text_message
from wxoa import Callback, events, replies
from wxruntime.callback.answer import Answer
from wxruntime.callback.calling import EscapedError
from wxruntime.callback.joining import Schedule
from wxruntime.callback.router import Router
from wxruntime.callback.several import ByUserName
from wxruntime.wire import JsonObject

Proceed: TypeAlias = Callable[[events.Event], Awaitable["replies.Reply | None"]]
PLAIN = Platform()
SAFE = Platform(aes_key=AES_KEY)
OPENED: JsonObject = {
    "ToUserName": "gh_account",
    "FromUserName": "o6_customer",
    "CreateTime": 1700000000,
    "MsgType": "event",
    "Event": "kf_create_session",
    "KfAccount": "sara@acme",
}


@pytest.fixture
def callback() -> Iterator[Callback]:
    """Return a callback for plain pushes."""
    with closing(Callback(token=TOKEN)) as made:
        yield made


@pytest.fixture
def safe() -> Iterator[Callback]:
    """Return a callback for encrypted pushes."""
    made = Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    with closing(made):
        yield made


def echo(event: events.TextMessage) -> replies.TextReply:
    """Reply what was written."""
    return replies.TextReply(f"you wrote {event.content}")


def test_the_check_of_the_address_gets_its_text_back(callback: Callback) -> None:
    """A signed check of the URL gets its `echostr` back; one without a signature gets 403."""
    signed = callback.handle(PLAIN.query(echostr="5927782489442352469"))
    unsigned = callback.handle({"echostr": "5927782489442352469"})

    assert (signed.status, signed.body) == (200, b"5927782489442352469")
    assert (unsigned.status, unsigned.body) == (403, b"")


def test_a_reply_goes_to_whoever_wrote(callback: Callback) -> None:
    """A reply without an address goes to the sender of the message, from the account."""
    callback.on(echo)
    answer = callback.handle(*PLAIN.deliver(text_message("hello")))
    reply = PLAIN.read(answer.body)

    assert answer.status == 200
    assert reply["ToUserName"] == "o6_customer"
    assert reply["FromUserName"] == "gh_account"
    assert int(str(reply["CreateTime"])) > 1700000000
    assert (reply["MsgType"], reply["Content"]) == ("text", "you wrote hello")


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_reply_is_encrypted_where_the_push_was(safe: Callback, form: str) -> None:
    """And in the form of the push."""
    safe.on(echo)
    answer = safe.handle(*SAFE.deliver(text_message("hello"), form))

    assert b"you wrote" not in answer.body
    assert SAFE.read(answer.body)["Content"] == "you wrote hello"
    assert form in answer.content_type


def test_a_reply_cannot_write_xml_of_its_own(callback: Callback) -> None:
    """Whatever a text says, it is text."""
    attack = "]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><a><![CDATA["
    callback.on(echo)
    answer = callback.handle(*PLAIN.deliver(text_message(attack)))
    reply = PLAIN.read(answer.body)

    assert reply["Content"] == f"you wrote {attack}"
    assert reply["MsgType"] == "text"


def test_a_customer_can_be_transferred_to_a_named_account(callback: Callback) -> None:
    """The reply names the customer-service account, or none, so that the platform chooses."""

    @callback.on
    def transfer(event: events.TextMessage) -> replies.TransferCustomerServiceReply:
        return replies.TransferCustomerServiceReply(kf_account=event.content or None)

    named = callback.handle(*PLAIN.deliver(text_message("sara@acme", 1)))
    anyone = callback.handle(*PLAIN.deliver(text_message("", 2)))

    assert PLAIN.read(named.body)["TransInfo"] == {"KfAccount": "sara@acme"}
    assert "TransInfo" not in PLAIN.read(anyone.body)


def test_what_no_handler_takes_is_answered_success(callback: Callback) -> None:
    """The platform need not deliver it again."""
    answer = callback.handle(*PLAIN.deliver(OPENED))

    assert answer == Answer(200, b"success")


def test_a_handler_that_fails_is_logged_and_its_push_delivered_again(
    callback: Callback, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is answered by 500 and logged with its class and its message."""
    failures = [LookupError("no such order")]

    @callback.on
    def failing(event: events.KfCreateSessionEvent) -> None:
        if failures:
            raise failures.pop()

    first = callback.handle(*PLAIN.deliver(OPENED))
    second = callback.handle(*PLAIN.deliver(OPENED))

    assert (first.status, first.body, second.status) == (500, b"", 200)
    assert "KfCreateSessionEvent" in caplog.text
    assert "LookupError: no such order" in caplog.text


@pytest.mark.parametrize(
    "ending",
    [
        SystemExit("1"),
        KeyboardInterrupt(),
        StopIteration(),
        GeneratorExit(),
        BaseException("odd"),
    ],
)
@pytest.mark.parametrize("form", ["blocking", "awaiting", "middleware"])
def test_a_handler_can_end_nothing_but_its_own_push(
    callback: Callback, caplog: pytest.LogCaptureFixture, ending: BaseException, form: str
) -> None:
    """Not the event loop, and not the program; its push is delivered again."""
    ends = [ending]

    @callback.on
    def blocking(event: events.TextMessage) -> None:
        if ends and form == "blocking":
            raise ends.pop()

    @callback.on
    async def awaiting(event: events.KfCreateSessionEvent) -> None:
        if ends and form == "awaiting":
            raise ends.pop()

    @callback.middleware
    async def around(event: events.Event, proceed: Proceed) -> replies.Reply | None:
        if ends and form == "middleware":
            raise ends.pop()
        return await proceed(event)

    push = OPENED if form == "awaiting" else text_message("hello")
    first = callback.handle(*PLAIN.deliver(push))
    again = callback.handle(*PLAIN.deliver(push))
    other = callback.handle(*PLAIN.deliver(text_message("hello", 2)))

    assert [first.status, again.status, other.status] == [500, 200, 200]
    if not isinstance(ending, GeneratorExit):
        assert type(ending).__name__ in caplog.text


def test_a_handler_that_is_cancelled_is_logged(
    callback: Callback, caplog: pytest.LogCaptureFixture
) -> None:
    """It waited for something that was cancelled, say; its push is delivered again."""
    cancelled = [True]

    @callback.on
    async def waiting(event: events.TextMessage) -> None:
        if cancelled:
            cancelled.pop()
            raise asyncio.CancelledError

    statuses = [callback.handle(*PLAIN.deliver(text_message("hello"))).status for _ in range(2)]

    assert statuses == [500, 200]
    assert "the handler of a push (TextMessage) was cancelled" in caplog.text


def test_a_class_that_is_no_event_is_refused(callback: Callback) -> None:
    """A handler for a class that is no event is a TypeError: it would never be called."""
    with pytest.raises(TypeError, match="such as UnknownEvent, got str"):
        callback.on(str)

    def texts(text: str) -> None:
        """Take texts."""

    with pytest.raises(TypeError, match="such as UnknownEvent, got str"):
        callback.on(texts)
    with pytest.raises(TypeError, match="late: expected a function"):
        callback.late(5)  # type: ignore[arg-type] # pyright: ignore


def test_a_handler_that_returns_no_reply_is_told_so(
    callback: Callback, caplog: pytest.LogCaptureFixture
) -> None:
    """A text that is returned as such would reach nobody."""

    def wrong(event: events.TextMessage) -> str:
        return "hello"

    callback.on(events.TextMessage)(wrong)  # type: ignore[arg-type] # pyright: ignore

    assert callback.handle(*PLAIN.deliver(text_message("hello"))).status == 500
    assert "expected a reply" in caplog.text


def test_a_message_is_handled_once(callback: Callback) -> None:
    """Its number and the two it is between say which one it is."""
    seen: list[str] = []

    @callback.on
    def note(event: events.TextMessage) -> replies.TextReply:
        seen.append(f"{event.from_user_name} {event.msg_id}")
        return replies.TextReply(f"number {len(seen)}")

    pushes = (
        text_message("hello", 1),
        text_message("hello", 1),
        text_message("hello", 2),
        text_message("hello", 1, sender="o6_other"),
    )
    said = [PLAIN.read(callback.handle(*PLAIN.deliver(push)).body)["Content"] for push in pushes]

    assert seen == ["o6_customer 1", "o6_customer 2", "o6_other 1"]
    assert said == ["number 1", "number 1", "number 2", "number 3"]


def test_an_event_is_known_by_what_it_says(callback: Callback) -> None:
    """Two that end in the same second are two; one in XML and in JSON is one."""
    seen: list[str] = []

    @callback.on
    def note(event: events.UnknownEvent) -> None:
        seen.append(str(event.fields["MsgID"]))

    job: JsonObject = {**OPENED, "Event": "TEMPLATESENDJOBFINISH", "MsgID": 1}
    for push, form in (
        (job, "xml"),
        ({**job, "MsgID": 2}, "xml"),
        (job, "xml"),
        (job, "json"),
        (dict(reversed(job.items())), "json"),
    ):
        assert callback.handle(*PLAIN.deliver(push, form)).status == 200

    assert seen == ["1", "2"]


def test_a_known_event_that_lacks_something_comes_as_an_unknown_one(
    callback: Callback, caplog: pytest.LogCaptureFixture
) -> None:
    """The wire is not always as it is described; nothing is dropped."""
    seen: list[events.Event] = []
    callback.default(seen.append)
    push = {name: value for name, value in OPENED.items() if name != "KfAccount"}

    assert callback.handle(*PLAIN.deliver(push)).status == 200
    assert [type(event) for event in seen] == [events.UnknownEvent]
    assert "KfAccount" in caplog.text


def test_what_is_no_push_at_all_is_refused(callback: Callback) -> None:
    """A body that is no push gets 403, even with a right signature."""
    for body in (b"", b"hello", b"<xml>", b"[1]", b"<html></html>", b"\xff\xfe<\0x\0"):
        answer = callback.handle(PLAIN.query(), body)
        assert (answer.status, answer.body) == (403, b"")


def test_a_body_that_is_too_large_is_refused() -> None:
    """A body above `max_size` gets status 413."""
    with closing(Callback(token=TOKEN, max_size=1000)) as callback:
        assert callback.handle(PLAIN.query(), b"x" * 1001).status == 413


def test_a_reply_that_comes_too_late_goes_to_the_hook() -> None:
    """The last delivery is answered in time all the same."""
    released, sent = threading.Event(), threading.Event()
    given: list[tuple[str, str]] = []
    made = Callback(token=TOKEN, schedule=Schedule(cut=0.2, tries=3, spare=0.1))
    with closing(made) as callback:

        @callback.on
        def slow(event: events.TextMessage) -> replies.TextReply:
            released.wait()
            return echo(event)

        @callback.late
        def send(event: events.Event, reply: replies.Reply) -> None:
            assert isinstance(event, events.TextMessage)
            assert isinstance(reply, replies.TextReply)
            given.append((event.from_user_name, reply.content))
            sent.set()

        answers = [callback.handle(*PLAIN.deliver(text_message("hello"))) for _ in range(3)]
        released.set()
        sent.wait()

    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[-1].body == b"success"
    assert given == [("o6_customer", "you wrote hello")]


def test_a_late_reply_without_a_hook_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A late reply without a hook is lost, and the log says how to register a hook."""
    released = threading.Event()
    made = Callback(token=TOKEN, schedule=Schedule(cut=0.1, tries=1, spare=0.05))
    with closing(made) as callback:

        @callback.on
        def slow(event: events.TextMessage) -> replies.TextReply:
            released.wait()
            return echo(event)

        assert callback.handle(*PLAIN.deliver(text_message("hello"))).body == b"success"
        released.set()

    assert "TextReply" in caplog.text
    assert "@callback.late" in caplog.text


def test_a_hook_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log of a failed hook contains the message of its error."""
    made = Callback(token=TOKEN, schedule=Schedule(cut=0.1, tries=1, spare=0.05))
    released = threading.Event()
    with closing(made) as callback:

        @callback.on
        def slow(event: events.TextMessage) -> replies.TextReply:
            released.wait()
            return echo(event)

        @callback.late
        def send(event: events.Event, reply: replies.Reply) -> None:
            raise LookupError("45015, 48 hours are over")

        callback.handle(*PLAIN.deliver(text_message("hello")))
        released.set()

    assert "the hook for late replies failed" in caplog.text
    assert "45015, 48 hours are over" in caplog.text


def test_event_loops_and_threads_share_a_callback(callback: Callback) -> None:
    """A delivery that blocks joins a handler that an event loop runs."""
    released, joined = threading.Event(), threading.Event()

    @callback.on
    async def slow(event: events.TextMessage) -> replies.TextReply:
        await asyncio.to_thread(released.wait)
        return echo(event)

    @callback.middleware
    async def telling(event: events.Event, proceed: object) -> replies.Reply | None:
        joined.set()
        return await slow(event) if isinstance(event, events.TextMessage) else None

    answers: list[Answer] = []

    def block() -> None:
        joined.wait()
        answers.append(callback.handle(*PLAIN.deliver(text_message("hello"))))

    thread = threading.Thread(target=block)
    thread.start()

    async def main() -> Answer:
        waiting = asyncio.create_task(callback.handle_async(*PLAIN.deliver(text_message("hello"))))
        await asyncio.to_thread(joined.wait)
        released.set()
        answer = await waiting
        await asyncio.to_thread(thread.join)
        await callback.aclose()
        return answer

    answers.append(asyncio.run(main(), debug=True))

    assert [PLAIN.read(answer.body)["Content"] for answer in answers] == ["you wrote hello"] * 2


def test_a_callback_can_be_given_more_threads() -> None:
    """A worker that handles two at a time lets neither wait for a thread."""
    both = threading.Barrier(2, timeout=60)
    with closing(Callback(token=TOKEN, threads=1)) as callback:
        callback.widen(2)

        @callback.on
        def meeting(event: events.TextMessage) -> None:
            both.wait()

        async def main() -> None:
            pushes = (callback.pushes.read(text_message("hello", number)) for number in (1, 2))
            await asyncio.gather(*map(callback.work, pushes))
            await callback.aclose()

        asyncio.run(main(), debug=True)


def test_a_handler_cannot_end_a_worker(callback: Callback) -> None:
    """What it raises arrives as an error of its own push."""

    @callback.on
    async def ending(event: events.TextMessage) -> None:
        raise SystemExit(0)

    async def main() -> None:
        with pytest.raises(EscapedError, match="SystemExit: 0"):
            await callback.work(callback.pushes.read(text_message("hello")))
        await callback.aclose()

    asyncio.run(main(), debug=True)


def test_a_callback_that_was_closed_serves_again(callback: Callback) -> None:
    """Its threads begin when they are wanted."""
    callback.on(echo)
    callback.handle(*PLAIN.deliver(text_message("hello", 1)))
    before = threading.active_count()
    callback.close()

    assert threading.active_count() < before
    assert callback.handle(*PLAIN.deliver(text_message("hello", 2))).status == 200


def test_several_accounts_share_an_address() -> None:
    """Each push goes to its account, and is checked with that account's token."""
    router: Router[events.Event, replies.Reply] = Router()
    router.on(echo)
    first = Callback(token="the-first-callback-token", user_name="gh_account", router=router)
    second = Callback(token="the-second-callback-token", user_name="gh_other", router=router)
    both = ByUserName({"gh_account": first, "gh_other": second})
    one, other = Platform("the-first-callback-token"), Platform("the-second-callback-token")
    to_other = {**text_message("hello"), "ToUserName": "gh_other"}
    with closing(both):
        assert both.handle(*one.deliver(text_message("hello"))).status == 200
        assert both.handle(*other.deliver(to_other)).status == 200
        assert both.handle(*other.deliver(to_other, "json")).status == 200
        assert both.handle(*one.deliver(to_other)).status == 403
        assert both.handle(*one.deliver({**to_other, "ToUserName": "gh_nobody"})).status == 403
        assert both.handle(other.query(echostr="echo")).body == b"echo"
        assert asyncio.run(both.handle_async(one.query(echostr="echo"))).body == b"echo"
        assert asyncio.run(both.handle_async(*one.deliver(to_other))).status == 403


def test_a_push_for_another_account_is_refused() -> None:
    """Even when it looks, from outside, like one for this account."""
    with closing(Callback(token=TOKEN, user_name="gh_account")) as callback:
        assert callback.handle(*PLAIN.deliver(text_message("hello"))).status == 200
        to_other = {**text_message("hello", 2), "ToUserName": "gh_other"}
        assert callback.handle(*PLAIN.deliver(to_other)).status == 403


def test_two_accounts_without_a_callback_are_a_mistake() -> None:
    """`ByUserName` without any callback is a ValueError."""
    with pytest.raises(ValueError, match="callbacks: expected at least one account"):
        ByUserName({})


def test_what_cannot_work_is_refused_at_once() -> None:
    """With a word about the argument, and no secret."""
    short = AES_KEY[:-1]
    mistakes: list[tuple[Callable[[], Callback], str]] = [
        (lambda: Callback(token=""), "token: expected the callback token"),
        (lambda: Callback(token=()), "token: expected the callback token"),
        (lambda: Callback(token=f"{TOKEN}\n"), "token: expected no white space around it"),
        (lambda: Callback(token=TOKEN, max_size=0), "max_size: expected a number of bytes above 0"),
        (lambda: Callback(token=TOKEN, window=301), "expected up to 300 seconds, got 301"),
        (lambda: Callback(token=TOKEN, window=0), "expected up to 300 seconds, got 0"),
        (lambda: Callback(token=TOKEN, threads=0), "threads: expected a number above 0, got 0"),
        (lambda: Callback(token=TOKEN, encoding_aes_key=AES_KEY), "app_id: expected the account"),
        (
            lambda: Callback(token=TOKEN, encoding_aes_key=short, app_id=APP_ID),
            "encoding_aes_key: expected 43 letters and digits.*, got 42 characters",
        ),
    ]
    for making, problem in mistakes:
        with pytest.raises(ValueError, match=problem):
            making()


def test_a_callback_shows_no_secret(safe: Callback, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in its repr nor when it refuses."""
    with caplog.at_level(logging.DEBUG):
        safe.handle(*PLAIN.deliver(text_message("hello")))

    assert repr(safe) == "<Callback for encrypted pushes>"
    assert "does not cover its content" in caplog.text

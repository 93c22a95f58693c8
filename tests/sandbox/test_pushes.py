"""Delivering pushes: three attempts with a time limit, in order for each customer."""

from __future__ import annotations

import queue
import socket
import threading
from collections import defaultdict
from random import Random

import pytest

from tests.account import APP_ID, TOKEN
from tests.runtime.servers import Reply, Script, http, read_request
from tests.sandbox.callbacks import SHORT, Pushed, Wire, in_turn, success
from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.redact import Secret
from wxruntime.sandbox import Delivered
from wxruntime.sandbox.deliveries import ATTEMPTS, Delivery
from wxruntime.sandbox.pushes import THREADS, Pusher
from wxruntime.sandbox.sealing import Sealing

SEALING = Sealing.of(APP_ID, Secret(TOKEN), None, "plain", "xml")


def delivery(number: int, openid: str = "o6_ann") -> Delivery:
    """Return a push that was not sent yet."""
    return Delivery(
        number, {"ToUserName": "gh", "FromUserName": openid, "MsgType": "text", "MsgId": number}
    )


# The schedule.


def test_a_callback_that_hangs_is_cut_three_times() -> None:
    """The platform closes each connection after its time limit, and gives up after three."""
    hung_up: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def hang(connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            read_request(lines, 0)
            hung_up.put(lines.read())

    callback = Script(hang)
    pusher = Pusher(callback.base_url, SEALING, patience=SHORT)
    push = delivery(1)
    try:
        pusher.push(push)
        ends = [hung_up.get(timeout=30) for _ in range(ATTEMPTS)]
        assert push.over.wait(30)
    finally:
        pusher.close()
        callback.close()

    assert ends == [b""] * ATTEMPTS
    assert [(a.status, a.cut) for a in push.attempts] == [(0, True)] * ATTEMPTS
    assert all(attempt.elapsed >= SHORT for attempt in push.attempts)
    assert (push.answered_on, push.reply) == (0, None)
    assert push.problem == "none of 3 attempts was answered with 200"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
)
def test_the_patience_is_for_the_whole_answer(head: bytes) -> None:
    """A callback that sends its answer byte by byte is cut as well."""

    def drip(wire: Wire) -> Reply:
        return Reply(pushed.callback.drip(head, b"x"))

    with Pushed(drip, patience=SHORT) as pushed:
        push = pushed.push()

    assert [(a.status, a.cut) for a in push.attempts] == [(0, True)] * ATTEMPTS


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_the_answer_may_come_to_a_later_try(tries: int) -> None:
    """A push that is answered at a later attempt is delivered, with the attempt's number."""
    with Pushed(in_turn(*[None] * (tries - 1), success), patience=2.0) as pushed:
        push = pushed.push()
        bodies = {wire.seen.body for wire in pushed.seen}

    assert [attempt.cut for attempt in push.attempts] == [True] * (tries - 1) + [False]
    assert push.attempts[-1].status == 200
    assert (push.answered_on, push.problem, push.done) == (tries, "", True)
    assert len(bodies) == 1


@pytest.mark.parametrize("status", ["201 Created", "302 Found", "403 No", "500 Oh", "503 Later"])
def test_another_status_is_tried_again(status: str) -> None:
    """Any status but 200 is followed by the next attempt at once."""
    again = http(b"success", status)
    with Pushed(in_turn(again, again, success)) as pushed:
        push = pushed.push()

    code = int(status.split()[0])
    assert [attempt.status for attempt in push.attempts] == [code, code, 200]
    assert not any(attempt.cut for attempt in push.attempts)
    assert push.attempts[0].problem == f"answered with {code}"
    assert push.answered_on == 3


@pytest.mark.parametrize(
    "broken",
    [
        http(b"success", length=100),
        Reply([b"HTTP/1.1 200 OK\r\nContent-Le"], keep=False),
        Reply([b"success\r\n\r\n"], keep=False),
        Reply([], keep=False),
    ],
)
def test_an_answer_that_breaks_off_is_none(broken: Reply) -> None:
    """An incomplete answer is followed by the next attempt, even if it reads as complete."""
    with Pushed(in_turn(broken, success)) as pushed:
        push = pushed.push()

    assert [attempt.status for attempt in push.attempts] == [0, 200]
    assert "broke off" in push.attempts[0].problem
    assert not push.attempts[0].cut


def test_a_callback_that_is_not_there_is_tried_as_often() -> None:
    """A refused connection counts as an attempt."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    pusher = Pusher(f"http://127.0.0.1:{port}/", SEALING)
    push = delivery(1)
    pusher.push(push)
    assert push.over.wait(30)
    pusher.close()

    assert ["refused" in attempt.problem for attempt in push.attempts] == [True] * ATTEMPTS


@pytest.mark.parametrize("fresh_nonce", [True, False])
def test_tries_are_signed_anew_or_repeat_each_other(fresh_nonce: bool) -> None:
    """Each attempt has a new nonce, or all attempts are the same, byte by byte."""
    again = http(b"", "503 Later")
    with Pushed(in_turn(again, again, success), mode="safe", fresh_nonce=fresh_nonce) as pushed:
        first = pushed.push()
        pushed.admin.wait_for_delivery(pushed.admin.redeliver(first.id))
        seen = pushed.seen

    assert len(seen) == 4
    different = 4 if fresh_nonce else 1
    assert len({wire.query["nonce"] for wire in seen}) == different
    assert len({wire.query["msg_signature"] for wire in seen}) == different
    assert len({(wire.seen.target, wire.seen.body) for wire in seen}) == different
    assert [wire.fields for wire in seen] == [seen[0].fields] * 4


def test_an_error_of_ones_own_is_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    """An error of our own is logged and counts as an attempt; the next push is delivered."""
    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    times = iter(range(ATTEMPTS + 1))

    def now() -> int:
        if (time := next(times)) < ATTEMPTS:
            raise ZeroDivisionError
        return time

    def keep(incoming: Incoming) -> Outgoing:
        arrived.put(incoming.body)
        return Outgoing(200, "text/plain", b"success")

    broken, whole = delivery(1), delivery(2)
    with LoopbackServer(keep) as callback:
        pusher = Pusher(callback.url, SEALING, now=now)
        pusher.push(broken)
        pusher.push(whole)
        body = arrived.get(timeout=30)
        pusher.close()

    assert body == SEALING.write(whole.wire)
    assert [attempt.problem for attempt in broken.attempts] == [
        "not sent: ZeroDivisionError"
    ] * ATTEMPTS
    assert caplog.text.count("a push could not be sent") == ATTEMPTS


def test_a_reply_without_effect_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An error in the effect of a reply is logged, and the push counts as answered."""

    def fail(delivery: Delivery) -> None:
        raise ZeroDivisionError

    push = delivery(1)
    with LoopbackServer(lambda incoming: Outgoing(200, "text/plain", b"")) as callback:
        pusher = Pusher(callback.url, SEALING, answered=fail)
        pusher.push(push)
        assert push.over.wait(30)
        pusher.close()

    assert (push.answered_on, push.problem) == (1, "")
    assert "the reply to a push had no effect" in caplog.text


@pytest.mark.parametrize("patience", [0, -1.0, 61, float("nan")])
def test_a_patience_out_of_range_is_refused(patience: float) -> None:
    """A time limit outside of 0 to 60 s is refused at once."""
    with pytest.raises(ValueError, match="patience: expected seconds, up to 60, got"):
        Pusher("http://127.0.0.1/", SEALING, patience=patience)


# Who waits for whom.


def test_a_slow_push_holds_back_its_customer_alone() -> None:
    """Only the next push of the same customer waits; those of others are delivered."""
    release = threading.Event()

    def play(wire: Wire) -> Reply:
        if wire.fields.get("Content") == "slow":
            release.wait(30)
        return http(b"success")

    with Pushed(play, patience=30) as pushed:
        admin = pushed.admin
        slow = [admin.send_message("o6_ann", content="slow"), admin.send_message("o6_ann")]
        others = [admin.send_message(f"o6_{n}") for n in range(3 * THREADS)]
        done = [admin.wait_for_delivery(number) for number in others]
        meanwhile = {d.id: d for d in admin.deliveries() if d.id in slow}
        release.set()
        last = admin.wait_for_delivery(slow[1])
        of_ann = [wire.fields["Content"] for wire in pushed.seen if "o6_ann" in wire.seen.target]

    assert all(push.answered_on == 1 for push in done)
    assert not any(push.done or push.attempts for push in meanwhile.values())
    assert last.answered_on == 1
    assert of_ann == ["slow", "some content"]


def test_each_customer_is_served_in_order() -> None:
    """The pushes of one customer never overtake each other, even if attempts fail."""
    random = Random(7)
    order = [f"o6_{customer}" for customer in range(20) for _ in range(6)]
    random.shuffle(order)
    failing = iter([random.random() < 0.3 for _ in range(4 * len(order))])
    lock = threading.Lock()

    def play(wire: Wire) -> Reply:
        with lock:
            return http(b"", "500 Oh") if next(failing) else http(b"success")

    with Pushed(play) as pushed:
        sent = [pushed.admin.send_message(openid) for openid in order]
        for number in sent:
            pushed.admin.wait_for_delivery(number)
        seen = pushed.seen

    came: dict[str, list[int]] = defaultdict(list)
    for wire in seen:
        number = int(str(wire.fields["MsgId"]))
        if number not in came[wire.query["openid"]]:
            came[wire.query["openid"]].append(number)
    assert sum(map(len, came.values())) == len(order)
    assert all(numbers == sorted(numbers) for numbers in came.values())


# The end.


def test_what_is_queued_at_the_end_is_given_up() -> None:
    """The attempt under way is finished, and all further attempts are given up."""
    arrived, release = threading.Event(), threading.Event()

    def fail(incoming: Incoming) -> Outgoing:
        arrived.set()
        release.wait(30)
        return Outgoing(500, "text/plain", b"")

    first, second = delivery(1), delivery(2)
    with LoopbackServer(fail) as callback:
        pusher = Pusher(callback.url, SEALING, patience=30)
        pusher.push(first)
        pusher.push(second)
        assert arrived.wait(30)
        closer = threading.Thread(target=pusher.close)
        closer.start()
        assert pusher.closing.wait(30)
        release.set()
        closer.join(30)

    assert not closer.is_alive()
    assert [attempt.status for attempt in first.attempts] == [500]
    assert (second.attempts, second.over.is_set()) == ([], True)
    assert first.problem == "given up after 1 of 3 attempts: the local WeChat was closed"
    assert second.problem == "given up after 0 of 3 attempts: the local WeChat was closed"


def test_what_comes_after_the_end_is_given_up() -> None:
    """A push after the close is over at once, without an attempt."""
    pusher = Pusher("http://127.0.0.1:9/", SEALING)
    pusher.close()
    push = delivery(1)
    pusher.push(push)

    assert push.over.is_set()
    assert (push.attempts, push.problem) == (
        [],
        "given up after 0 of 3 attempts: the local WeChat was closed",
    )


def test_closing_leaves_no_thread_and_no_wait() -> None:
    """Closing waits for the attempts under way only, and ends the waits for queued pushes."""
    before = {*threading.enumerate()}
    told: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
    with Pushed(in_turn(None), patience=SHORT) as pushed:
        for number in range(2 * THREADS):
            pushed.admin.send_message(f"o6_{number}")
        last = pushed.admin.send_message("o6_0")
        waiting = threading.Thread(
            target=lambda: told.put(pushed.admin.wait_for_delivery(last)), daemon=True
        )
        waiting.start()
        pushed.wechat.close()
        waiting.join(30)

    assert (
        told.get(timeout=30).problem
        == "given up after 0 of 3 attempts: the local WeChat was closed"
    )
    assert not [t for t in threading.enumerate() if t not in before and "wechat" in t.name]

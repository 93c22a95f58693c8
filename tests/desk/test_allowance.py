"""How many messages a customer may still be sent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from wxoa import events
from wxruntime.desk import RULES, UNLIMITED, Allowance, MemoryAllowance, Push, Rule
from wxruntime.desk.rules import MENU_MESSAGE, MESSAGE, PAYMENT
from wxruntime.wire import Timestamp

ANNA, BEN = "o6_anna", "o6_ben"
NOON = 1_700_000_000


@define
class Still:
    """A clock that only a test moves."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


def text(openid: str = ANNA, at: int = NOON, menu_id: str | None = None) -> events.Event:
    """Let a customer write."""
    return events.TextMessage("gh_1", openid, Timestamp(at), "hello", 1, menu_id=menu_id)


def event(name: str, openid: str = ANNA, at: int = NOON) -> events.Event:
    """Push an event, be it described or not."""
    return events.decode(
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>event</MsgType><Event>{name}</Event>"
        "<EventKey>key</EventKey><Ticket>ticket</Ticket><ScanCodeInfo><ScanType>qrcode</ScanType>"
        "<ScanResult>1</ScanResult></ScanCodeInfo></xml>".encode()
    )


def unknown(**fields: str | int) -> events.Event:
    """Push what nobody described."""
    return events.UnknownEvent({"FromUserName": ANNA, "CreateTime": NOON, **fields})


@pytest.mark.parametrize(
    ("push", "messages", "seconds"),
    [
        (text(), 5, 172_800),
        (events.ImageMessage("gh_1", ANNA, Timestamp(NOON), "url", "id", 1), 5, 172_800),
        (unknown(MsgType="miniprogrampage"), 5, 172_800),
        (text(menu_id="101"), 3, 60),
        (event("CLICK"), 3, 60),
        (event("scancode_push"), 3, 60),
        (event("scancode_waitmsg"), 3, 60),
        (event("subscribe"), 3, 60),
        (event("SCAN"), 3, 60),
        (unknown(MsgType="event", Event="SCAN"), 3, 60),
    ],
)
def test_what_a_customer_does_allows_messages_for_a_while(
    push: Push, messages: int, seconds: int
) -> None:
    """So many, and until the last second is over."""
    clock = Still()
    allowance = MemoryAllowance(clock=clock)
    allowance.observe(push)

    assert allowance.remaining(ANNA) == messages
    clock.now = NOON + seconds - 0.5
    assert [allowance.spend(ANNA) for _ in range(messages + 1)] == [True] * messages + [False]

    allowance = MemoryAllowance(clock=clock)
    clock.now = NOON
    allowance.observe(push)
    clock.now = NOON + seconds
    assert allowance.remaining(ANNA) == 0
    assert not allowance.spend(ANNA)


@pytest.mark.parametrize(
    "push",
    [
        event("VIEW"),
        event("unsubscribe"),
        events.KfCloseSessionEvent("gh_1", ANNA, Timestamp(NOON), "sara@acme"),
        unknown(MsgType="event"),
        unknown(MsgType="device_text"),
        unknown(MsgType="text", CreateTime=1000 * NOON),
        unknown(),
    ],
)
def test_other_pushes_allow_nothing(push: Push) -> None:
    """Nobody can be written to because of them."""
    allowance = MemoryAllowance(clock=Still())
    allowance.observe(push)

    assert allowance.remaining(ANNA) == 0


def test_a_payment_allows_any_number() -> None:
    """For two days, and without being counted."""
    clock = Still()
    allowance = MemoryAllowance(clock=clock)
    allowance.observe(text())
    allowance.grant(ANNA, PAYMENT, NOON)

    assert all(allowance.spend(ANNA) for _ in range(100))
    assert allowance.remaining(ANNA) == UNLIMITED
    clock.now = NOON + 172_800
    assert not allowance.spend(ANNA)


def test_a_delivery_that_is_repeated_renews_nothing() -> None:
    """Nor does an older push that comes late; a newer one does."""
    allowance = MemoryAllowance(clock=Still())
    allowance.observe(text())
    for _ in range(4):
        allowance.spend(ANNA)
    allowance.observe(text())
    allowance.observe(text(at=NOON - 10))
    assert allowance.remaining(ANNA) == 1

    allowance.observe(text(at=NOON + 1))
    assert allowance.remaining(ANNA) == 5


def test_whoever_leaves_can_be_sent_nothing() -> None:
    """Whatever was granted, and whatever older push is delivered again, until they come back."""
    allowance = MemoryAllowance(clock=Still(NOON + 30))
    allowance.observe(text(at=NOON))
    allowance.observe(event("CLICK", at=NOON + 5))
    allowance.grant(ANNA, PAYMENT, NOON + 6)
    allowance.observe(event("unsubscribe", at=NOON + 10))
    assert not allowance.spend(ANNA)

    for again in (text(at=NOON), event("CLICK", at=NOON + 5), event("SCAN", at=NOON + 9)):
        allowance.observe(again)
    assert allowance.remaining(ANNA) == 0

    allowance.observe(event("subscribe", at=NOON + 20))
    assert allowance.remaining(ANNA) == 3
    allowance.observe(event("unsubscribe", at=NOON + 10))
    assert allowance.remaining(ANNA) == 3


def test_grants_of_two_rules_are_not_added_up() -> None:
    """The larger number counts, and a message counts against both."""
    allowance = MemoryAllowance(clock=Still())
    allowance.observe(event("CLICK"))
    allowance.observe(text())
    left: list[int] = []
    while allowance.spend(ANNA):
        left.append(allowance.remaining(ANNA))

    assert left == [4, 3, 2, 1, 0]


def test_customers_are_counted_apart() -> None:
    """Whoever has done nothing has nothing left."""
    allowance = MemoryAllowance(clock=Still())
    allowance.observe(text(ANNA))
    allowance.spend(ANNA)

    assert (allowance.remaining(ANNA), allowance.remaining(BEN)) == (4, 0)


def test_the_rules_can_be_others() -> None:
    """Those of a mini-program, for example."""
    rules = (Rule({MESSAGE, MENU_MESSAGE}, 5, 172_800), Rule({"user_enter_tempsession"}, 2, 60))
    allowance: Allowance = MemoryAllowance(rules, clock=Still())
    allowance.observe(event("user_enter_tempsession"))
    assert allowance.remaining(ANNA) == 2
    allowance.observe(text(menu_id="7"))
    assert allowance.remaining(ANNA) == 5
    with pytest.raises(
        ValueError, match="rules: expected one rule for each cause, got two for 'x'"
    ):
        MemoryAllowance((Rule({"x"}, 1, 1), Rule({"x"}, 2, 2)))


@pytest.mark.parametrize("causes", ["subscribe", "", (), {""}, [None], {"x", 5}, None, 5])
def test_a_rule_has_names_for_causes(causes: Any) -> None:
    """A text alone would be a rule for its letters, and one without causes would never hold."""
    with pytest.raises(
        ValueError, match=r"causes: expected one or more names, such as \{'subscribe'\}, got"
    ):
        Rule(causes, 3, 60)


@pytest.mark.parametrize("messages", [-3, 2.5, "3", True, float("nan")])
def test_a_rule_has_a_number_of_messages(messages: Any) -> None:
    """It is whole, and not below 0."""
    with pytest.raises(ValueError, match=f"messages: expected a whole .*, got {messages!r}"):
        Rule({"x"}, messages, 60)


@pytest.mark.parametrize("seconds", [0, -60, float("nan"), float("inf"), "60", None])
def test_a_rule_has_a_time(seconds: Any) -> None:
    """It is finite, and above 0."""
    with pytest.raises(ValueError, match=f"seconds: expected a finite .*, got {seconds!r}"):
        Rule({"x"}, 3, seconds)


def test_causes_may_be_any_names() -> None:
    """In a set, a list or a tuple, and they may be the names of a mapping."""
    rule = Rule({"x"}, 3, 60)

    assert rule == Rule(["x"], 3, 60) == Rule(("x", "x"), 3, 60) == Rule({"x": 1}.keys(), 3, 60)


def test_a_cause_that_no_rule_has_is_refused() -> None:
    """The causes that there are stand in the message."""
    allowance = MemoryAllowance((Rule({"party", PAYMENT}, 3, 60),), clock=Still())
    with pytest.raises(
        ValueError, match=r"cause: expected one of \['party', 'payment'\], got 'paymnt'"
    ):
        allowance.grant(ANNA, "paymnt", NOON)

    assert allowance.remaining(ANNA) == 0


@pytest.mark.parametrize(
    "at", [1000 * NOON, float("nan"), float("inf"), -1, 253402300800, "1700000000", None]
)
def test_a_grant_has_a_time_in_seconds(at: Any) -> None:
    """Milliseconds would make it last for thousands of years."""
    allowance = MemoryAllowance(clock=Still())
    with pytest.raises(ValueError, match="at: expected Unix seconds, up to the year 9999, got"):
        allowance.grant(ANNA, PAYMENT, at)

    assert allowance.remaining(ANNA) == 0
    allowance.grant(ANNA, PAYMENT, NOON + 0.5)
    assert allowance.remaining(ANNA) == UNLIMITED


def test_who_was_silent_for_longest_is_forgotten_first() -> None:
    """The memory has a limit, and who is forgotten has nothing left."""
    allowance = MemoryAllowance(clock=Still(), limit=2)
    for number, openid in enumerate(("o6_0", "o6_1", "o6_0", "o6_2")):
        allowance.observe(text(openid, NOON + number))

    assert [allowance.remaining(f"o6_{number}") for number in range(3)] == [5, 0, 5]
    with pytest.raises(ValueError, match="limit: expected a number above 0, got 0"):
        MemoryAllowance(limit=0)


def test_threads_never_spend_more_than_there_is() -> None:
    """Eight of them at once, for one customer."""
    allowance = MemoryAllowance((Rule({MESSAGE}, 500, 60),), clock=Still())
    allowance.observe(text())
    together = threading.Barrier(8)

    def spend() -> int:
        together.wait()
        return sum(allowance.spend(ANNA) for _ in range(100))

    with ThreadPoolExecutor(8) as pool:
        spent = [run.result() for run in [pool.submit(spend) for _ in range(8)]]

    assert sum(spent) == 500
    assert allowance.remaining(ANNA) == 0


def menu_message(openid: str, at: int) -> events.Event:
    """Let a customer choose from a menu message."""
    return text(openid, at, menu_id="1")


CAUSES: dict[str, Callable[[str, int], events.Event]] = {
    MESSAGE: text,
    MENU_MESSAGE: menu_message,
    **{name: partial(event, name) for name in ("CLICK", "subscribe", "SCAN", "unsubscribe")},
}


@define
class Diary:
    """The simple model: everything that happened, read again from the beginning each time."""

    entries: list[tuple[str, str, int, int]] = field(factory=list[tuple[str, str, int, int]])
    """What, who, when it says it happened, and when it came."""

    def left(self, openid: str, now: int) -> int:
        return max(self._left_by(rule, openid, now) for rule in RULES)

    def _left_by(self, rule: Rule, openid: str, now: int) -> int:
        left, began = 0, -1
        for what, who, at, came in self.entries:
            if who != openid:
                continue
            serves = began >= 0 and came < began + rule.seconds
            if what == "sent":
                left -= 1 if serves and left else 0
            elif what == "unsubscribe":
                left, began = (0, at) if at >= began else (left, began)
            elif what in rule.causes and rule.messages and at > began:
                left, began = rule.messages, at
        return left if began >= 0 and now < began + rule.seconds else 0


WHO = st.sampled_from([ANNA, BEN])
STEPS = st.one_of(
    st.tuples(WHO, st.just("wait"), st.sampled_from([1, 20, 59, 60, 3600, 172_799, 172_800])),
    st.tuples(WHO, st.sampled_from([*CAUSES]), st.integers(-70, 0)),
    st.tuples(WHO, st.just("spend"), st.just(0)),
)


@given(steps=st.lists(STEPS, max_size=60))
def test_the_allowance_is_what_a_diary_says_property(steps: list[tuple[str, str, int]]) -> None:
    """Whatever customers do, in whatever order it comes, and whatever is sent."""
    clock = Still()
    allowance = MemoryAllowance(clock=clock)
    diary = Diary()
    for openid, step, value in steps:
        now = int(clock.now)
        if step == "wait":
            clock.now += value
        elif step == "spend":
            expected = diary.left(openid, now) > 0
            assert allowance.spend(openid) == expected
            diary.entries.append(("sent", openid, now, now))
        else:
            allowance.observe(CAUSES[step](openid, now + value))
            diary.entries.append((step, openid, now + value, now))
        for who in (ANNA, BEN):
            assert allowance.remaining(who) == diary.left(who, int(clock.now))

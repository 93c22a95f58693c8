"""A captured delivery: what can be done with it, and for how long."""

from __future__ import annotations

import asyncio

import pytest

from tests.callback.gate.receiving import NOW, StandingInbox, receiving, text_push
from tests.callback.gate.scheme import Sender
from tests.redis_server import serving_redis
from wxruntime.callback.answer import HANDLED, REFUSED
from wxruntime.inbox.redis import RedisInbox

SENDER = Sender()


def test_a_captured_address_takes_no_other_body() -> None:
    """The plain signature fits any body; the nonce belongs to the first one."""
    with receiving(SENDER, encrypted=False) as receiver:
        assert receiver.take(SENDER.plain(text_push("said", 1))) == HANDLED
        assert receiver.take(SENDER.plain(text_push("forged", 2))) is REFUSED
        assert receiver.take(SENDER.plain(text_push("forged", 1))) is REFUSED
        assert receiver.take(SENDER.plain(b"")) is REFUSED

    assert len(receiver.handled) == 1


def test_a_nonce_belongs_to_its_content_in_safe_mode_as_well() -> None:
    """Another content under the same nonce is refused, even from somebody who has the key."""
    with receiving(SENDER) as receiver:
        assert receiver.take(SENDER.safe(text_push("said", 1))) == HANDLED
        assert receiver.take(SENDER.safe(text_push("forged", 2))) is REFUSED

    assert len(receiver.handled) == 1


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_repeated_delivery_goes_on_to_deduplication_for_60_s(encrypted: bool) -> None:
    """The platform's second and third try are answered as the first; the handler ran once."""
    inbox = StandingInbox()
    with receiving(SENDER, encrypted=encrypted, inbox=inbox) as receiver:
        for now, answer in ((0, HANDLED), (5, HANDLED), (10, HANDLED), (60, HANDLED)):
            inbox.now = float(now)
            # In safe mode each try is encrypted anew.
            push = text_push()
            assert receiver.take(SENDER.safe(push) if encrypted else SENDER.plain(push)) == answer
        inbox.now = 60.5
        push = text_push()
        assert receiver.take(SENDER.safe(push) if encrypted else SENDER.plain(push)) is REFUSED

    assert len(receiver.handled) == 1


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_captured_address_echoes_nothing_but_what_came_with_it(encrypted: bool) -> None:
    """The echo is not signed: another text under a captured signature is refused."""
    with receiving(SENDER, encrypted=encrypted) as receiver:
        assert receiver.take(SENDER.check("4375120948345356249")).body == b"4375120948345356249"
        assert receiver.take(SENDER.check("4375120948345356249")).body == b"4375120948345356249"
        assert receiver.take(SENDER.check("<script>")) is REFUSED

    later = Sender(nonce="2")
    push = text_push()
    with receiving(SENDER, encrypted=encrypted) as receiver:
        assert receiver.take(later.safe(push) if encrypted else later.plain(push)) == HANDLED
        assert receiver.take(later.check("<script>")) is REFUSED


def test_a_captured_push_is_worth_nothing_when_its_time_is_over() -> None:
    """A whole authentic delivery, a little later than the window: refused by a new process."""
    captured = SENDER.safe(text_push())
    with receiving(SENDER, now=NOW + 301) as receiver:
        assert receiver.take(captured) is REFUSED

    assert not receiver.handled


@pytest.mark.parametrize(
    ("captured", "turned"),
    [
        # Time and nonce change places, where the nonce could be a time.
        (("1700000000", "1700000100"), ("1700000100", "1700000000")),
        # A zero changes sides.
        (("1700000000", "0"), ("01700000000", "")),
    ],
    ids=["changed places", "a zero moved"],
)
def test_the_same_signature_is_the_same_nonce(
    captured: tuple[str, str], turned: tuple[str, str]
) -> None:
    """Signed is what time and nonce are joined to, so one signature fits several pairs.

    They count as one nonce: another body under any of them is a replay.
    """
    first = Sender(timestamp=captured[0], nonce=captured[1])
    second = Sender(timestamp=turned[0], nonce=turned[1])
    assert first.signed()["signature"] == second.signed()["signature"]

    with receiving(SENDER, encrypted=False) as receiver:
        assert receiver.take(first.plain(text_push("said", 1))) == HANDLED
        assert receiver.take(second.plain(text_push("forged", 2))) is REFUSED

    assert len(receiver.handled) == 1


def test_machines_that_share_redis_share_their_nonces() -> None:
    """A delivery captured before one machine is refused by another, with another body."""
    with serving_redis() as server:
        inboxes = [RedisInbox.from_url(server.url) for _ in range(2)]
        with (
            receiving(SENDER, encrypted=False, inbox=inboxes[0]) as first,
            receiving(SENDER, encrypted=False, inbox=inboxes[1]) as second,
        ):
            assert first.take(SENDER.plain(text_push("said", 1))) == HANDLED
            assert second.take(SENDER.plain(text_push("forged", 2))) is REFUSED
            assert second.take(SENDER.plain(text_push("said", 1))) == HANDLED

    assert len(first.handled) == 1
    assert not second.handled


def test_of_two_bodies_at_once_one_is_taken() -> None:
    """Different bodies race for one captured nonce: the first is taken, the others are refused."""

    async def race() -> list[int]:
        with receiving(SENDER, encrypted=False) as receiver:
            handle = receiver.callback.handle_async
            requests = [SENDER.plain(text_push("x", number)) for number in range(20)]
            answers = await asyncio.gather(
                *(handle(request.encoded, request.body) for request in requests)
            )
            await receiver.callback.aclose()
            assert len(receiver.handled) == 1
            return sorted(answer.status for answer in answers)

    assert asyncio.run(race()) == [200, *[403] * 19]

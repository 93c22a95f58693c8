"""Receiving pushes: signature first, and never a wrong 200."""

from __future__ import annotations

import logging

import pytest

from wxoa import events
from wxruntime.callback.receiver import Receiver
from wxruntime.callback.signature import sign, verify
from wxruntime.errors import SignatureError
from wxruntime.httpd import Incoming
from wxruntime.wire import Timestamp

TOKEN = "AAAAA"
TIMESTAMP = "1714037059"
NONCE = "486452656"
PUSH = events.encode(events.KfCreateSessionEvent("gh", "o6", Timestamp(1399197672), "sara@acme"))


def signed(**others: str) -> dict[str, str]:
    """Return a query with a valid signature."""
    signature = sign(TOKEN, TIMESTAMP, NONCE)
    return {"signature": signature, "timestamp": TIMESTAMP, "nonce": NONCE, **others}


@pytest.fixture
def handled() -> list[events.Event]:
    """Return where the handler puts what it is given."""
    return []


@pytest.fixture
def receiver(handled: list[events.Event]) -> Receiver[events.Event]:
    """Return a receiver that keeps every event."""
    return Receiver(TOKEN, events.decode, handled.append)


def test_the_official_vector_is_signed_as_published() -> None:
    """The example of the official page gives the signature that stands there."""
    assert sign(TOKEN, TIMESTAMP, NONCE) == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


@pytest.mark.parametrize("signature", ["", "0" * 40, "é", "\udc80", "899CF89E"])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    """Any other text is no signature, whatever characters it has."""
    with pytest.raises(SignatureError):
        verify(TOKEN, signature, TIMESTAMP, NONCE)


def test_a_signature_with_a_text_no_hash_can_take_is_refused() -> None:
    """Half a surrogate pair in the query ends in the one error as well."""
    with pytest.raises(SignatureError):
        verify(TOKEN, "0" * 40, "\udc80", NONCE)


def test_the_url_check_gives_back_what_it_was_sent(receiver: Receiver[events.Event]) -> None:
    """The platform's check of the URL is answered with its own text."""
    answer = receiver.answer(Incoming("GET", "/", signed(echostr="5927782489442352469"), b""))

    assert (answer.status, answer.body) == (200, b"5927782489442352469")


def test_an_unsigned_url_check_gives_nothing_back(receiver: Receiver[events.Event]) -> None:
    """Nobody learns what a text that was not signed would look like when it comes back."""
    answer = receiver.answer(Incoming("GET", "/", {"echostr": "<script>"}, b""))

    assert (answer.status, answer.body) == (403, b"")


def test_a_push_is_handled(receiver: Receiver[events.Event], handled: list[events.Event]) -> None:
    """A signed push is decoded, handled and acknowledged."""
    answer = receiver.answer(Incoming("POST", "/", signed(), PUSH))

    assert (answer.status, answer.body) == (200, b"success")
    assert handled == [events.decode(PUSH)]


def test_a_push_that_is_not_signed_is_not_even_read(
    handled: list[events.Event], caplog: pytest.LogCaptureFixture
) -> None:
    """The signature is looked at before the content, and the token stays out of the log."""
    read: list[bytes] = []

    def decode(body: bytes) -> events.Event:
        read.append(body)
        return events.decode(body)

    receiver = Receiver(TOKEN, decode, handled.append)
    with caplog.at_level(logging.DEBUG):
        answer = receiver.answer(Incoming("POST", "/", {**signed(), "nonce": "1"}, PUSH))

    assert (answer.status, answer.body) == (403, b"")
    assert (read, handled) == ([], [])
    assert "refused a push" in caplog.text
    assert TOKEN not in caplog.text


def test_a_push_that_cannot_be_read_is_not_acknowledged(
    receiver: Receiver[events.Event], handled: list[events.Event]
) -> None:
    """Bytes that are no push get a 400, so that the platform tries again."""
    answer = receiver.answer(Incoming("POST", "/", signed(), b"not a push"))

    assert (answer.status, handled) == (400, [])


def test_a_handler_that_fails_is_not_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    """An exception of the handler is logged and answered with a 500: it is never swallowed."""

    def fail(event: events.Event) -> None:
        raise ZeroDivisionError

    answer = Receiver(TOKEN, events.decode, fail).answer(Incoming("POST", "/", signed(), PUSH))

    assert answer.status == 500
    assert "ZeroDivisionError" in caplog.text

"""Faults that were found in other libraries, and are not ours: one test for each."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.callback.gate import scheme
from tests.callback.gate.receiving import NOW, gate_for, receiving, text_push
from tests.callback.gate.refusing import assert_refused
from tests.callback.gate.scheme import Sender
from wxoa.events import Event
from wxoa.replies import TextReply
from wxruntime.callback.answer import HANDLED, REFUSED

SENDER = Sender()

INJECTION = (
    "bye]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType>"
    "<TransInfo><KfAccount><![CDATA[mallory@acme]]></KfAccount></TransInfo><Content><![CDATA["
)


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_bad_signature_is_not_answered_as_handled(encrypted: bool) -> None:
    """A 200 with an empty body tells the platform that the push is handled; this is a 403."""
    forged = Sender(token="nobodys-token-at-all")
    with receiving(SENDER, encrypted=encrypted) as receiver:
        for request in (forged.safe(text_push()), forged.plain(text_push())):
            assert receiver.take(request) is REFUSED

    assert REFUSED.status == 403


@pytest.mark.parametrize(
    "text", [INJECTION, "]]>", "]]", "]]]]>>", "a]]>b]]>c", "<![CDATA[", "]]&gt;", "&amp;<b>"]
)
@pytest.mark.parametrize("encrypted", [True, False])
def test_a_text_cannot_write_xml_of_its_own(text: str, encrypted: bool) -> None:
    """A reply that quotes what a customer or a model wrote stays a text, to the last bracket."""
    with receiving(SENDER, encrypted=encrypted) as receiver:

        def echo(event: Event) -> TextReply:
            return TextReply(content=text)

        receiver.callback.default(echo)
        push = text_push()
        answer = receiver.take(SENDER.safe(push) if encrypted else SENDER.plain(push))

    document = answer.body
    if encrypted:
        envelope = scheme.read_reply(answer.body, "xml")
        document = scheme.opened(SENDER.key, envelope["Encrypt"]).content
    root = ElementTree.fromstring(document)
    assert [child.tag for child in root].count("MsgType") == 1
    assert root.findtext("MsgType") == "text"
    assert root.findtext("Content") == text
    assert root.find("TransInfo") is None
    assert root.findtext("ToUserName") == "o6_customer"


@pytest.mark.parametrize("last", [0, 33, 255])
def test_bad_padding_is_no_empty_message(last: int) -> None:
    """What is not padded as the scheme says is refused, and not read as nothing."""
    framed = scheme.frame(text_push(), SENDER.app_id.encode(), bytes(16))
    whole = framed + bytes(-len(framed) % 32)
    assert_refused(
        gate_for(SENDER),
        SENDER.carrying(scheme.encrypt(SENDER.key, whole[:-1] + bytes([last]))),
    )


def test_a_callback_with_a_key_takes_no_plain_body() -> None:
    """The sender does not choose plain mode, by no value of `encrypt_type`."""
    with receiving(SENDER) as receiver:
        for chosen in ("raw", "aes", "", "none"):
            request = SENDER.plain(text_push()).asking(encrypt_type=chosen)
            assert receiver.take(request) is REFUSED
        assert receiver.take(SENDER.plain(text_push())) is REFUSED

    assert not receiver.handled


def test_one_captured_address_does_not_post_for_ever() -> None:
    """A signature over time and nonce fits any body: it is good for one body, and 300 s."""
    captured = SENDER.plain(text_push("said", 1))
    forged = captured.carrying(text_push("forged", 2))
    with receiving(SENDER, encrypted=False) as receiver:
        assert receiver.take(captured) == HANDLED
        assert receiver.take(forged) is REFUSED
    with receiving(SENDER, encrypted=False, now=NOW + 301) as another:
        assert another.take(forged) is REFUSED

    assert len(receiver.handled) == 1
    assert not another.handled


def test_an_unsigned_echo_is_not_given_back() -> None:
    """The address is nobody's to check who does not know the token."""
    with receiving(SENDER) as receiver:
        for query in (
            "echostr=4375120948345356249",
            "echostr=4375120948345356249&signature=&timestamp=&nonce=",
            f"echostr=1&timestamp={int(NOW)}&nonce=1&signature={'0' * 40}",
        ):
            assert receiver.callback.handle(query) is REFUSED


def test_the_app_id_in_the_encrypted_content_is_checked() -> None:
    """A push encrypted for another account with the same key is not this account's."""
    with receiving(SENDER) as receiver:
        assert receiver.take(Sender(app_id="wx00000000000000ff").safe(text_push())) is REFUSED
        assert receiver.take(Sender(app_id="").safe(text_push())) is REFUSED

    assert not receiver.handled

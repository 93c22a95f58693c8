"""Which of the platform's three modes a callback accepts, and what of a body counts."""

from __future__ import annotations

import json

import pytest

from tests.callback.gate.receiving import gate_for, gate_of, receiving, text_push
from tests.callback.gate.refusing import assert_refused, refusal_of
from tests.callback.gate.scheme import Form, Request, Sender, read_reply, signature_of
from wxoa.events import TextMessage
from wxruntime.callback.answer import HANDLED, REFUSED

SENDER = Sender()
GATE = gate_for(SENDER)
FORMS = pytest.mark.parametrize("form", ["xml", "json"])


def test_with_a_key_a_plain_push_is_refused() -> None:
    """A right plain signature proves nothing of the body, so the body does not count."""
    request = SENDER.plain(text_push())

    assert_refused(GATE, request)
    assert_refused(GATE, request.asking(encrypt_type="raw"))
    assert_refused(GATE, request.asking(encrypt_type="aes"))
    assert_refused(GATE, request.asking(encrypt_type="aes", msg_signature="0" * 40))
    assert_refused(
        GATE, request.asking(encrypt_type="aes", msg_signature=request.query["signature"])
    )


@FORMS
def test_with_a_key_an_encrypted_push_is_taken_whatever_encrypt_type_says(form: Form) -> None:
    """The sender does not choose the mode: the name is read by nobody."""
    request = Sender(form=form).safe(text_push())

    for chosen in (
        request,
        request.without("encrypt_type"),
        request.asking(encrypt_type="raw"),
        request.asking(encrypt_type="nonsense"),
    ):
        assert GATE.admit(chosen.query, chosen.body).content == text_push()


@FORMS
def test_a_compatible_push_counts_by_what_is_encrypted_in_it(form: Form) -> None:
    """The plain fields beside it are signed by nobody, and lost."""
    request = Sender(form=form).compatible(
        text_push("what was said"),
        Content="what was not said",
        MsgType="transfer_customer_service",
        FromUserName="o6_somebody_else",
    )

    assert b"what was not said" in request.body
    assert GATE.admit(request.query, request.body).content == text_push("what was said")


@FORMS
def test_a_compatible_push_without_its_encryption_is_refused(form: Form) -> None:
    """Who takes the encrypted part out of a captured push has a plain one, and that is refused."""
    sender = Sender(form=form)
    request = sender.compatible(text_push(), Content="hello")
    encrypted = read_reply(request.body, form)["Encrypt"]

    for left in (
        text_push(),
        sender.envelope(""),
        sender.envelope(encrypted).replace(b"Encrypt", b"encrypt"),
        sender.envelope(encrypted).replace(b"Encrypt", b"Encrypted"),
    ):
        assert_refused(GATE, request.carrying(left))


@FORMS
def test_what_was_encrypted_for_another_delivery_is_refused(form: Form) -> None:
    """The encrypted content of one delivery, under the nonce or the time of another."""
    first = Sender(form=form).safe(text_push("first"))
    second = Sender(form=form, nonce="999", timestamp="1700000010").safe(text_push("second"))

    assert_refused(GATE, second.carrying(first.body))
    mixed = {**second.query, "msg_signature": first.query["msg_signature"]}
    assert_refused(GATE, Request(mixed, first.body))
    for name in ("nonce", "timestamp"):
        assert_refused(GATE, first.asking(**{name: second.query[name]}))


def test_each_signature_is_for_its_own() -> None:
    """The plain signature does not do for the encrypted content, nor the other way round."""
    request = SENDER.safe(text_push())
    plain, sealed = request.query["signature"], request.query["msg_signature"]

    assert_refused(GATE, request.asking(msg_signature=plain))
    assert_refused(GATE, request.asking(signature=sealed))
    assert_refused(GATE, request.without("msg_signature"))
    assert_refused(GATE, request.without("signature"))


def test_what_is_moved_from_one_signed_part_to_its_neighbour_is_refused() -> None:
    """Signed is what the parts are joined to; a body shortened that way fits no plain signature."""
    request = SENDER.safe(text_push())
    encrypted = read_reply(request.body, "xml")["Encrypt"]
    # 48 bytes, whole blocks, in 64 letters: what is left would decrypt.
    moved, left = SENDER.nonce + encrypted[:64], encrypted[64:]
    moved_signature = signature_of(SENDER.token, SENDER.timestamp, moved, left)

    assert_refused(
        GATE,
        Request({**request.query, "nonce": moved}, SENDER.envelope(left)).asking(
            msg_signature=moved_signature
        ),
    )


@FORMS
def test_two_encrypted_parts_are_one_signed_part_at_most(form: Form) -> None:
    """A second one beside it is refused, or does not count."""
    sender = Sender(form=form)
    request = sender.safe(text_push("signed"))
    other = read_reply(sender.safe(text_push("another")).body, form)["Encrypt"]
    signed = read_reply(request.body, form)["Encrypt"]
    if form == "json":
        bodies = [
            f'{{"Encrypt":"{signed}","Encrypt":"{other}"}}'.encode(),
            json.dumps({"Encrypt": [signed, other]}).encode(),
        ]
    else:
        bodies = [
            f"<xml><Encrypt>{signed}</Encrypt><Encrypt>{other}</Encrypt></xml>".encode(),
            f"<xml><Encrypt><a>{signed}</a></Encrypt></xml>".encode(),
            sender.envelope(other).replace(b"</xml>", sender.envelope(signed)),
        ]

    for body in bodies:
        assert_refused(GATE, request.carrying(body))


def test_without_a_key_an_encrypted_push_is_refused_with_a_word_on_the_key() -> None:
    """Safe mode needs the key, and the log line says so."""
    gate = gate_for(SENDER, encrypted=False)

    assert "encoding_aes_key" in str(refusal_of(gate, SENDER.safe(text_push())))


@FORMS
def test_without_a_key_a_compatible_push_is_its_plain_fields(form: Form) -> None:
    """What is encrypted beside them is no field of the push."""
    request = Sender(form=form).compatible(b"<xml/>", MsgType="text", Content="hello")

    delivery = gate_for(SENDER, encrypted=False).admit(request.query, request.body)

    assert delivery.sealed is None
    assert b"Encrypt" not in delivery.content
    assert b"hello" in delivery.content


def test_a_customer_may_speak_of_encryption() -> None:
    """The word in a message is a word, with a key and without."""
    push = text_push('Encrypt <Encrypt> "Encrypt":')
    plain, safe = SENDER.plain(push), SENDER.safe(push)

    gate = gate_for(SENDER, encrypted=False)
    assert gate.admit(plain.query, plain.body).content == push
    assert GATE.admit(safe.query, safe.body).content == push


@FORMS
def test_what_a_customer_writes_does_not_stand_in_for_what_is_encrypted(form: Form) -> None:
    """The customer's words are in the body of compatible mode too; the push is taken."""
    words = "<Encrypt>AAAA</Encrypt>"
    if form == "json":  # where the text of an XML element is a text like any other
        words += "<Encrypt><![CDATA[AAAA]]></Encrypt>"
    request = Sender(form=form).compatible(text_push(words), Content=words)

    assert GATE.admit(request.query, request.body).content == text_push(words)


@pytest.mark.parametrize("encrypted", [True, False])
def test_the_check_of_the_address_needs_its_signature(encrypted: bool) -> None:
    """An echo that nobody signed, or somebody else did, is not given back."""
    gate = gate_for(SENDER, encrypted=encrypted)
    check = SENDER.check("4375120948345356249")

    assert gate.admit(check.query, b"").check().body == b"4375120948345356249"
    assert_refused(gate, check.without("signature"))
    assert_refused(gate, check.without("signature", "timestamp", "nonce"))
    assert_refused(gate, check.asking(signature=""))
    assert_refused(gate, check.asking(signature="0" * 40))
    assert_refused(gate, Sender(token="somebody-elses-token").check("echo"))


def test_an_echo_beside_a_body_opens_nothing() -> None:
    """A push that also has an echo is a push, and needs what a push needs."""
    request = SENDER.plain(text_push()).asking(echostr="echo")

    assert_refused(GATE, request)
    assert gate_for(SENDER, encrypted=False).admit(request.query, request.body).echo is None


def test_a_name_that_stands_twice_in_the_query_is_refused() -> None:
    """Which of two values was signed would be a guess."""
    with receiving(SENDER) as receiver:
        for name in ("signature", "msg_signature", "timestamp", "nonce"):
            request = SENDER.safe(text_push())
            value = request.query[name]
            for query in (
                f"{request.encoded}&{name}={value}",
                f"{name}=&{request.encoded}",
                f"{name}=other&{request.encoded}",
                f"{request.encoded}&%{ord(name[0]):x}{name[1:]}={value}",
            ):
                assert receiver.callback.handle(query, request.body) is REFUSED
        assert not receiver.handled


@FORMS
def test_the_handler_is_given_what_was_encrypted(form: Form) -> None:
    """From the query to the event: a push in safe mode, and one in compatible mode."""
    with receiving(SENDER) as receiver:
        safe = Sender(form=form, nonce="1").safe(text_push("one", 1))
        assert receiver.take(safe) == HANDLED
        compatible = Sender(form=form, nonce="2").compatible(text_push("two", 2), Content="no")
        assert receiver.take(compatible) == HANDLED

    said = [event.content for event in receiver.handled if isinstance(event, TextMessage)]
    assert said == ["one", "two"]


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "0",
        "-1700000000",
        "+1700000000",
        " 1700000000",
        "1700000000 ",
        "1700000000\n",
        "1700000000.0",
        "1.7e9",
        "1_700_000_000",
        "0x6553f100",
        "１７００００００００",
        "9" * 13,
        "9" * 5000,
        "nan",
        "inf",
    ],
)
def test_a_time_is_written_in_digits(timestamp: str) -> None:
    """Anything else is refused, rightly signed as it may be."""
    assert_refused(GATE, Sender(timestamp=timestamp).safe(text_push()))


@pytest.mark.parametrize(("off", "accepted"), [(300, True), (301, False), (10**6, False)])
def test_the_time_has_a_window_on_both_sides(off: int, accepted: bool) -> None:
    """A delivery signed within 300 s of our clock is taken, before it and after it."""
    for now in (1_700_000_000 + off, 1_700_000_000 - off):
        gate = gate_of([SENDER.token], [SENDER.encoding_aes_key], SENDER.app_id, now=float(now))
        for request in (SENDER.safe(text_push()), SENDER.check("echo")):
            if accepted:
                gate.admit(request.query, request.body)
            else:
                assert_refused(gate, request)

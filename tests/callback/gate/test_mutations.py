"""Nothing of an authentic delivery can be changed: one error, whatever is wrong."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.callback.gate import scheme
from tests.callback.gate.drawing import FORMS, KEYS, TEXTS
from tests.callback.gate.receiving import gate_for, gate_of
from tests.callback.gate.refusing import assert_refused, refusal_of
from tests.callback.gate.scheme import Form, Sender
from wxruntime.callback.crypto import AesKey
from wxruntime.errors import SignatureError
from wxruntime.redact import Secret

PUSH = (
    b"<xml><ToUserName><![CDATA[gh_account]]></ToUserName>"
    b"<FromUserName><![CDATA[o6_customer]]></FromUserName><CreateTime>1700000000</CreateTime>"
    b"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_create_session]]></Event>"
    b"<KfAccount><![CDATA[sara@acme]]></KfAccount></xml>"
)
SENDER = Sender()
GATE = gate_for(SENDER)


@pytest.fixture(autouse=True)
def nothing_secret_shows() -> None:
    """Look for no secrets after these tests: drawn tokens are any words."""


def _changed(text: str, at: int, by: str) -> str:
    place = at % len(text)
    assume(text[place] != by)
    return text[:place] + by + text[place + 1 :]


@given(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce"]),
    st.integers(min_value=0),
    st.characters(),
)
def test_property_no_character_of_the_query_can_be_changed(name: str, at: int, by: str) -> None:
    """Another character in a signature, the time or the nonce: refused."""
    request = SENDER.safe(PUSH)
    changed = _changed(request.query[name], at, by)

    assert_refused(GATE, request.asking(**{name: changed}))


@given(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce"]),
    st.integers(min_value=0, max_value=39),
)
def test_property_no_part_of_the_query_can_be_cut(name: str, length: int) -> None:
    """A signature, time or nonce that was cut anywhere, or left out: refused."""
    request = SENDER.safe(PUSH)
    assume(length < len(request.query[name]))

    assert_refused(GATE, request.asking(**{name: request.query[name][:length]}))
    assert_refused(GATE, request.without(name))


@given(FORMS, st.integers(min_value=0), st.characters(codec="ascii"))
def test_property_no_character_of_the_encrypted_content_can_be_changed(
    form: Form, at: int, by: str
) -> None:
    """Another character in what is encrypted, in both forms of the envelope: refused."""
    sender = Sender(form=form)
    request = sender.safe(PUSH)
    encrypted = scheme.read_reply(request.body, form)["Encrypt"]
    envelope = sender.envelope(_changed(encrypted, at, by))

    assert_refused(GATE, request.carrying(envelope))


@given(FORMS, st.data())
def test_property_no_byte_of_the_body_changes_the_content(form: Form, data: st.DataObject) -> None:
    """Any byte of the body changed: refused, or it stood around what counts."""
    request = Sender(form=form).safe(PUSH)
    at = data.draw(st.integers(min_value=0, max_value=len(request.body) - 1))
    by = data.draw(st.integers(min_value=0, max_value=255))
    changed = request.carrying(request.body[:at] + bytes([by]) + request.body[at + 1 :])

    try:
        delivery = GATE.admit(changed.query, changed.body)
    except SignatureError:
        return
    assert delivery.content == PUSH


@given(FORMS, st.data())
def test_property_no_body_can_be_cut(form: Form, data: st.DataObject) -> None:
    """A body that was cut anywhere: refused, unless all that counts had come."""
    request = Sender(form=form).safe(PUSH)
    length = data.draw(st.integers(min_value=0, max_value=len(request.body) - 1))
    cut = request.carrying(request.body[:length])

    if b"</Encrypt>" in cut.body:
        assert GATE.admit(cut.query, cut.body).content == PUSH
    else:
        assert_refused(GATE, cut)


@given(TEXTS, KEYS, TEXTS, FORMS)
def test_property_a_stranger_is_refused(token: str, key: str, app_id: str, form: Form) -> None:
    """Another token, another key or another AppID: refused, alone and together."""
    assume(token != SENDER.token and app_id != SENDER.app_id)
    assume(scheme.key_of(key) != SENDER.key)
    strangers = (
        Sender(token=token, form=form),
        Sender(encoding_aes_key=key, form=form),
        Sender(app_id=app_id, form=form),
        Sender(token=token, encoding_aes_key=key, app_id=app_id, form=form),
    )

    for stranger in strangers:
        assert_refused(GATE, stranger.safe(PUSH))
    assert_refused(GATE, strangers[0].plain(PUSH))


@given(st.binary(max_size=200))
def test_property_who_knows_the_token_alone_cannot_make_content(sealed: bytes) -> None:
    """Any bytes as encrypted content, under a right signature: refused."""
    assert_refused(GATE, SENDER.carrying(base64.b64encode(sealed).decode()))


@given(st.text(max_size=100))
def test_property_encrypted_content_is_base64(encrypted: str) -> None:
    """Any text as encrypted content, under a right signature: refused."""
    for form in ("xml", "json"):
        if form == "xml" and re.search("[^\t\n\x20-\ud7ff\ue000-\ufffd]|]]>", encrypted):
            continue
        assert_refused(GATE, Sender(form=form).carrying(encrypted))


@given(st.binary(max_size=80), st.binary(min_size=1, max_size=40))
def test_property_bad_padding_is_refused(content: bytes, ending: bytes) -> None:
    """What does not end in n bytes of n, for an n from 1 to 32, is refused."""
    framed = scheme.frame(content, SENDER.app_id.encode(), os.urandom(16)) + ending
    whole = framed + bytes(-len(framed) % 32)
    last = whole[-1]
    assume(not (1 <= last <= 32 and whole.endswith(bytes([last]) * last)))

    assert_refused(GATE, SENDER.carrying(scheme.encrypt(SENDER.key, whole)))


@pytest.mark.parametrize("filled", [0, 33, 48, 255])
def test_padding_of_another_size_is_refused(filled: int) -> None:
    """No padding, more than a block of it, or more than there are bytes: refused."""
    framed = scheme.frame(b"x" * 44, SENDER.app_id.encode(), bytes(16))
    ending = bytes([filled]) * min(filled, 96)
    whole = framed + bytes(-(len(framed) + len(ending)) % 32) + ending
    assert len(whole) % 32 == 0

    assert_refused(GATE, SENDER.carrying(scheme.encrypt(SENDER.key, whole)))


def test_half_a_block_of_32_bytes_is_refused() -> None:
    """Content of whole AES blocks that are no whole blocks of the scheme is refused."""
    framed = scheme.frame(b"x" * 9, SENDER.app_id.encode(), bytes(16))
    filled = 48 - len(framed)
    assert filled == 1

    whole = framed + bytes([filled])

    assert_refused(GATE, SENDER.carrying(scheme.encrypt(SENDER.key, whole)))


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=2**32 - 1))
def test_property_a_wrong_length_is_refused(content: bytes, length: int) -> None:
    """Too long, too short, beyond all there is: refused, and no content is shortened by it."""
    assume(length != len(content))
    framed = scheme.frame(content, SENDER.app_id.encode(), bytes(16), length)

    assert_refused(GATE, SENDER.carrying(scheme.encrypt(SENDER.key, scheme.pad(framed))))


@given(st.binary(max_size=19))
def test_property_a_frame_without_room_for_its_head_is_refused(framed: bytes) -> None:
    """Less than 16 random bytes and a length: refused, even where nobody's AppID is asked."""
    encrypted = scheme.encrypt(SENDER.key, scheme.pad(framed))

    assert_refused(GATE, SENDER.carrying(encrypted))
    with pytest.raises(SignatureError):
        AesKey(Secret(SENDER.encoding_aes_key)).decrypt(encrypted)


@pytest.mark.parametrize(
    "other",
    ["", "wx0123456789abcde", "wx0123456789abcdef ", "WX0123456789ABCDEF", "wx0123456789abcdef\0"],
)
def test_an_app_id_fits_as_a_whole(other: str) -> None:
    """No AppID, a part of it, more than it, or other letters: refused."""
    assert_refused(GATE, Sender(app_id=other).safe(PUSH))


def _url_safe(encrypted: str) -> str:
    return encrypted.replace("+", "-").replace("/", "_")


VARIANTS: Mapping[str, Callable[[str], str]] = {
    "a space in front": lambda text: f" {text}",
    "a line break behind": lambda text: f"{text}\n",
    "broken into lines": lambda text: "\n".join(re.findall(".{1,76}", text)),
    "a space for each plus": lambda text: text.replace("+", " "),
    "for addresses": _url_safe,
    "without its padding": lambda text: text.rstrip("="),
    "with more padding": lambda text: f"{text}=",
    "with nothing but padding behind": lambda text: f"{text}====",
    "twice": lambda text: f"{text}{text}",
    "a letter more": lambda text: f"{text}A",
    "with its padding as in an address": lambda text: text.replace("=", "%3D"),
    "a zero byte": lambda text: f"{text}\0",
    "letters of another width": lambda text: text.translate({65: 0xFF21}),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_base64_is_written_in_one_way(variant: str, form: Form) -> None:
    """Another way to write the same bytes is refused, signed as it is or as it was."""
    sender = Sender(form=form)
    # 64 bytes, so that there is padding; among a few frames one has every letter in question.
    encrypted = next(
        sealed
        for sealed in (
            scheme.seal(sender.key, b"x" * 20, sender.app_id, bytes([random]) * 16)
            for random in range(256)
        )
        if {"+", "/", "A"} <= set(sealed) and sealed.endswith("==")
    )
    varied = VARIANTS[variant](encrypted)
    assert varied != encrypted

    assert_refused(GATE, sender.carrying(varied))
    assert_refused(GATE, sender.carrying(encrypted).carrying(sender.envelope(varied)))


def test_a_signature_in_capital_letters_is_refused() -> None:
    """The platform writes small digits; other ways to write a signature do not count."""
    request = SENDER.safe(PUSH)
    for name in ("signature", "msg_signature"):
        assert_refused(GATE, request.asking(**{name: request.query[name].upper()}))
        assert_refused(GATE, request.asking(**{name: f" {request.query[name]}"}))
        assert_refused(GATE, request.asking(**{name: f"{request.query[name]}\n"}))


def test_every_failure_of_decryption_says_the_same() -> None:
    """Wrong key, padding, length, base64: the words do not tell which."""
    key, app_id = SENDER.key, SENDER.app_id.encode()
    framed = scheme.frame(b"content", app_id, bytes(16))
    wrong = [
        scheme.seal(scheme.key_of("B" * 43), b"content", SENDER.app_id),
        scheme.encrypt(key, framed + bytes(-len(framed) % 32)),
        scheme.encrypt(key, scheme.pad(scheme.frame(b"content", app_id, bytes(16), 10**6))),
        scheme.encrypt(key, scheme.pad(b"short")),
        scheme.seal(key, b"content", SENDER.app_id)[:-1],
        "AAAA",
    ]

    said = {str(refusal_of(GATE, SENDER.carrying(encrypted))) for encrypted in wrong}

    assert len(said) == 1


def test_the_order_of_the_checks_is_signature_then_time_then_content() -> None:
    """Whoever cannot sign learns nothing from our log line either: the signature comes first."""
    late = gate_of([SENDER.token], [SENDER.encoding_aes_key], SENDER.app_id, now=1_800_000_000.0)
    forged = SENDER.safe(PUSH).asking(signature="0" * 40).carrying(b"no document at all")

    assert "signature" in str(refusal_of(late, forged))
    assert "ago" in str(refusal_of(late, SENDER.safe(PUSH).carrying(b"no document at all")))

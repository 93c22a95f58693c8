"""Two implementations that share no code: what one writes, the other reads."""

from __future__ import annotations

import base64
import json
import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.callback.gate import scheme
from tests.callback.gate.drawing import CONTENTS, KEYS, SENDERS, TEXTS
from tests.callback.gate.receiving import NOW, gate_for
from tests.callback.gate.scheme import Form, Sender
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.signature import sign
from wxruntime.redact import Secret


@pytest.fixture(autouse=True)
def nothing_secret_shows() -> None:
    """Look for no secrets after these tests: drawn tokens are any words."""


@given(st.lists(st.text(max_size=50), min_size=1, max_size=4))
def test_property_both_sign_alike(parts: list[str]) -> None:
    """Whatever is signed, the signatures agree; what is no text of UTF-8 is not signed."""
    assert sign(parts[0], *parts[1:]) == scheme.signature_of(*parts)


@given(KEYS, CONTENTS, TEXTS)
@example("A" * 43, b"", "w")
@example("9" * 43, bytes(11), "w")  # 32 bytes exactly: a whole block of padding follows
def test_property_what_ours_encrypts_the_other_reads(key: str, content: bytes, app: str) -> None:
    """Content and AppID arrive, in whole blocks of 32 bytes, with new random bytes each time."""
    ours = AesKey(Secret(key))
    first, second = ours.encrypt(content, app), ours.encrypt(content, app)

    for encrypted in (first, second):
        read = scheme.opened(scheme.key_of(key), encrypted)
        assert (read.content, read.app_id) == (content, app)
        assert len(base64.b64decode(encrypted)) % scheme.PADDED_TO == 0
    assert first != second


@given(KEYS, CONTENTS, TEXTS, st.binary(min_size=16, max_size=16))
def test_property_what_the_other_encrypts_ours_reads(
    key: str, content: bytes, app: str, random: bytes
) -> None:
    """Content and AppID arrive, whatever random bytes stand before them."""
    encrypted = scheme.seal(scheme.key_of(key), content, app, random)

    assert AesKey(Secret(key)).decrypt(encrypted) == (content, app.encode())


@given(SENDERS, CONTENTS)
def test_property_an_encrypted_push_is_let_in(sender: Sender, content: bytes) -> None:
    """Every token, key, AppID, nonce and content passes the gate, in an envelope of both forms."""
    request = sender.safe(content)

    delivery = gate_for(sender).admit(request.query, request.body)

    assert delivery.content == content
    assert delivery.echo is None
    assert delivery.sealed is not None
    assert delivery.sealed.app_id == sender.app_id
    assert delivery.sealed.token.reveal() == sender.token


@given(SENDERS, CONTENTS, st.binary(max_size=70), st.integers(min_value=0, max_value=2**33))
def test_property_the_platform_can_read_a_sealed_reply(
    sender: Sender, pushed: bytes, reply: bytes, now: int
) -> None:
    """A reply is encrypted for whoever pushed, signed, and of the form of the push."""
    request = sender.safe(pushed)
    sealed = gate_for(sender).admit(request.query, request.body).sealed
    assert sealed is not None

    answer = sealed.seal(reply, float(now))

    assert answer.status == 200
    envelope = scheme.read_reply(answer.body, sender.form)
    assert list(envelope) == ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
    signed = envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"]
    assert envelope["MsgSignature"] == scheme.signature_of(sender.token, *signed)
    assert envelope["TimeStamp"] == str(now)
    read = scheme.opened(sender.key, envelope["Encrypt"])
    assert (read.content, read.app_id) == (reply, sender.app_id)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_reply_has_the_members_of_the_official_page(form: Form) -> None:
    """Both forms of the envelope have the page's names; the time is a number in JSON."""
    sender = Sender(form=form)
    request = sender.safe(b"<xml/>")
    sealed = gate_for(sender).admit(request.query, request.body).sealed
    assert sealed is not None

    answer = sealed.seal(b"<xml/>", NOW)

    names = ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]
    assert list(scheme.read_reply(answer.body, form)) == names
    assert answer.content_type == f"application/{form}; charset=utf-8"
    if form == "json":
        assert json.loads(answer.body)["TimeStamp"] == int(NOW)


def test_a_megabyte_goes_both_ways() -> None:
    """A content of 1 MB is read by the other implementation, in both directions."""
    sender = Sender()
    content = os.urandom(1 << 20)
    request = sender.safe(content)

    delivery = gate_for(sender).admit(request.query, request.body)
    ours = AesKey(Secret(sender.encoding_aes_key)).encrypt(content, sender.app_id)

    assert delivery.content == content
    assert scheme.opened(sender.key, ours).content == content

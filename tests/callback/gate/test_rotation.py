"""While a token or a key is being replaced, and several accounts behind one platform."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.callback.gate import scheme
from tests.callback.gate.receiving import NOW, gate_of, text_push
from tests.callback.gate.refusing import assert_refused, refusal_of
from tests.callback.gate.scheme import Form, Request, Sender, signature_of
from wxoa import Callback
from wxruntime.callback.answer import HANDLED, REFUSED
from wxruntime.callback.gate import Gate

CURRENT = Sender(token="the-current-token", encoding_aes_key="C" * 43)
PREVIOUS = Sender(token="the-previous-token", encoding_aes_key="P" * 43)
# Whatever was replaced first, the other is still the former one.
SENDERS = (
    CURRENT,
    PREVIOUS,
    evolve(CURRENT, token=PREVIOUS.token),
    evolve(CURRENT, encoding_aes_key=PREVIOUS.encoding_aes_key),
)


def _gate() -> Gate:
    return gate_of(
        [CURRENT.token, PREVIOUS.token],
        [CURRENT.encoding_aes_key, PREVIOUS.encoding_aes_key],
        CURRENT.app_id,
    )


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("sender", SENDERS)
def test_the_reply_is_sealed_with_what_the_push_was_sealed_with(sender: Sender, form: Form) -> None:
    """The key that decrypted encrypts, the token that signed signs, whichever of two they are."""
    request = evolve(sender, form=form).safe(text_push())

    delivery = _gate().admit(request.query, request.body)
    assert delivery.sealed is not None
    envelope = scheme.read_reply(delivery.sealed.seal(b"the reply", NOW).body, form)

    read = {name.lower(): text for name, text in envelope.items()}
    assert scheme.opened(sender.key, read["encrypt"]).content == b"the reply"
    signed = read["timestamp"], read["nonce"], read["encrypt"]
    assert read["msgsignature"] == signature_of(sender.token, *signed)


@pytest.mark.parametrize("sender", [CURRENT, PREVIOUS])
def test_the_check_of_the_address_takes_either_token(sender: Sender) -> None:
    """The platform checks the address with the new token while pushes still have the old one."""
    check = sender.check("echo")

    assert _gate().admit(check.query, b"").check().body == b"echo"


def test_what_was_replaced_is_refused_when_it_is_not_given_any_more() -> None:
    """A token or a key counts for as long as it is configured."""
    gate = gate_of([CURRENT.token], [CURRENT.encoding_aes_key], CURRENT.app_id)

    for sender in SENDERS[1:]:
        assert_refused(gate, sender.safe(text_push()))


def test_the_two_signatures_of_a_push_may_be_of_two_tokens() -> None:
    """Each proves that the sender knows a token; the reply is signed with that of the content."""
    request = CURRENT.safe(text_push())
    mixed = Request({**request.query, **PREVIOUS.signed()}, request.body)

    sealed = _gate().admit(mixed.query, mixed.body).sealed

    assert sealed is not None
    assert sealed.token.reveal() == CURRENT.token


APP_IDS = ("wx00000000000000aa", "wx00000000000000bb", "wx00000000000000bbcc")


@pytest.mark.parametrize("configured", [list, tuple, set, frozenset])
@pytest.mark.parametrize("app_id", APP_IDS)
def test_one_of_several_app_ids_is_enough(configured: type[list[str]], app_id: str) -> None:
    """An account and the platforms that act for it; the reply bears the one of the push."""
    sender = Sender(app_id=app_id)
    gate = gate_of([sender.token], [sender.encoding_aes_key], configured(APP_IDS))
    request = sender.safe(text_push())

    sealed = gate.admit(request.query, request.body).sealed

    assert sealed is not None
    assert sealed.app_id == app_id
    envelope = scheme.read_reply(sealed.seal(b"", NOW).body, "xml")
    assert scheme.opened(sender.key, envelope["Encrypt"]).app_id == app_id


def test_a_push_for_another_app_id_is_named_as_such_in_the_log_line() -> None:
    """It is the commonest mistake of a third-party platform, with one key and with two."""
    stranger = Sender(app_id="wx00000000000000ff").safe(text_push())
    ours = Sender()

    for keys in (
        [ours.encoding_aes_key],
        [ours.encoding_aes_key, "P" * 43],
        ["P" * 43, ours.encoding_aes_key],
    ):
        gate = gate_of([ours.token], keys, ours.app_id)
        assert "AppID" in str(refusal_of(gate, stranger))


@pytest.mark.parametrize("app_id", [CURRENT.app_id, [CURRENT.app_id, "wx00"], {CURRENT.app_id}])
@pytest.mark.parametrize("sender", SENDERS)
def test_a_callback_is_given_one_or_several(sender: Sender, app_id: str | list[str]) -> None:
    """A text is one token, key or AppID, and never the letters of it."""
    several = Callback(
        token=[CURRENT.token, PREVIOUS.token],
        encoding_aes_key=(CURRENT.encoding_aes_key, PREVIOUS.encoding_aes_key),
        app_id=app_id,
        clock=lambda: NOW,
    )
    one = Callback(
        token=CURRENT.token,
        encoding_aes_key=CURRENT.encoding_aes_key,
        app_id=CURRENT.app_id,
        clock=lambda: NOW,
    )
    request = sender.safe(text_push())

    assert several.handle(request.encoded, request.body) == HANDLED
    several.close()
    expected = HANDLED if sender is CURRENT else REFUSED
    assert one.handle(request.encoded, request.body) == expected
    one.close()
    letter = Sender(token="t", encoding_aes_key=CURRENT.encoding_aes_key).safe(text_push())
    assert one.handle(letter.encoded, letter.body) is REFUSED

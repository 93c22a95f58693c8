"""Published examples: pushes and replies whose every number is known from elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from attrs import frozen

from tests.callback.gate import scheme
from tests.callback.gate.receiving import gate_of
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.gate import Sealed
from wxruntime.callback.signature import sign, verify
from wxruntime.redact import Secret


@frozen
class Vector:
    """One file: what its source says, and where that is."""

    source: str
    note: str = ""
    token: str = ""
    encoding_aes_key: str = ""
    app_id: str = ""
    timestamp: str = ""
    nonce: str = ""
    signature: str = ""
    msg_signature: str = ""
    random: str = ""
    encrypt: str = ""
    content: str = ""
    echo: str = ""
    body: str = ""
    """The whole body of a push."""
    reply_names: tuple[str, ...] = ()
    """What the members of a reply's envelope are called, in their order."""


VECTORS = {
    path.stem: Vector(**json.loads(path.read_text("utf-8")))
    for path in sorted(Path(__file__).with_name("vectors").glob("*.json"))
}


def _those_with(*parts: str) -> pytest.MarkDecorator:
    """Run a test for every vector that says these things."""
    names = [name for name, vector in VECTORS.items() if all(getattr(vector, p) for p in parts)]
    assert names
    return pytest.mark.parametrize("vector", [VECTORS[name] for name in names], ids=names)


@_those_with("signature")
def test_a_published_signature_is_ours(vector: Vector) -> None:
    """Both implementations sign time and nonce as the source does."""
    signed = vector.timestamp, vector.nonce

    assert scheme.signature_of(vector.token, *signed) == vector.signature
    assert sign(vector.token, *signed) == vector.signature
    assert verify([Secret(vector.token)], vector.signature, *signed).reveal() == vector.token


@_those_with("msg_signature")
def test_a_published_signature_of_encrypted_content_is_ours(vector: Vector) -> None:
    """Both implementations sign what is encrypted as the source does."""
    signed = vector.timestamp, vector.nonce, vector.encrypt

    assert scheme.signature_of(vector.token, *signed) == vector.msg_signature
    assert sign(vector.token, *signed) == vector.msg_signature


@_those_with("encrypt")
def test_published_encrypted_content_can_be_read(vector: Vector) -> None:
    """Both implementations decrypt the same, and it is what the source says."""
    theirs = scheme.opened(scheme.key_of(vector.encoding_aes_key), vector.encrypt)
    content, app_id = AesKey(Secret(vector.encoding_aes_key)).decrypt(vector.encrypt)

    assert (content, app_id.decode()) == (theirs.content, theirs.app_id)
    assert theirs.app_id == vector.app_id
    if vector.content:
        assert content.decode() == vector.content
    if vector.random:
        assert theirs.random.decode() == vector.random


@_those_with("encrypt", "random", "content")
def test_encrypting_gives_what_is_published(
    vector: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the source's random bytes, both implementations encrypt to the source's text."""
    random, content = vector.random.encode(), vector.content.encode()
    theirs = scheme.seal(scheme.key_of(vector.encoding_aes_key), content, vector.app_id, random)
    with monkeypatch.context() as patch:
        patch.setattr(os, "urandom", {len(random): random}.__getitem__)
        ours = AesKey(Secret(vector.encoding_aes_key)).encrypt(content, vector.app_id)

    assert theirs == vector.encrypt
    assert ours == vector.encrypt


@_those_with("body", "msg_signature")
def test_a_published_push_passes_the_gate(vector: Vector) -> None:
    """The whole delivery is let in at its time, and brings what was encrypted in it."""
    gate = gate_of(
        [vector.token], [vector.encoding_aes_key], vector.app_id, now=float(vector.timestamp)
    )
    # WeCom's pushes have no plain signature, and not every source quotes it.
    signature = vector.signature or sign(vector.token, vector.timestamp, vector.nonce)
    delivery = gate.admit(
        {
            "signature": signature,
            "timestamp": vector.timestamp,
            "nonce": vector.nonce,
            "encrypt_type": "aes",
            "msg_signature": vector.msg_signature,
        },
        vector.body.encode(),
    )

    theirs = scheme.opened(scheme.key_of(vector.encoding_aes_key), vector.encrypt)
    assert delivery.content == theirs.content
    assert delivery.sealed is not None
    assert delivery.sealed.app_id == vector.app_id


def test_a_published_plain_push_passes_the_gate() -> None:
    """Without a key, the official plain push is let in as it is."""
    vector = VECTORS["official_plain"]
    gate = gate_of([vector.token], [], now=float(vector.timestamp))
    query = {
        "signature": vector.signature,
        "timestamp": vector.timestamp,
        "nonce": vector.nonce,
    }

    assert gate.admit(query, vector.content.encode()).content == vector.content.encode()


@_those_with("echo")
def test_a_published_check_of_the_address_is_answered(vector: Vector) -> None:
    """The check of the address is answered with its own text."""
    gate = gate_of([vector.token], [], now=float(vector.timestamp))
    query = {
        "signature": vector.signature,
        "timestamp": vector.timestamp,
        "nonce": vector.nonce,
        "echostr": vector.echo,
    }

    answer = gate.admit(query, b"").check()

    assert (answer.status, answer.body) == (200, vector.echo.encode())


@_those_with("reply_names")
def test_the_envelope_of_a_reply_has_the_published_members(vector: Vector) -> None:
    """They are called what the source calls them, in its order."""
    key = AesKey(Secret(vector.encoding_aes_key))
    sealed = Sealed(key, vector.app_id, Secret(vector.token), "json")

    answer = sealed.seal(vector.content.encode(), float(vector.timestamp))

    assert list(scheme.read_reply(answer.body, "json")) == list(vector.reply_names)

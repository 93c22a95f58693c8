"""What it costs to open a push in safe mode: its signature, its encryption, its content."""

from __future__ import annotations

import base64
from hashlib import sha1
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks import peers
from benchmarks.measure import Row, Table, Way
from benchmarks.sealed import AES_KEY, APP_ID, TOKEN, Delivered, deliver, text_message
from benchmarks.tables import MISSING, checked, same
from wxoa import events
from wxruntime.callback.account import Account
from wxruntime.callback.gate import Gate
from wxruntime.redact import Secret

__all__ = ["opening"]


def opening() -> Table:
    """Return the ways to open a text message of 600 bytes."""
    content, fields = text_message(1)
    sealed = deliver(content, "safe", "1320562132")
    return Table(
        "Verify, decrypt and decode a push (safe mode)",
        ("a text message",),
        (
            Row("cryptography and expat alone: the floor", (_floor(sealed, content),)),
            Row("wxoa", (_wxoa(sealed, content),)),
            Row("wechatpy: types on access", (_wechatpy(sealed, fields),)),
        ),
    )


def _floor(sealed: Delivered, content: bytes) -> Way:
    """Digest, decrypt and parse, and draw no conclusion."""
    key = base64.b64decode(AES_KEY + "=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
    signed = (TOKEN, sealed.query["timestamp"], sealed.query["nonce"], sealed.encrypted)

    def open_it() -> bytes:
        expat.ParserCreate("utf-8").Parse(sealed.body, True)
        sha1("".join(sorted(signed)).encode()).hexdigest()
        decryptor = cipher.decryptor()
        opened = decryptor.update(base64.b64decode(sealed.encrypted)) + decryptor.finalize()
        inside = opened[20 : 20 + int.from_bytes(opened[16:20], "big")]
        expat.ParserCreate("utf-8").Parse(inside, True)
        return inside

    return checked(open_it, same, content)


def _wxoa(sealed: Delivered, content: bytes) -> Way:
    now = float(sealed.query["timestamp"])
    account = Account.of((Secret(TOKEN),), (Secret(AES_KEY),), APP_ID)
    gate = Gate(account, 300.0, lambda: now)

    def open_it() -> events.Event:
        return events.decode(gate.admit(sealed.query, sealed.body).content)

    return checked(open_it, same, events.FORMAT.decode_reference(content))


def _wechatpy(sealed: Delivered, fields: dict[str, str]) -> Way:
    wechatpy = peers.wechatpy()
    if wechatpy is None:
        return MISSING
    opener = wechatpy.opener(TOKEN, AES_KEY, APP_ID)
    query = sealed.query

    def open_it() -> object:
        return opener(sealed.body, query["msg_signature"], query["timestamp"], query["nonce"])

    return checked(open_it, wechatpy.fields, fields)

"""Checking that a delivery is authentic: first the signature, then the time, then the content.

The body is not parsed before the signature is valid. If a key is configured, only content encrypted
with it is accepted: the plain signature does not cover the body, so an attacker who has seen one
signed URL could post any body to it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from attrs import field, frozen

from wxruntime.callback.account import Account
from wxruntime.callback.answer import TEXT, Answer
from wxruntime.callback.signature import sign, verify
from wxruntime.errors import DecodeError, SignatureError
from wxruntime.redact import Secret
from wxruntime.wire import JsonObject, document
from wxruntime.wire.document import Form, form_of

if TYPE_CHECKING:
    from wxruntime.callback.crypto import AesKey

__all__ = ["MAX_WINDOW", "Delivery", "Gate", "Sealed"]

MAX_WINDOW = 300.0
"""Seconds by which the time of a delivery may be off at most; nonces are remembered for twice as
long."""

_DIGITS = re.compile("[0-9]{1,12}")
_ENCRYPT = re.compile(rb"<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>")
_CONTENT_TYPES: Mapping[Form, str] = {
    "xml": "application/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@frozen
class Sealed:
    """How a push was encrypted; its reply is encrypted in the same way."""

    key: AesKey
    app_id: str
    token: Secret
    form: Form
    """The form of the document around the encrypted content."""

    def seal(self, content: bytes, now: float) -> Answer:
        """Encrypt and sign a reply.

        Args:
            content: The reply.
            now: The time, in Unix seconds.
        """
        encrypted = self.key.encrypt(content, self.app_id)
        timestamp, nonce = str(int(now)), secrets.token_hex(8)
        signature = sign(self.token.reveal(), timestamp, nonce, encrypted)
        values: JsonObject = {
            "Encrypt": encrypted,
            "MsgSignature": signature,
            "TimeStamp": int(timestamp),
            "Nonce": nonce,
        }
        return Answer(200, document.write(values, self.form), _CONTENT_TYPES[self.form])


@frozen
class Delivery:
    """An authentic delivery."""

    content: bytes = field(repr=False)
    """The push, decrypted; empty for a verification of the URL."""
    echo: str | None
    """The text to return to a verification of the URL (`echostr`); None for a push."""
    nonce: str
    """The signature of nonce and time, used in place of the nonce, because several pairs of nonce
    and time share one signature."""
    digest: str
    """A digest of the content."""
    sealed: Sealed | None = None
    """How the push was encrypted; None for a plain push."""

    @property
    def form(self) -> Form:
        """Whether the push is XML or JSON."""
        return form_of(self.content) or "xml"

    def reply(self, wire: JsonObject, now: float) -> Answer:
        """Write a reply in the form and the encryption of this delivery.

        Args:
            wire: The reply.
            now: The time, in Unix seconds.

        Raises:
            EncodeError: If the form cannot hold a value.
        """
        content = document.write(wire, self.form)
        if self.sealed is None:
            return Answer(200, content, _CONTENT_TYPES[self.form])
        return self.sealed.seal(content, now)

    def check(self) -> Answer:
        """Return the answer to a verification of the URL."""
        return Answer(200, (self.echo or "").encode("utf-8", "replace"), TEXT)


@frozen
class Gate:
    """Accepts authentic deliveries and refuses all others."""

    account: Account
    window: float
    """How far the time of a delivery may be off, in seconds."""
    clock: Callable[[], float] = time.time
    """Returns the time in Unix seconds."""

    def admit(self, query: Mapping[str, str], body: bytes) -> Delivery:
        """Check a delivery.

        Args:
            query: The parameters of its query.
            body: Its body; empty for a verification of the URL.

        Raises:
            SignatureError: If it is not authentic; the message must not be sent to the other side.
        """
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        signature = query.get("signature", "")
        verify(self.account.tokens, signature, timestamp, nonce)
        self._in_time(timestamp)
        echo = query.get("echostr")
        if not body and echo is not None:
            return Delivery(b"", echo, signature, _digest(echo.encode("utf-8", "replace")))
        if not self.account.keys:
            content = _plain(body)
            return Delivery(content, None, signature, _digest(content))
        encrypted, form = _encrypted(body)
        sealing = query.get("msg_signature", "")
        token = verify(self.account.tokens, sealing, timestamp, nonce, encrypted)
        content, key, app_id = self.account.decrypt(encrypted)
        sealed = Sealed(key, app_id, token, form)
        return Delivery(content, None, signature, _digest(content), sealed)

    def _in_time(self, timestamp: str) -> None:
        if not _DIGITS.fullmatch(timestamp):
            raise SignatureError("expected the time of the delivery in digits")
        off = self.clock() - int(timestamp)
        if abs(off) > self.window:
            raise SignatureError(
                f"the delivery was signed {abs(off):.0f} s {'ago' if off > 0 else 'ahead'}, more "
                f"than {self.window:g} s: it is replayed, or the clock of this machine is wrong"
            )


def _digest(text: bytes) -> str:
    return blake2b(text, digest_size=16).hexdigest()


def _encrypted(body: bytes) -> tuple[str, Form]:
    """Return the encrypted content of a body; fields beside it are ignored."""
    form = form_of(body) or "xml"
    # In JSON, a customer's text may contain this pattern.
    if form == "xml" and (found := _ENCRYPT.search(body)):
        return found[1].decode("ascii"), form
    try:
        wire = document.parse(body)
    except DecodeError as error:
        raise SignatureError(f"the push cannot be read: {error.expected}") from None
    encrypted = wire.get("Encrypt")
    if not isinstance(encrypted, str):
        raise SignatureError(
            "the push is not encrypted, and an EncodingAESKey is configured: the signature of a "
            "plain push does not cover its content; set the account to safe or compatible mode"
        )
    return encrypted, form


def _plain(body: bytes) -> bytes:
    """Return a plain push; in compatible mode, without the encrypted content beside it."""
    if b"Encrypt" not in body:
        return body
    try:
        wire = document.parse(body)
    except DecodeError as error:
        raise SignatureError(f"the push cannot be read: {error.expected}") from None
    if wire.pop("Encrypt", None) is None:
        return body  # "Encrypt" stands in a customer's text
    if len(wire) < 2:
        raise SignatureError(
            "the push is encrypted, and no encoding_aes_key is configured: give the callback the "
            "EncodingAESKey of the account's settings, or set the account to plain mode"
        )
    return document.write(wire, form_of(body) or "xml")

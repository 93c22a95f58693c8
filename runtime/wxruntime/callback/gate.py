"""Whether a delivery is authentic: the signature first, then the time, then the content.

Nothing of a body is read before the signature fits. Where a key is configured, only what was
encrypted with it counts: the plain signature does not cover the body, and whoever has seen one
signed address could post anything to it.
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
"""How far the time of a delivery may be off at most, in seconds; nonces are remembered for twice
as long."""

_DIGITS = re.compile("[0-9]{1,12}")
_ENCRYPT = re.compile(rb"<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>")
_CONTENT_TYPES: Mapping[Form, str] = {
    "xml": "application/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@frozen
class Sealed:
    """How a push was encrypted, and so how its reply is."""

    key: AesKey
    app_id: str
    token: Secret
    form: Form
    """Of the document around what is encrypted."""

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
    """The push, decrypted; empty for the check of the address."""
    echo: str | None
    """What the check of the address wants back; None for a push."""
    nonce: str
    """What stands for the nonce and the time: their signature, which fits several pairs of them."""
    digest: str
    """A digest of the content."""
    sealed: Sealed | None = None
    """How it was encrypted; None for a plain push."""

    @property
    def form(self) -> Form:
        """Whether the push is XML or JSON."""
        return form_of(self.content) or "xml"

    def reply(self, wire: JsonObject, now: float) -> Answer:
        """Write a reply as this delivery wants it.

        Args:
            wire: The reply.
            now: The time, in Unix seconds.

        Raises:
            EncodeError: If the form cannot hold it.
        """
        content = document.write(wire, self.form)
        if self.sealed is None:
            return Answer(200, content, _CONTENT_TYPES[self.form])
        return self.sealed.seal(content, now)

    def check(self) -> Answer:
        """Answer the check of the address."""
        return Answer(200, (self.echo or "").encode("utf-8", "replace"), TEXT)


@frozen
class Gate:
    """Lets authentic deliveries in."""

    account: Account
    window: float
    """How far the time of a delivery may be off, in seconds."""
    clock: Callable[[], float] = time.time
    """Tells the time, in Unix seconds."""

    def admit(self, query: Mapping[str, str], body: bytes) -> Delivery:
        """Check a delivery.

        Args:
            query: The names of its query.
            body: Its body; empty for the check of the address.

        Raises:
            SignatureError: If it is not authentic; the message is for this side only.
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
    """Return the encrypted content of a body; whatever stands around it does not count."""
    form = form_of(body) or "xml"
    # In JSON, the same letters may be a customer's words.
    if form == "xml" and (found := _ENCRYPT.search(body)):
        return found[1].decode("ascii"), form
    try:
        wire = document.parse(body)
    except DecodeError as error:
        raise SignatureError(f"the push cannot be read: {error.expected}") from None
    encrypted = wire.get("Encrypt")
    if not isinstance(encrypted, str):
        raise SignatureError(
            "the push is not encrypted, and an EncodingAESKey is configured: a plain push proves "
            "nothing of its content; set the account to safe or compatible mode"
        )
    return encrypted, form


def _plain(body: bytes) -> bytes:
    """Return a plain push; of one in compatible mode, without what is encrypted beside it."""
    if b"Encrypt" not in body:
        return body
    try:
        wire = document.parse(body)
    except DecodeError as error:
        raise SignatureError(f"the push cannot be read: {error.expected}") from None
    if wire.pop("Encrypt", None) is None:
        return body  # it is a word of a customer's
    if len(wire) < 2:
        raise SignatureError(
            "the push is encrypted, and no encoding_aes_key is configured: give the callback the "
            "EncodingAESKey of the account's settings, or set the account to plain mode"
        )
    return document.write(wire, form_of(body) or "xml")

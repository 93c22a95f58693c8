"""Writing, signing and encrypting pushes, and decrypting the replies to them.

Source: https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from attrs import field, frozen

from wxruntime.callback.signature import sign, verify
from wxruntime.errors import DecodeError, SignatureError
from wxruntime.redact import Secret
from wxruntime.sandbox.tags import RECEIVER, SENDER
from wxruntime.settings import InvalidSetting
from wxruntime.wire import JsonObject, JsonValue, document, text, xml
from wxruntime.wire.document import Form

if TYPE_CHECKING:
    from wxruntime.callback.crypto import AesKey

__all__ = ["Form", "Mode", "Sealed", "Sealing"]

Mode: TypeAlias = Literal["plain", "compatible", "safe"]
"""What a push contains: its fields, its fields and their encryption, or their encryption only."""

_HANDLED = (b"", b"success")
"""The answers without a reply."""
_ENVELOPE = ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")


@frozen
class Sealed:
    """A push as it is sent."""

    query: dict[str, str]
    body: bytes = field(repr=False)


@frozen
class Sealing:
    """The callback settings of the account, which the platform and the callback share."""

    app_id: str
    token: Secret
    key: AesKey | None
    """The key that encrypts pushes and replies; None in plain mode."""
    mode: Mode
    form: Form

    @classmethod
    def of(
        cls, app_id: str, token: Secret, aes_key: Secret | None, mode: Mode | None, form: Form
    ) -> Sealing:
        """Check the settings.

        Args:
            app_id: The AppID of the account.
            token: The token that signs pushes.
            aes_key: The EncodingAESKey that encrypts pushes.
            mode: `plain`, `compatible` or `safe`; None is safe with a key and plain without.
            form: `xml` or `json`.

        Raises:
            InvalidSetting: If a setting cannot work.
            ImportError: If the mode needs cryptography, which is not installed.
        """
        name = "app_id"
        try:
            app_id.encode()
            name = "callback_token"
            token.reveal().encode()
        except UnicodeEncodeError:
            raise InvalidSetting(name, "expected text that UTF-8 can hold") from None
        if mode is None:
            mode = "plain" if aes_key is None else "safe"
        _one_of(mode, get_args(Mode), "callback_mode")
        _one_of(form, get_args(Form), "callback_form")
        return cls(app_id, token, _key_of(aes_key, mode), mode, form)

    @property
    def content_type(self) -> str:
        """The Content-Type of a push."""
        return "text/xml; charset=utf-8" if self.form == "xml" else "application/json"

    def write(self, wire: JsonObject) -> bytes:
        """Write a push without encrypting it."""
        return document.write(wire, self.form)

    def signed(self, now: int) -> dict[str, str]:
        """Sign a new nonce.

        Args:
            now: The time of the signature, in Unix seconds.

        Returns:
            The query that every request of the platform has: signature, timestamp and nonce.
        """
        timestamp, nonce = str(now), secrets.token_hex(5)
        signature = sign(self.token.reveal(), timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    def seal(self, wire: JsonObject, now: int) -> Sealed:
        """Write, sign and encrypt a push."""
        query = {**self.signed(now), "openid": text(wire[SENDER], SENDER)}
        content = self.write(wire)
        if self.key is None:
            return Sealed(query, content)
        encrypted = self.key.encrypt(content, self.app_id)
        signature = sign(self.token.reveal(), query["timestamp"], query["nonce"], encrypted)
        query |= {"encrypt_type": "aes", "msg_signature": signature}
        beside = wire if self.mode == "compatible" else {RECEIVER: wire[RECEIVER]}
        return Sealed(query, self.write({**beside, "Encrypt": encrypted}))

    def open(self, content: bytes) -> JsonObject | None:
        """Read the answer to a push that was answered with 200.

        Returns:
            The reply; None if the answer has none.

        Raises:
            DecodeError: If the platform does not understand the answer.
            SignatureError: If the signature is wrong, or the reply is for another account.
        """
        if content in _HANDLED:
            return None
        answer = self._read(content)
        envelope = _envelope(answer, xml_alone=self.form == "xml")
        if envelope["Encrypt"] is not None:
            return self._decrypted(envelope)
        if self.mode == "safe":
            raise DecodeError("expected an encrypted reply in safe mode, got a plain one")
        return answer

    def _decrypted(self, envelope: JsonObject) -> JsonObject:
        if self.key is None:
            raise DecodeError("expected a plain reply in plain mode, got an encrypted one")
        encrypted, signature, *signed = (text(envelope[name], name) for name in _ENVELOPE)
        verify((self.token,), signature, *signed, encrypted)
        content, app_id = self.key.decrypt(encrypted)
        if app_id != self.app_id.encode():
            raise SignatureError("the reply is encrypted for another AppID")
        return self._read(content)

    def _read(self, content: bytes) -> JsonObject:
        # A callback that gets JSON may answer in either form: the official pages show both.
        return xml.loads(content) if self.form == "xml" else document.parse(content)


def _envelope(answer: JsonObject, *, xml_alone: bool) -> JsonObject:
    """Return the fields of an encrypted answer; in JSON, their names may be in lower case."""
    if xml_alone:
        return {name: answer.get(name) for name in _ENVELOPE}
    lower: dict[str, JsonValue] = {name.lower(): value for name, value in answer.items()}
    return {name: lower.get(name.lower()) for name in _ENVELOPE}


def _one_of(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        raise InvalidSetting(name, f"expected one of {', '.join(known)}, got {value!r}")


def _key_of(aes_key: Secret | None, mode: Mode) -> AesKey | None:
    if mode == "plain":
        return None
    if aes_key is None:
        raise InvalidSetting(
            "callback_aes_key", f"expected the EncodingAESKey that {mode} mode needs"
        )
    # Imported here, because plain pushes do not need cryptography.
    from wxruntime.callback.crypto import AesKey

    try:
        return AesKey(aes_key)
    except ValueError:
        raise InvalidSetting(
            "callback_aes_key", "expected 43 letters and digits, as the account's settings have it"
        ) from None

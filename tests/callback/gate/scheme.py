"""The platform's scheme, written a second time: signatures, encryption, envelopes.

It shares no code with the callback, so what both say of a push is a fact of the protocol. It
also writes what no honest sender would: it pads, measures and signs whatever it is told.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Literal, TypeAlias
from urllib.parse import urlencode
from xml.etree import ElementTree

from attrs import evolve, field, frozen

from tests.callback.gate.aes import Aes256

__all__ = [
    "Form",
    "Opened",
    "Request",
    "Sender",
    "encrypt",
    "frame",
    "key_of",
    "opened",
    "pad",
    "read_reply",
    "seal",
    "signature_of",
]

Form: TypeAlias = Literal["xml", "json"]

PADDED_TO = 32


def signature_of(*parts: str) -> str:
    """Sign parts, the token among them."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def key_of(encoding_aes_key: str) -> bytes:
    """Return the 32 bytes behind an EncodingAESKey."""
    return base64.decodebytes(f"{encoding_aes_key}=".encode())


def frame(content: bytes, app_id: bytes, random: bytes, length: int | None = None) -> bytes:
    """Put a content between what stands before and behind it.

    Args:
        content: The push or the reply.
        app_id: Whose it is.
        random: The 16 bytes in front.
        length: What the frame says of the content's length; the truth when left out.
    """
    said = len(content) if length is None else length
    return random + said.to_bytes(4, "big") + content + app_id


def pad(framed: bytes) -> bytes:
    """Fill the last 32 bytes up; there is always something to fill."""
    missing = PADDED_TO - len(framed) % PADDED_TO
    return framed + bytes([missing]) * missing


def encrypt(key: bytes, padded: bytes) -> str:
    """Encrypt whole blocks, whatever they hold."""
    return base64.b64encode(Aes256(key).encrypt(key[:16], padded)).decode()


def seal(key: bytes, content: bytes, app_id: str, random: bytes | None = None) -> str:
    """Encrypt a push or a reply."""
    front = os.urandom(16) if random is None else random
    return encrypt(key, pad(frame(content, app_id.encode(), front)))


@frozen
class Opened:
    """What was encrypted."""

    random: bytes
    content: bytes
    app_id: str


def opened(key: bytes, encrypted: str) -> Opened:
    """Decrypt a push or a reply that is well made."""
    padded = Aes256(key).decrypt(key[:16], base64.b64decode(encrypted))
    filled = padded[-1]
    assert 1 <= filled <= PADDED_TO
    assert padded.endswith(bytes([filled]) * filled)
    framed = padded[:-filled]
    end = 20 + int.from_bytes(framed[16:20], "big")
    assert end <= len(framed)
    return Opened(framed[:16], framed[20:end], framed[end:].decode())


@frozen
class Request:
    """A delivery: what stands behind the question mark, taken apart, and the body."""

    query: Mapping[str, str] = field(repr=False)
    body: bytes = b""

    def asking(self, **names: str) -> Request:
        """Return the same request with other values in the query."""
        return evolve(self, query={**self.query, **names})

    def without(self, *names: str) -> Request:
        """Return the same request with less in the query."""
        return evolve(
            self, query={name: value for name, value in self.query.items() if name not in names}
        )

    def carrying(self, body: bytes) -> Request:
        """Return the same request with another body."""
        return evolve(self, body=body)

    @property
    def encoded(self) -> str:
        """The query as it stands in an address."""
        return urlencode(self.query)


@frozen
class Sender:
    """The platform, or whoever knows what it knows."""

    token: str = field(default="the-token-of-the-platform", repr=False)
    encoding_aes_key: str = field(default="ThisIsTheEncodingAesKeyOfTheAccountNumber01", repr=False)
    app_id: str = "wx0123456789abcdef"
    form: Form = "xml"
    timestamp: str = "1700000000"
    nonce: str = "1320562132"

    @property
    def key(self) -> bytes:
        return key_of(self.encoding_aes_key)

    def signed(self) -> dict[str, str]:
        """Return the query of whatever the platform sends."""
        signature = signature_of(self.token, self.timestamp, self.nonce)
        return {"signature": signature, "timestamp": self.timestamp, "nonce": self.nonce}

    def check(self, echo: str) -> Request:
        """Ask whether the address is the account's."""
        return Request({**self.signed(), "echostr": echo})

    def plain(self, content: bytes) -> Request:
        """Push without encryption."""
        return Request(self.signed(), content)

    def safe(self, content: bytes) -> Request:
        """Push encrypted, and nothing beside that."""
        return self.carrying(seal(self.key, content, self.app_id))

    def compatible(self, content: bytes, **beside: str) -> Request:
        """Push encrypted, with plain fields beside it."""
        return self.carrying(seal(self.key, content, self.app_id), **beside)

    def carrying(self, encrypted: str, **beside: str) -> Request:
        """Push what is encrypted already, whatever it is, under a right signature."""
        signature = signature_of(self.token, self.timestamp, self.nonce, encrypted)
        query = {**self.signed(), "encrypt_type": "aes", "msg_signature": signature}
        return Request(query, self.envelope(encrypted, **beside))

    def envelope(self, encrypted: str, **beside: str) -> bytes:
        """Write the document around what is encrypted."""
        members = {"ToUserName": "gh_account", **beside, "Encrypt": encrypted}
        if self.form == "json":
            return json.dumps(members).encode()
        inside = "".join(f"<{tag}><![CDATA[{text}]]></{tag}>" for tag, text in members.items())
        return f"<xml>{inside}</xml>".encode()


def read_reply(body: bytes, form: Form) -> dict[str, str]:
    """Take the envelope of an encrypted reply apart, as the platform's page has it."""
    if form == "json":
        return {name: str(value) for name, value in json.loads(body).items()}
    root = ElementTree.fromstring(body)
    assert root.tag == "xml"
    return {child.tag: child.text or "" for child in root}

"""Scripted callbacks for the local WeChat, with an encryption that shares no code with ours."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from hashlib import sha1
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.account import AES_KEY, APP_ID, APP_SECRET, TOKEN
from tests.runtime.servers import Reply, Seen, Server, http
from wxoa.catalog import CATALOG
from wxruntime.closing import Closing
from wxruntime.sandbox import Admin, Delivered, LocalWeChat
from wxruntime.sandbox.pushes import PATIENCE
from wxruntime.wire import JsonObject, json, xml

OTHER_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
SHORT = 0.3
"""A time limit for the callback that is short enough for a test, in seconds."""

Play: TypeAlias = "Callable[[Wire], Reply | None]"
"""How a callback answers a push; None is no answer until the test ends."""


@frozen
class Wire:
    """A push as it arrived."""

    seen: Seen

    @property
    def query(self) -> dict[str, str]:
        """The query of the request."""
        return dict(parse_qsl(urlsplit(self.seen.target).query))

    @property
    def body(self) -> JsonObject:
        """The document in the body, which may be encrypted."""
        return document(self.seen.body)

    @property
    def fields(self) -> JsonObject:
        """The fields of the push, decrypted."""
        body = self.body
        if "encrypt_type" not in self.query:
            return body
        content, app_id = unseal(str(body["Encrypt"]))
        assert app_id == APP_ID
        return document(content)

    def reply(self, **fields: object) -> JsonObject:
        """Return a reply to the push, with its header."""
        fields_of_push = self.fields
        reply: JsonObject = {
            "ToUserName": fields_of_push["FromUserName"],
            "FromUserName": fields_of_push["ToUserName"],
            "CreateTime": 1,
        }
        for name, value in fields.items():
            reply[name] = value  # type: ignore[assignment]
        return reply


def document(body: bytes) -> JsonObject:
    """Read a document in XML or JSON."""
    return json.loads_object(body) if body.startswith(b"{") else xml.loads(body)


def _cipher(key: str) -> Cipher[modes.CBC]:
    raw = base64.b64decode(f"{key}=")
    return Cipher(algorithms.AES256(raw), modes.CBC(raw[:16]))


def seal(content: bytes, app_id: str = APP_ID, key: str = AES_KEY) -> str:
    """Encrypt as the official page says."""
    inner = b"0123456789abcdef" + len(content).to_bytes(4, "big") + content + app_id.encode()
    missing = 32 - len(inner) % 32
    cipher = _cipher(key).encryptor()
    return base64.b64encode(cipher.update(inner + bytes([missing]) * missing)).decode()


def unseal(encrypted: str) -> tuple[bytes, str]:
    """Decrypt as the official page says; return the content and the AppID."""
    inner = _cipher(AES_KEY).decryptor().update(base64.b64decode(encrypted))
    assert len(inner) % 32 == 0
    inner = inner[: -inner[-1]]
    end = 20 + int.from_bytes(inner[16:20], "big")
    return inner[20:end], inner[end:].decode()


def signature(*signed: str) -> str:
    """Sign as the official page says."""
    return sha1("".join(sorted([TOKEN, *signed])).encode()).hexdigest()


def envelope(content: bytes, *, app_id: str = APP_ID, key: str = AES_KEY) -> JsonObject:
    """Encrypt and sign a reply."""
    encrypted = seal(content, app_id, key)
    return {
        "Encrypt": encrypted,
        "MsgSignature": signature("1714112445", "415670741", encrypted),
        "TimeStamp": 1714112445,
        "Nonce": "415670741",
    }


def success(wire: Wire) -> Reply:
    """Answer a push without a reply."""
    return http(b"success")


class Pushed(Closing):
    """A local WeChat, its `Admin`, and a scripted callback."""

    def __init__(
        self,
        play: Play,
        *,
        mode: Literal["plain", "compatible", "safe"] = "plain",
        form: Literal["xml", "json"] = "xml",
        patience: float = PATIENCE,
        fresh_nonce: bool = True,
    ) -> None:
        """Start everything."""
        self._play = play
        self.callback = Server(self._answer)
        self.wechat = LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=self.callback.base_url,
            callback_token=TOKEN,
            callback_aes_key=None if mode == "plain" else AES_KEY,
            callback_mode=mode,
            callback_form=form,
            patience=patience,
            fresh_nonce=fresh_nonce,
        )
        self.admin = Admin(self.wechat.url)

    def _answer(self, seen: Seen) -> Reply:
        return self._play(Wire(seen)) or Reply(self.callback.silence(), keep=False)

    @property
    def seen(self) -> list[Wire]:
        """The pushes that have arrived so far."""
        return [Wire(seen) for seen in self.callback.seen]

    def push(self, openid: str = "o6_ann") -> Delivered:
        """Send a message as a customer, and wait until its delivery is over."""
        return self.admin.wait_for_delivery(self.admin.send_message(openid, content="hi"))

    def close(self) -> None:
        """Stop everything."""
        self.admin.close()
        # The callback first, which ends the requests that hang there.
        self.callback.close()
        self.wechat.close()


def in_turn(*replies: Reply | Play | None) -> Play:
    """Answer each push with the next of these, then always with the last; None is no answer."""
    lock = threading.Lock()
    waiting = [*replies]

    def play(wire: Wire) -> Reply | None:
        with lock:
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer if answer is None or isinstance(answer, Reply) else answer(wire)

    return play

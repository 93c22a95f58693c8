"""Pushes as they are delivered: signed, plain or encrypted."""

from __future__ import annotations

import time
from typing import Literal, TypeAlias
from urllib.parse import urlencode

from attrs import field, frozen

from wxruntime.callback.crypto import AesKey
from wxruntime.callback.signature import sign
from wxruntime.redact import Secret

__all__ = ["AES_KEY", "APP_ID", "MODES", "TOKEN", "Delivered", "Mode", "deliver", "text_message"]

TOKEN = "a-callback-token-for-benchmarks"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx0123456789abcdef"

Mode: TypeAlias = Literal["plain", "safe"]
MODES: tuple[Mode, ...] = ("plain", "safe")

_WORDS = "请问我的订单什么时候可以送到？谢谢！"


def text_message(number: int, size: int = 600) -> tuple[bytes, dict[str, str]]:
    """Write what a customer says, as the platform does.

    Args:
        number: The number of the message; it makes each one another.
        size: How long the document is at most, in bytes; at least 350.

    Returns:
        The document, and its fields by their names on the wire.
    """
    fields = {
        "ToUserName": "gh_7f083739789a",
        "FromUserName": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M",
        "CreateTime": str(int(time.time())),
        "MsgType": "text",
        "Content": "",
        "MsgId": str(7_000_000_000_000_000_000 + number),
    }
    room = (size - len(_document(fields))) // 3  # bytes a character
    fields["Content"] = (_WORDS * (room // len(_WORDS) + 1))[:room]
    return _document(fields), fields


def _document(fields: dict[str, str]) -> bytes:
    lines = (
        f"<{tag}>{text}</{tag}>" if text.isdigit() else f"<{tag}><![CDATA[{text}]]></{tag}>"
        for tag, text in fields.items()
    )
    return "\n".join(("<xml>", *lines, "</xml>")).encode()


@frozen
class Delivered:
    """A push on its way."""

    query: dict[str, str]
    body: bytes = field(repr=False)
    encrypted: str = field(default="", repr=False)
    """What is encrypted in it; empty for a plain one."""

    @property
    def target(self) -> str:
        """What stands in the request line."""
        return f"/wechat?{urlencode(self.query)}"


def deliver(content: bytes, mode: Mode, nonce: str) -> Delivered:
    """Sign a push, and encrypt it where the mode says so."""
    timestamp = str(int(time.time()))
    query = {
        "signature": sign(TOKEN, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M",
    }
    if mode == "plain":
        return Delivered(query, content)
    encrypted = AesKey(Secret(AES_KEY)).encrypt(content, APP_ID)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = sign(TOKEN, timestamp, nonce, encrypted)
    body = (
        "<xml>\n    <ToUserName><![CDATA[gh_7f083739789a]]></ToUserName>\n"
        f"    <Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>\n"
    )
    return Delivered(query, body.encode(), encrypted)

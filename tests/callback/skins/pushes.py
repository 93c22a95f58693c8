"""What the platform sends to a callback, and what it reads of the answer."""

from __future__ import annotations

import secrets
import time
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlencode

from attrs import frozen

from tests.account import AES_KEY, APP_ID, TOKEN
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.signature import sign
from wxruntime.redact import Secret
from wxruntime.wire import xml

__all__ = [
    "Mode",
    "Signed",
    "check",
    "forged",
    "push",
    "said",
    "text_message",
]


Mode: TypeAlias = Literal["plain", "safe"]


@frozen
class Signed:
    """A request of the platform: what stands behind the question mark, and the body."""

    query: str
    body: bytes = b""


def _query(**more: str) -> dict[str, str]:
    timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
    signature = sign(TOKEN, timestamp, nonce)
    return {"signature": signature, "timestamp": timestamp, "nonce": nonce, **more}


def check(echo: str) -> Signed:
    """Ask whether the address is the account's."""
    return Signed(urlencode(_query(echostr=echo)))


def push(body: bytes, mode: Mode) -> Signed:
    """Push a document, whatever it is, as authentic as can be."""
    query = _query(openid="o6_customer")
    if mode == "plain":
        return Signed(urlencode(query), body)
    encrypted = AesKey(Secret(AES_KEY)).encrypt(body, APP_ID)
    signature = sign(TOKEN, query["timestamp"], query["nonce"], encrypted)
    query |= {"encrypt_type": "aes", "msg_signature": signature}
    envelope = (
        "<xml>\n    <ToUserName><![CDATA[gh_account]]></ToUserName>\n"
        f"    <Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>\n"
    )
    return Signed(urlencode(query), envelope.encode())


def text_message(content: str) -> bytes:
    """Write what a customer says; each time it is another message."""
    return (
        "<xml><ToUserName><![CDATA[gh_account]]></ToUserName>\n"
        "<FromUserName><![CDATA[o6_customer]]></FromUserName>\n"
        f"<CreateTime>{int(time.time())}</CreateTime>\n"
        "<MsgType><![CDATA[text]]></MsgType>\n"
        f"<Content><![CDATA[{content}]]></Content>\n"
        f"<MsgId>{secrets.randbits(62)}</MsgId>\n"
        "</xml>"
    ).encode()


def said(reply: bytes, mode: Mode) -> object:
    """Read the text of a reply, as the platform does: it checks the signature of a sealed one."""
    wire = xml.loads(reply)
    if mode == "safe":
        encrypted = str(wire["Encrypt"])
        signature = sign(TOKEN, str(wire["TimeStamp"]), str(wire["Nonce"]), encrypted)
        if signature != wire["MsgSignature"]:
            raise AssertionError("a reply is signed otherwise than by the callback token")
        content, app_id = AesKey(Secret(AES_KEY)).decrypt(encrypted)
        if app_id != APP_ID.encode():
            raise AssertionError(f"a reply is sealed for {app_id!r}")
        wire = xml.loads(content)
    return wire["Content"]


def forged(request: Signed) -> Signed:
    """Sign a request by a token that is not the account's."""
    query = {name: values[0] for name, values in parse_qs(request.query).items()}
    query["signature"] = sign("another-callback-token", query["timestamp"], query["nonce"])
    return Signed(urlencode(query), request.body)

"""The platform's end of a callback: signs, encrypts and delivers, and reads what is answered."""

from __future__ import annotations

import itertools
import time

from attrs import Factory, define, field

from tests.account import APP_ID, TOKEN
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.signature import sign
from wxruntime.redact import Secret
from wxruntime.wire import JsonObject, json, xml

__all__ = ["Platform", "text_message"]


@define
class Platform:
    """Delivers pushes for one account."""

    token: str = field(default=TOKEN, repr=False)
    aes_key: str | None = field(default=None, repr=False)
    app_id: str = APP_ID
    _nonces: itertools.count[int] = field(init=False, default=Factory(itertools.count))

    def query(self, *signed: str, **more: str) -> dict[str, str]:
        """Sign a delivery now, with a nonce that is new."""
        timestamp, nonce = str(int(time.time())), f"n{next(self._nonces)}"
        query = {
            "signature": sign(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            **more,
        }
        if signed:
            query["encrypt_type"] = "aes"
            query["msg_signature"] = sign(self.token, timestamp, nonce, *signed)
        return query

    def deliver(self, push: JsonObject, form: str = "xml") -> tuple[dict[str, str], bytes]:
        """Return the query and the body of a delivery, encrypted where there is a key."""
        write = json.dumps if form == "json" else xml.dumps
        content = write(push)
        if self.aes_key is None:
            return self.query(), content
        encrypted = AesKey(Secret(self.aes_key)).encrypt(content, self.app_id)
        to = push.get("ToUserName", "")
        return self.query(encrypted), write({"ToUserName": to, "Encrypt": encrypted})

    def read(self, body: bytes) -> JsonObject:
        """Read a reply as the platform does."""
        wire = json.loads_object(body) if body.startswith(b"{") else xml.loads(body)
        if self.aes_key is None:
            return wire
        lower = {name.lower(): value for name, value in wire.items()}
        encrypted = str(lower["encrypt"])
        signed = (str(lower["timestamp"]), str(lower["nonce"]), encrypted)
        assert lower["msgsignature"] == sign(self.token, *signed)
        content, app_id = AesKey(Secret(self.aes_key)).decrypt(encrypted)
        assert app_id.decode() == self.app_id
        return json.loads_object(content) if content.startswith(b"{") else xml.loads(content)


def text_message(content: str, number: int = 1, sender: str = "o6_customer") -> JsonObject:
    """Return a text that a customer writes."""
    return {
        "ToUserName": "gh_account",
        "FromUserName": sender,
        "CreateTime": 1700000000,
        "MsgType": "text",
        "Content": content,
        "MsgId": number,
    }

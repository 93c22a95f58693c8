"""The platform's side: signed and encrypted pushes, delivered up to three times."""

from __future__ import annotations

import asyncio
import itertools
import time

import aiohttp

from tests.account import AES_KEY, APP_ID, TOKEN
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.signature import sign
from wxruntime.redact import Secret

__all__ = ["Platform", "message"]

TRIES = 3
CUT = aiohttp.ClientTimeout(total=5.0)


def message(customer: int, number: int) -> bytes:
    """Write what a customer says: who it is, and which message of theirs this is."""
    return (
        "<xml><ToUserName><![CDATA[gh_desk]]></ToUserName>"
        f"<FromUserName><![CDATA[o6_{customer}]]></FromUserName>"
        f"<CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{customer} {number}]]></Content>"
        f"<MsgId>{customer * 1_000_000 + number}</MsgId></xml>"
    ).encode()


class Platform:
    """Delivers to one address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._key = AesKey(Secret(AES_KEY))
        self._nonces = itertools.count(1)
        self.redelivered = 0

    async def deliver_all(self, customers: int, each: int) -> None:
        """Deliver what customers write, each one's messages one after the other."""
        connector = aiohttp.TCPConnector(limit=64)
        async with aiohttp.ClientSession(connector=connector, timeout=CUT) as session:

            async def customer(number: int) -> None:
                for count in range(each):
                    await self._deliver(session, message(number, count))

            await asyncio.gather(*map(customer, range(customers)))

    async def _deliver(self, session: aiohttp.ClientSession, content: bytes) -> None:
        sealed = self._key.encrypt(content, APP_ID)
        body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
        for attempt in range(TRIES):
            self.redelivered += attempt > 0
            if await self._attempt(session, sealed, body) == 200:
                return
        raise AssertionError("a push was delivered three times, and never taken")

    async def _attempt(self, session: aiohttp.ClientSession, sealed: str, body: bytes) -> int:
        timestamp, nonce = str(int(time.time())), str(next(self._nonces))
        query = {
            "signature": sign(TOKEN, timestamp, nonce),
            "msg_signature": sign(TOKEN, timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
            "encrypt_type": "aes",
        }
        try:
            async with session.post(self._url, params=query, data=body) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return 0

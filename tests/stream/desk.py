"""A desk whose callback hands its pushes to workers, as its web tier and its workers import it.

Whoever runs it says by the environment where the stream is, and which descriptor the handlers
write to: a line when they begin, and one when they end. What is written to a pipe stays in
order, and is there whole, even if the writer is killed the moment after.
"""

from __future__ import annotations

import asyncio
import os

from tests.account import AES_KEY, APP_ID, TOKEN
from wxoa import Callback
from wxoa.events import TextMessage
from wxruntime.stream import Stream

stream = Stream.from_url(os.environ["DESK_REDIS"], partitions=16)
callback = Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID, stream=stream)
_told = int(os.environ.get("DESK_TOLD", "2"))


def tell(word: str, said: str) -> None:
    """Write a line to whoever runs this."""
    os.write(_told, f"{word} {said}\n".encode())


@callback.on
async def wrote(event: TextMessage) -> None:
    """Handle what a customer wrote: customer and number."""
    tell("begin", event.content)
    await asyncio.sleep(0.002)
    tell("end", event.content)

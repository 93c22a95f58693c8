"""A desk whose customers say what its handlers do, for `wxoa worker tests.stream.acting:callback`.

The first word is what happens: `wait` for a gate, a file that the test makes, which is this
process's own or anybody's; `die`; `hang`, in a coroutine or in a thread; `raise`.
"""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from tests.account import TOKEN
from tests.stream.desk import tell
from wxoa import Callback
from wxoa.events import TextMessage
from wxruntime.stream import Stream

stream = Stream.from_url(os.environ["DESK_REDIS"], partitions=1)
callback = Callback(token=TOKEN, stream=stream)
without_stream = Callback(token=TOKEN)
GATES = Path(os.environ.get("DESK_GATES", "."))


@callback.on
async def act(event: TextMessage) -> None:
    """Do what the customer says."""
    tell("begin", f"{os.getpid()} {event.content}")
    word = event.content.split()[0]
    if word == "wait":
        while not (GATES / str(os.getpid())).exists():
            await asyncio.sleep(0.01)
    elif word == "die":
        os._exit(9)
    elif word == "hang":
        await asyncio.Event().wait()
    elif word == "block":
        await asyncio.to_thread(threading.Event().wait)
    elif word == "raise":
        raise LookupError("no such customer")
    tell("end", f"{os.getpid()} {event.content}")

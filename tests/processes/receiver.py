"""One process that receives pushes, and whose handler ends when the test says so.

It prints a line for whatever happens, and ends when its standard input does.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import Any

import redis

from wxoa import Callback, events, replies
from wxruntime.callback.loopback import serve
from wxruntime.inbox import RedisInbox

TOKEN = "the-callback-token"


def main(url: str) -> None:
    """Receive until standard input ends."""
    inbox = RedisInbox.from_url(url)
    client: type[Any] = redis.Redis
    with (
        client.from_url(url, socket_timeout=None) as desk,
        closing(Callback(token=TOKEN, inbox=inbox)) as callback,
    ):

        @callback.on
        def slow(event: events.TextMessage) -> replies.TextReply:
            print("begun", flush=True)
            desk.blpop("release", 60)
            return replies.TextReply(f"from {os.getpid()}")

        @callback.late
        def late(event: events.Event, reply: replies.Reply) -> None:
            print("late", flush=True)

        with serve(callback) as server:
            print(server.url, flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

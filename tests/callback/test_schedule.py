"""Slow handlers, against a platform that cuts after five seconds and delivers three times.

These seconds are the platform's own, so this is the one place where they pass: each handler is a
second or more away from whatever would change its verdict.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from contextlib import closing

from tests.account import AES_KEY, APP_ID, TOKEN
from wxoa import Callback, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.sandbox import Admin, LocalWeChat


def test_handlers_of_1_6_12_and_20_seconds() -> None:
    """The 1st, 2nd and 3rd delivery carry the reply, and the hook the last; each runs once."""
    runs: Counter[str] = Counter()
    late: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    never = threading.Event()
    made = Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)

    @made.on
    def slow(event: events.TextMessage) -> replies.TextReply:
        runs[event.content] += 1
        never.wait(float(event.content))
        return replies.TextReply(f"after {event.content} s")

    @made.late
    def send(event: events.Event, reply: replies.Reply) -> None:
        assert isinstance(event, events.TextMessage)
        assert isinstance(reply, replies.TextReply)
        late.put((event.from_user_name, reply.content))

    with (
        closing(made) as callback,
        serve(callback) as server,
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret="the-app-secret",
            callback_url=server.url,
            callback_token=TOKEN,
            callback_aes_key=AES_KEY,
            callback_mode="safe",
        ) as wechat,
        Admin(wechat.url) as admin,
    ):
        assert admin.check_url().problem == ""
        sent = {
            seconds: admin.send_message(f"o6_{seconds}", content=seconds)
            for seconds in ("1", "6", "12", "20")
        }
        delivered = {seconds: admin.wait_for_delivery(number) for seconds, number in sent.items()}
        in_the_end = late.get(timeout=60)

    assert {seconds: one.answered_on for seconds, one in delivered.items()} == {
        "1": 1,
        "6": 2,
        "12": 3,
        "20": 3,
    }
    assert {seconds: (one.reply or {}).get("Content") for seconds, one in delivered.items()} == {
        "1": "after 1 s",
        "6": "after 6 s",
        "12": "after 12 s",
        "20": None,
    }
    assert not any(one.problem for one in delivered.values())
    assert in_the_end == ("o6_20", "after 20 s")
    assert late.empty()
    assert runs == {"1": 1, "6": 1, "12": 1, "20": 1}

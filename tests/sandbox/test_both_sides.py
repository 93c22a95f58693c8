"""The package's callback and the local WeChat: each understands what the other writes."""

from __future__ import annotations

from contextlib import closing
from typing import Literal

import pytest

from tests.account import AES_KEY, APP_ID, APP_SECRET, TOKEN
from wxoa import Callback, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.sandbox import Admin, LocalWeChat

REPLIES: list[replies.Reply] = [
    replies.TextReply(content="你好 ]]> \r\n"),
    replies.ImageReply(media_id="m"),
    replies.VoiceReply(media_id="m"),
    replies.VideoReply(media_id="m", title="t"),
    replies.MusicReply(thumb_media_id="m"),
    replies.NewsReply(articles=[replies.Article("t", "d", "p", "u")]),
    replies.TransferCustomerServiceReply(),
    replies.TransferCustomerServiceReply(kf_account="sara@acme"),
]


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_messages_and_replies_come_through(
    mode: Literal["plain", "compatible", "safe"], form: Literal["xml", "json"]
) -> None:
    """Every kind of message is handled, and every kind of reply is accepted, in each mode."""
    handled: list[events.Event] = []
    kinds = [*CATALOG.messages]

    def handle(event: events.Event) -> replies.Reply:
        handled.append(event)
        return REPLIES[len(handled) - 1]

    key = None if mode == "plain" else AES_KEY
    receiver = Callback(token=TOKEN, encoding_aes_key=key or (), app_id=APP_ID)
    receiver.default(handle)
    with (
        closing(receiver),
        serve(receiver) as callback,
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=callback.url,
            callback_token=TOKEN,
            callback_aes_key=key,
            callback_mode=mode,
            callback_form=form,
        ) as wechat,
        Admin(wechat.url) as admin,
    ):
        assert admin.check_url().problem == ""
        pushes = [
            admin.wait_for_delivery(admin.send_message(f"o6_{number}", kinds[number]))
            for number in range(len(REPLIES))
        ]
        state = admin.state()

    assert [push.problem for push in pushes] == [""] * len(REPLIES)
    assert all(push.answered_on == 1 and push.reply is not None for push in pushes)
    assert len(handled) == len(REPLIES)
    assert isinstance(state["waiting"], list)
    assert isinstance(state["stuck"], list)
    assert (len(state["waiting"]), len(state["stuck"])) == (1, 1)

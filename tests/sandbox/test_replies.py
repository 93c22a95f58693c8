"""Checking replies as the platform does: which it accepts, and which are a problem."""

from __future__ import annotations

from typing import Literal

import pytest

from wxoa import replies as ours
from wxoa.catalog import CATALOG
from wxruntime.errors import DecodeError
from wxruntime.sandbox.replies import check, transferred_to
from wxruntime.wire import JsonObject, Timestamp
from wxruntime.wire.push import PushFormat

PUSH: JsonObject = {"ToUserName": "gh", "FromUserName": "o6", "MsgType": "text"}
EVENT: JsonObject = {**PUSH, "MsgType": "event", "Event": "subscribe"}
BIND: JsonObject = {**PUSH, "MsgType": "device_event", "Event": "bind"}
DEVICE_TEXT: JsonObject = {**PUSH, "MsgType": "device_text"}
ARTICLE: JsonObject = {"Title": "t", "Description": "", "PicUrl": "p", "Url": "u"}
HEADER = ("o6", "gh", Timestamp(1))


def reply(kind: str = "text", **fields: object) -> JsonObject:
    """Return a reply to the push."""
    header = {"ToUserName": "o6", "FromUserName": "gh", "CreateTime": "1", "MsgType": kind}
    return {**header, **fields}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "right",
    [
        reply(Content="hello"),
        reply("image", Image={"MediaId": "m"}),
        reply("voice", Voice={"MediaId": "m"}),
        reply("video", Video={"MediaId": "m", "Title": "t"}),
        reply("music", Music={"ThumbMediaId": "m"}),
        reply("news", ArticleCount="1", Articles={"item": ARTICLE}),
        reply("news", ArticleCount=2, Articles={"item": [ARTICLE, ARTICLE]}),
        reply("news", ArticleCount=2, Articles=[ARTICLE, ARTICLE]),
        reply("transfer_customer_service"),
        reply("transfer_customer_service", TransInfo={"KfAccount": "sara@acme"}),
    ],
)
def test_a_reply_that_the_platform_shows_is_right(right: JsonObject) -> None:
    """Every kind of reply is accepted with its required fields only."""
    check(right, PUSH)


@pytest.mark.parametrize(
    "written",
    [
        ours.TextReply("hello", *HEADER),
        ours.ImageReply("m", *HEADER),
        ours.VoiceReply("m", *HEADER),
        ours.VideoReply("m", None, None, *HEADER),
        ours.MusicReply("m", None, None, None, None, *HEADER),
        ours.NewsReply([ours.Article("t", "d", "p", "u")] * 2, *HEADER),
        ours.TransferCustomerServiceReply(None, *HEADER),
        ours.TransferCustomerServiceReply("sara@acme", *HEADER),
    ],
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_the_package_writes_is_right(
    written: ours.Reply, form: Literal["xml", "json"]
) -> None:
    """The check accepts every reply that the package writes."""
    check(PushFormat.parse(ours.encode(written, form)), PUSH)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (reply(Content=""), "$.Content: expected text, got empty text"),
        (reply(), "$.Content: expected a string, got nothing"),
        (reply(Content={"a": "b"}), "$.Content: expected a string, got an object"),
        (reply(Content="x", ToUserName="gh"), "$.ToUserName: expected the push's FromUserName"),
        (reply(Content="x", FromUserName="o6"), "$.FromUserName: expected the push's ToUserName"),
        (reply(Content="x", CreateTime="now"), "$.CreateTime: expected a whole number"),
        (reply("poem", Content="x"), "$.MsgType: expected one of text, image, voice, video, music"),
        (reply("image", MediaId="m"), "$.Image: expected an object, got nothing"),
        (reply("image", Image=""), "$.Image.MediaId: expected a string, got nothing"),
        (reply("voice", Voice={"MediaId": ""}), "$.Voice.MediaId: expected text, got empty text"),
        (reply("video", Video={"Title": "t"}), "$.Video.MediaId: expected a string, got nothing"),
        (reply("music", Music={"MediaId": "m"}), "$.Music.ThumbMediaId: expected a string"),
        (reply("news", ArticleCount=1), "$.ArticleCount: expected the number of articles"),
        (
            reply("news", ArticleCount=2, Articles={"item": ARTICLE}),
            "$.ArticleCount: expected the number of articles, which is 1 or more: there are 1",
        ),
        (
            reply("news", ArticleCount=1, Articles={"item": {"Title": "t"}}),
            "$.Articles[0].Description: expected a string, got nothing",
        ),
        (
            reply("transfer_customer_service", TransInfo={"KfAccount": ""}),
            "$.TransInfo.KfAccount: expected text, got empty text",
        ),
    ],
)
def test_a_reply_that_the_platform_cannot_show_is_wrong(wrong: JsonObject, problem: str) -> None:
    """The error of a wrong reply names the path of the field."""
    with pytest.raises(DecodeError) as caught:
        check(wrong, PUSH)

    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize("push", [EVENT, BIND, DEVICE_TEXT])
def test_only_a_message_is_handed_over(push: JsonObject) -> None:
    """A transfer is refused in reply to an event or a device; a text is accepted."""
    check(reply(Content="welcome"), push)
    with pytest.raises(DecodeError, match="got it in reply to an event or to a device"):
        check(reply("transfer_customer_service"), push)


@pytest.mark.parametrize(
    ("info", "account"), [(None, None), ("", None), ({"KfAccount": "sara@acme"}, "sara@acme")]
)
def test_a_transfer_may_name_an_account(info: object, account: str | None) -> None:
    """A transfer names an account, or none if the element is missing or empty."""
    assert transferred_to(reply("transfer_customer_service", TransInfo=info)) == account


@pytest.mark.parametrize("kind", CATALOG.replies)
def test_every_reply_of_the_catalog_is_known(kind: str) -> None:
    """The check knows each kind of reply in the catalog and refuses an empty one."""
    with pytest.raises(DecodeError, match=r"^(?!\$\.MsgType)"):
        check(reply(kind, TransInfo={}), PUSH)

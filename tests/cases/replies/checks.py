"""Replies: what the caller gives first, what the wire has first, and how strict their reader is."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import Timestamp


def test_the_header_comes_last_in_the_constructor(package: ModuleType) -> None:
    """Whoever replies leaves it to the callback; on the wire it stands first, then the kind."""
    replies = package.replies
    reply = replies.MusicReply("thumb", "title", note="n")

    assert (reply.to_user_name, reply.from_user_name, reply.create_time) == ("", "", 0)
    assert replies.encode(reply) == (
        b"<xml><ToUserName><![CDATA[]]></ToUserName><FromUserName><![CDATA[]]></FromUserName>"
        b"<CreateTime>0</CreateTime><MsgType><![CDATA[music]]></MsgType>"
        b"<Music><Title><![CDATA[title]]></Title><Thumb><![CDATA[thumb]]></Thumb></Music>"
        b"<Note><![CDATA[n]]></Note></xml>"
    )


def test_a_reply_says_what_it_is(package: ModuleType) -> None:
    """Its class has its kind."""
    replies = package.replies

    assert replies.TextReply.reply_type is replies.ReplyType.TEXT
    assert len(replies.ReplyType) == 6


def test_an_element_without_content_is_not_written(package: ModuleType) -> None:
    """Unless something must stand in it."""
    replies = package.replies

    assert b"Trans>" not in replies.encode(replies.TransferReply())
    assert b"<Trans><Urgent>0</Urgent></Trans>" in replies.encode(
        replies.TransferReply(urgent=False)
    )
    assert b"<Count>0</Count><Cards></Cards><Tags></Tags>" in replies.encode(replies.NewsReply())


def test_a_count_is_written_and_never_asked_for(package: ModuleType) -> None:
    """Whatever was said of it before."""
    replies = package.replies
    reply = replies.NewsReply([replies.Card("a"), replies.Card("b")], ["x"])

    assert reply.count == 2
    assert b"<Count>2</Count><Cards><item>" in replies.encode(reply)
    assert replies.decode(replies.encode(reply)) == reply


def test_what_is_no_reply_is_refused(package: ModuleType) -> None:
    """By name, both ways; a model that only stands inside of replies is none."""
    replies = package.replies
    kinds = "text, image, music, news, transfer, nothing"

    with pytest.raises(EncodeError, match=rf"expected a reply \({kinds}\), got str"):
        replies.encode("hi")
    with pytest.raises(EncodeError, match="got Card"):
        replies.encode(replies.Card("a"))
    for body, came in (
        (b"<xml><MsgType>video</MsgType></xml>", "the text 'video'"),
        (b"<xml></xml>", "nothing"),
        (b'{"MsgType": 7}', "the number 7"),
    ):
        with pytest.raises(DecodeError, match=rf"\.MsgType: expected .*{kinds}.*, got {came}"):
            replies.decode(body)
    with pytest.raises(DecodeError, match="expected a reply in XML or JSON"):
        replies.decode(b"success")


WRONG = {
    "<Image>text</Image>": r"\$\.Image: expected an object, got the text 'text'",
    "<Image><A/></Image><Image><A/></Image>": r"\$\.Image: expected an object, got a list",
    "<Image/>": r"\$\.Image\.MediaId: expected a string, got nothing",
    "": r"\$\.Image\.MediaId: .* required",
    "<Image><MediaId><A/></MediaId></Image>": r"\$\.Image\.MediaId: .*, got an object",
}


def test_an_error_says_where_in_an_element(package: ModuleType) -> None:
    """As if the element were a model."""
    for inside, problem in WRONG.items():
        body = f"<xml><MsgType>image</MsgType>{inside}</xml>"
        with pytest.raises(DecodeError, match=problem):
            package.replies.decode(body.encode())


def test_a_reply_has_a_home_and_a_place_in_the_catalog(package: ModuleType) -> None:
    """What it holds lives beside it, what a call returns in the module of the call."""
    catalog = package.catalog.CATALOG
    fields = {field.name: field for field in catalog.replies["news"].fields}

    assert {"Card", "State", "NewsReply"} <= set(package.replies.__all__)
    assert package.desk.__all__ == ["Asked", "AsyncDesk", "Desk", "ask"]
    assert (fields["count"].count, fields["count"].wire, fields["count"].required) == (
        *("cards", "Count", False),
    )
    assert (fields["cards"].item, fields["cards"].within) == ("item", "")
    assert catalog.replies["image"].fields[-1].within == "Image"


def test_the_format_knows_what_the_header_says(package: ModuleType) -> None:
    """So that a callback can fill it in on the wire."""
    replies = package.replies
    wire = replies.FORMAT.fields(replies.TextReply("hi"))

    assert list(wire) == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]
    wire[replies.FORMAT.receiver] = "o6"
    wire[replies.FORMAT.sender] = "gh_1"
    wire[replies.FORMAT.time] = 12
    assert replies.FORMAT.read(wire) == replies.TextReply("hi", "o6", "gh_1", Timestamp(12))

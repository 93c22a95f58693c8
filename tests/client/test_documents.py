"""Messages and replies as the official pages show them, and as clients have seen them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wxoa import events, replies
from wxoa.catalog import CATALOG
from wxruntime.wire import JsonValue
from wxruntime.wire.document import parse

SAMPLES = Path(__file__).parents[1] / "samples"
MESSAGES = sorted((SAMPLES / "messages").iterdir())
REPLIES = sorted((SAMPLES / "replies").iterdir())


def kind_of(path: Path) -> str:
    """Return what a document says it is."""
    return str(parse(path.read_bytes())["MsgType"])


def equivalent(first: JsonValue, second: JsonValue) -> bool:
    """Say whether two documents mean the same.

    A number may stand as text, 0.50 is 0.5, and an element that does not repeat is a list of one.
    """
    if isinstance(first, dict) and isinstance(second, dict):
        return [*first] == [*second] and all(equivalent(first[key], second[key]) for key in first)
    if isinstance(first, list):
        others = second if isinstance(second, list) else [second]
        return len(first) == len(others) and all(map(equivalent, first, others))
    try:
        return float(str(first)) == float(str(second))
    except ValueError:
        return first == second


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.name)
class TestMessages:
    def test_a_message_has_its_class(self, path: Path) -> None:
        """It is described whole: nothing of it is unknown."""
        message = events.decode(path.read_bytes())

        assert type(message).__name__ == CATALOG.messages[kind_of(path)].class_name
        assert not isinstance(message, events.UnknownEvent)
        assert message.unknown == {}

    def test_a_message_comes_back_as_it_came(self, path: Path) -> None:
        """In both forms, every element in its place."""
        body = path.read_bytes()
        message = events.decode(body)

        assert equivalent(parse(events.encode(message, "xml")), parse(body))
        assert equivalent(parse(events.encode(message, "json")), parse(body))
        assert events.decode(events.encode(message)) == message


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.name)
class TestReplies:
    def test_a_reply_has_its_class(self, path: Path) -> None:
        """It is described whole: nothing of it is unknown."""
        reply = replies.decode(path.read_bytes())

        assert type(reply).__name__ == CATALOG.replies[kind_of(path)].class_name
        assert reply.unknown == {}

    def test_a_reply_comes_back_as_it_came(self, path: Path) -> None:
        """In both forms, every element in its place."""
        body = path.read_bytes()
        reply = replies.decode(body)

        assert equivalent(parse(replies.encode(reply, "xml")), parse(body))
        assert equivalent(parse(replies.encode(reply, "json")), parse(body))


def test_every_kind_is_shown() -> None:
    """No message and no reply is described that these tests have not seen."""
    assert set(map(kind_of, MESSAGES)) == set(CATALOG.messages)
    assert set(map(kind_of, REPLIES)) == set(CATALOG.replies)


def test_the_common_message_takes_the_fast_way() -> None:
    """A text of today, with an id of 19 digits."""
    body = (
        b"<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n"
        b"<FromUserName><![CDATA[o6_a]]></FromUserName>\n<CreateTime>1714037059</CreateTime>\n"
        b"<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[hi]]></Content>\n"
        b"<MsgId>6054768590064713728</MsgId>\n</xml>"
    )

    message = events.FORMAT.scan(body)

    assert isinstance(message, events.TextMessage)
    assert message.msg_id == 6054768590064713728


def test_a_list_of_articles_may_stand_bare() -> None:
    """As JSON would write it; one article is a list of one in either form."""
    bare = b'{"MsgType": "news", "ArticleCount": 2, "Articles": [{"Title": "a", "Description": "b",'
    bare += b' "PicUrl": "c", "Url": "d"}]}'
    reply = replies.decode(bare)

    assert isinstance(reply, replies.NewsReply)
    assert reply.articles == [replies.Article("a", "b", "c", "d")]
    assert reply.article_count == 1
    assert replies.decode(replies.encode(reply)) == reply

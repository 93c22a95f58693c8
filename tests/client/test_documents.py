"""Pushes and replies as the platform shows them, and as clients have seen them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from wxoa import events, replies
from wxoa.catalog import CATALOG
from wxruntime.catalog import Document
from wxruntime.wire import JsonObject, JsonValue
from wxruntime.wire import json as wire_json
from wxruntime.wire.document import Form, parse

SAMPLES = Path(__file__).parents[1] / "samples"
PUSHES = [path for kind in ("events", "messages") for path in sorted((SAMPLES / kind).iterdir())]
REPLIES = sorted((SAMPLES / "replies").iterdir())
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
SPOKEN = {"true": "1", "false": "0"}


def described(path: Path) -> Document:
    """Find what the specification says about a document."""
    wire = parse(path.read_bytes())
    kind = str(wire["MsgType"])
    if path.parent.name == "replies":
        return CATALOG.replies[kind]
    known = (
        event
        for event in CATALOG.events.values()
        if (event.kind, event.name) == (kind, wire.get("Event"))
    )
    return next(known, None) or CATALOG.messages[kind]


def meaning(value: JsonValue) -> object:
    """Return what a document means, in whichever of its spellings it stands.

    A number may stand as text, 0.50 is 0.5, a flag may be spelled out, an element that does not
    repeat is a list of one, and an empty list is no element. Elements keep their order.
    """
    if isinstance(value, dict):
        return [(name, meaning(inner)) for name, inner in value.items() if inner != []]
    if isinstance(value, list):
        return meaning(value[0]) if len(value) == 1 else [*map(meaning, value)]
    said = SPOKEN.get(str(value), str(value))
    return Decimal(said) if NUMBER.fullmatch(said) else said


def gathered(wire: JsonObject, document: Document) -> JsonObject:
    """Call each field as it is called today, and put it where it stands in XML."""
    today = {former: field.wire for field in document.fields for former in field.also}
    called = {today.get(name, name): value for name, value in wire.items()}
    for field in document.fields:
        if field.bare and field.wire in called:
            called[field.within] = {field.wire: called.pop(field.wire)}
    return called


def equivalent(first: bytes, second: bytes, document: Document) -> bool:
    """Say whether two documents mean the same, in whichever form."""
    one, other = (meaning(gathered(parse(body), document)) for body in (first, second))
    return one == other


@pytest.mark.parametrize("path", PUSHES, ids=lambda path: path.name)
class TestPushes:
    def test_a_push_has_its_class(self, path: Path) -> None:
        """It is described whole: nothing of it is unknown."""
        push = events.decode(path.read_bytes())

        assert type(push).__name__ == described(path).class_name
        assert not isinstance(push, events.UnknownEvent)
        assert push.unknown == {}

    def test_a_push_comes_back_as_it_came(self, path: Path) -> None:
        """In both forms, every element in its place."""
        body = path.read_bytes()
        push = events.decode(body)

        for written in (events.encode(push, "xml"), events.encode(push, "json")):
            assert equivalent(written, body, described(path))
            assert events.decode(written) == push


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.name)
class TestReplies:
    def test_a_reply_has_its_class(self, path: Path) -> None:
        """It is described whole: nothing of it is unknown."""
        reply = replies.decode(path.read_bytes())

        assert type(reply).__name__ == described(path).class_name
        assert reply.unknown == {}

    def test_a_reply_comes_back_as_it_came(self, path: Path) -> None:
        """In both forms, every element in its place."""
        body = path.read_bytes()
        reply = replies.decode(body)

        for written in (replies.encode(reply, "xml"), replies.encode(reply, "json")):
            assert equivalent(written, body, described(path))
            assert replies.decode(written) == reply


def test_every_kind_is_shown() -> None:
    """No event, no message and no reply is described that these tests have not seen."""
    shown = {described(path).class_name for path in (*PUSHES, *REPLIES)}
    catalog = (CATALOG.events, CATALOG.messages, CATALOG.replies)

    assert shown == {document.class_name for kind in catalog for document in kind.values()}


def test_everything_that_is_known_is_described() -> None:
    """69 events, 11 messages and 11 replies: what any client and any page knows of today."""
    assert (len(CATALOG.events), len(CATALOG.messages), len(CATALOG.replies)) == (69, 11, 11)


def test_the_samples_of_the_platform(capsys: pytest.CaptureFixture[str]) -> None:
    """Each that the platform has published comes through whole, and they are counted."""
    index = wire_json.loads_object((SAMPLES / "index.json").read_bytes())
    published = [
        SAMPLES / name
        for name, said in index.items()
        if isinstance(said, dict) and said.get("published") is True
    ]
    whole = [path for path in published if comes_through(path)]
    with capsys.disabled():
        print(f"\n{len(whole)} of {len(published)} published samples came through whole")

    assert whole == published
    assert len(published) == 35


def comes_through(path: Path) -> bool:
    """Say whether a document is described whole, and written back in its own form."""
    body = path.read_bytes()
    form: Form = "json" if path.suffix == ".json" else "xml"
    if path.parent.name == "replies":
        reply = replies.decode(body)
        return not reply.unknown and equivalent(replies.encode(reply, form), body, described(path))
    push = events.decode(body)
    if isinstance(push, events.UnknownEvent):
        return False
    return not push.unknown and equivalent(events.encode(push, form), body, described(path))


def test_the_index_lists_every_document() -> None:
    """Whoever looks for a sample finds it there, with what it is."""
    index = wire_json.loads_object((SAMPLES / "index.json").read_bytes())
    listed = {name for name in index if "/" in name}

    assert listed == {f"{path.parent.name}/{path.name}" for path in (*PUSHES, *REPLIES)}


class TestOtherSpellings:
    def test_a_list_outside_of_its_element(self) -> None:
        """In JSON it stands outside, one entry of it as an object; inside is read as well."""
        one = b'{"TemplateId": "t", "SubscribeStatusString": "reject"}'
        head = b'{"ToUserName": "g", "FromUserName": "o", "CreateTime": "1", "MsgType": "event",'
        head += b' "Event": "subscribe_msg_change_event", '
        bodies = (
            b'"List": ' + one,
            b'"List": [' + one + b"]",
            b'"SubscribeMsgChangeEvent": {"List": [' + one + b"]}",
        )
        read = [events.decode(head + body + b"}") for body in bodies]

        assert isinstance(read[0], events.SubscribeMsgChangeEvent)
        assert read[0].changes == [
            events.SubscribeChange("t", events.SubscribeStatus.REJECT),
        ]
        assert read[0] == read[1] == read[2]

    @pytest.mark.parametrize(
        ("sample", "former", "today"),
        [
            ("MASSSENDJOBFINISH.xml", "MsgId", "MsgID"),
            ("TEMPLATESENDJOBFINISH.xml", "MsgId", "MsgID"),
            ("VIEW.xml", "MenuID", "MenuId"),
            ("WifiConnected.xml", "PlaceId", "ShopId"),
            ("poi_check_notify.xml", "Msg", "msg"),
            ("user_authorize_invoice.xml", "AuthorizeAppId", "AppId"),
            ("user_info_modified.xml", "OpenID", "openid"),
        ],
    )
    def test_a_former_name_is_read(self, sample: str, former: str, today: str) -> None:
        """It is read like that of today, and never written."""
        body = (SAMPLES / "events" / sample).read_text("utf-8")
        older = body.replace(f"<{today}>", f"<{former}>").replace(f"</{today}>", f"</{former}>")
        push = events.decode(older.encode())

        assert older != body
        assert push == events.decode(body.encode())
        assert f"<{today}>" in events.encode(push).decode()

    def test_an_event_of_a_device_that_has_no_class(self) -> None:
        """It is the message of its kind; that of an event with the same name is another."""
        body = (SAMPLES / "events" / "device_bind.xml").read_bytes()

        assert isinstance(events.decode(body), events.DeviceBindEvent)
        unheard = events.decode(body.replace(b"[bind]", b"[update]"))
        assert isinstance(unheard, events.DeviceEventMessage)
        assert unheard.event == "update"
        plain = events.decode(body.replace(b"[device_event]", b"[event]"))
        assert isinstance(plain, events.UnknownEvent)


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

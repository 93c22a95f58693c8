"""Messages beside events: found by their kind, and otherwise the same."""

from types import ModuleType

import pytest

from wxruntime.errors import EncodeError

HEADER = ("gh_1", "o6_abc", 1)


def test_a_message_says_what_it_is(package: ModuleType) -> None:
    """Its class has its kind, as events have their name; an event and a message may share one."""
    events = package.events

    assert events.TextMessage.message_type is events.MessageType.TEXT
    assert [*events.MessageType] == ["text", "voice", "location", "Link"]
    assert events.LocationEvent.event_type is events.EventType.LOCATION
    assert [*events.EventType] == ["LOCATION"]
    assert not hasattr(events.TextMessage, "event_type")


def test_messages_of_single_values_have_scanners(package: ModuleType) -> None:
    """An event and a message of one name have one each; a model inside is the reference's."""
    events = package.events

    assert set(events.FORMAT.message_scanners) == {b"text", b"voice", b"Link"}
    assert set(events.FORMAT.scanners[b"event"]) == {b"LOCATION"}
    for message in (
        events.TextMessage(*HEADER, "hi", 7),
        events.VoiceMessage(*HEADER, events.Sound.AMR, 7),
        events.VoiceMessage(*HEADER, events.Sound("speex"), 7, "hi"),
        events.LocationEvent(*HEADER, 1.5),
    ):
        assert events.FORMAT.scan(events.encode(message)) == message
    assert events.FORMAT.scan(events.encode(events.LinkMessage(*HEADER, "u"))) == (
        events.LinkMessage(*HEADER, "u")
    )


def test_a_message_has_a_home_and_a_place_in_the_catalog(package: ModuleType) -> None:
    """What it holds lives beside the events; a module of which nothing is left has no file."""
    catalog = package.catalog.CATALOG

    assert "Place" in package.events.__all__
    assert not hasattr(package, "desk")
    assert hasattr(package, "visits")
    assert [*catalog.messages] == ["text", "voice", "location", "Link"]
    assert catalog.messages["text"].class_name == "TextMessage"
    assert catalog.messages["text"].source == "https://acme.example/docs/text"
    assert [field.wire for field in catalog.messages["voice"].fields] == [
        *("ToUserName", "FromUserName", "CreateTime", "Format", "Recognition", "MsgId"),
    ]


def test_the_format_knows_what_the_header_says(package: ModuleType) -> None:
    """By the tags of the wire, so that whoever handles any push finds them."""
    push, pushes = package.catalog.CATALOG.push, package.events.FORMAT
    said = ("ToUserName", "FromUserName", "CreateTime", "MsgId")

    assert (pushes.receiver, pushes.sender, pushes.time, pushes.message_id) == said
    assert (push.receiver, push.sender, push.time, push.message_id) == said


def test_the_fields_of_any_push(package: ModuleType) -> None:
    """A push goes to the object of the wire and back, and what is none is refused by name."""
    events = package.events
    message = events.TextMessage(*HEADER, "hi", 7, {"New": "1"})
    fields = events.FORMAT.fields(message)

    assert fields == {
        "ToUserName": "gh_1",
        "FromUserName": "o6_abc",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": "hi",
        "MsgId": 7,
        "New": "1",
    }
    assert events.FORMAT.read(dict(fields)) == message
    assert events.FORMAT.fields(events.UnknownEvent(fields)) == fields
    with pytest.raises(EncodeError, match="expected an event or a message, got str"):
        events.encode("hi")

"""Names that the wire has used beside the usual one, and classes that are called otherwise."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError
from wxruntime.wire import JsonObject

HEADER = ("gh_1", "o6", 1)


def test_a_class_is_called_after_the_name_that_was_chosen(package: ModuleType) -> None:
    """The wire keeps its own."""
    events = package.events

    assert events.SendJobFinishEvent.event_type is events.EventType.SEND_JOB_FINISH
    assert events.EventType.SEND_JOB_FINISH.value == "SENDJOBFINISH"
    assert {event.name for event in package.catalog.CATALOG.events.values()} == {
        *("SENDJOBFINISH", "popup_event", "bind"),
    }


def test_the_first_name_wins(package: ModuleType) -> None:
    """Where both came, the other one is kept as nobody described it."""
    body = (
        b"<xml><ToUserName>gh_1</ToUserName><FromUserName>o6</FromUserName><CreateTime>1"
        b"</CreateTime><MsgType>event</MsgType><Event>SENDJOBFINISH</Event><MsgId>8</MsgId>"
        b"<MsgID>7</MsgID></xml>"
    )
    event = package.events.decode(body)

    assert event == package.events.SendJobFinishEvent(*HEADER, 7, unknown={"MsgId": "8"})


def test_a_field_is_read_in_either_place_in_either_form(package: ModuleType) -> None:
    """JSON has it outside of the element that XML has around it, and is written so."""
    events = package.events
    event = events.PopupEvent(*HEADER, [events.Choice("t", 2)], "card", "k")

    assert b'"List":[{"TemplateId":"t","PopupScene":2}],"Source":"card"' in events.encode(
        event, "json"
    )
    assert b'"PopupEvent":{"Kept":"k"}' in events.encode(event, "json")
    assert b"<PopupEvent><List><TemplateId>" in events.encode(event)
    for form in ("xml", "json"):
        assert events.decode(events.encode(event, form)) == event
    outside = events.encode(event).replace(b"<PopupEvent>", b"").replace(b"</PopupEvent>", b"")
    assert events.decode(outside).choices == event.choices
    inside = events.PopupEvent(*HEADER, event.choices)
    wrapped = events.encode(inside, "json").replace(b'"List":', b'"PopupEvent":{"List":')
    assert events.decode(wrapped.replace(b"}]", b"}]}")) == inside


def test_the_usual_name_outside_comes_before_another_name_inside(package: ModuleType) -> None:
    """What was written with the usual name is read by it, although the other name was kept."""
    events = package.events
    body = events.encode(events.PopupEvent(*HEADER, [], "new", "k"), "json")
    inside = body.replace(b'"Source":"new",', b"").replace(
        b'"Kept":"k"', b'"Source":"new","source":"old"'
    )
    event = events.decode(inside)

    assert (event.source, event.unknown) == ("new", {"PopupEvent": {"source": "old"}})
    assert events.decode(events.encode(event, "json")) == event


def test_an_error_names_the_place_that_has_the_value(package: ModuleType) -> None:
    """The name that came, inside of the element or outside; the usual place if nothing came."""
    decode = package.pushes.report().decode
    push = {"ToUserName": "gh_1", "FromUserName": "o6", "CreateTime": 1, "MsgType": "event"}
    popup = package.events.FORMAT.decoders["event"]["popup_event"]

    for name in ("msgid", "msg_id", "MsgId"):
        with pytest.raises(DecodeError, match=rf"^\$\.{name}: expected a whole number"):
            decode({name: "x"})
    with pytest.raises(DecodeError, match=r"^\$\.msgid: .*, got nothing"):
        decode({"MsgID": 7})
    with pytest.raises(DecodeError, match=r"^\$\.parts\[1\]\.name: expected a string"):
        decode({"msgid": 1, "parts": [{"Name": "t"}, {"name": []}]})
    wrong: list[tuple[JsonObject, str]] = [
        ({"PopupEvent": {"source": []}}, r"PopupEvent\.source"),
        ({"source": []}, "source"),
        ({"PopupEvent": {"List": 7}}, r"PopupEvent\.List\[0\]"),
        ({"List": 7}, r"List\[0\]"),
    ]
    for came, place in wrong:
        with pytest.raises(DecodeError, match=rf"^\$\.{place}: expected"):
            popup({**push, **came})


def test_what_may_be_anything_has_other_names_too(package: ModuleType) -> None:
    """Nothing can be wrong about its value."""
    report = package.pushes.report().decode({"msgid": 1, "extra": [None]})

    assert (report.extra, report.unknown) == ([None], {})


def test_a_push_is_looked_up_by_its_kind_and_its_name(package: ModuleType) -> None:
    """A message of the same kind takes what has no class of its own; another kind is unknown."""
    events = package.events
    bind = events.DeviceBindEvent(*HEADER, "d")
    body = events.encode(bind)

    assert events.FORMAT.scan(body) == events.decode(body) == bind
    melt = events.decode(body.replace(b"[bind]", b"[melt]"))
    assert isinstance(melt, events.DeviceEventMessage)
    assert melt.unknown == {"Event": "melt", "DeviceID": "d"}
    assert isinstance(
        events.decode(body.replace(b"[device_event]", b"[event]")), events.UnknownEvent
    )
    assert package.catalog.CATALOG.events["bind"].kind == "device_event"

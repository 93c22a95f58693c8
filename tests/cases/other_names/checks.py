"""Names that the wire has used beside the usual one, and classes that are called otherwise."""

from types import ModuleType

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

"""The fields of an event stand in the order of the wire; its constructor has one of its own."""

from types import ModuleType

HEADER = ("gh_1", "o6_abc", 1)


def test_what_must_be_given_comes_first_in_the_constructor(package: ModuleType) -> None:
    """And what is written has the order of the wire, which the scanner reads."""
    events = package.events
    whole = events.EnteredEvent(*HEADER, "b", 4.5, "a", 3)
    least = events.EnteredEvent(*HEADER, "b", -4.0)

    assert (whole.first, whole.second, whole.third, whole.fourth) == ("a", "b", 3, 4.5)
    assert (least.first, least.third) == ("?", None)
    for event in (whole, least):
        assert events.FORMAT.scan(events.encode(event)) == event
        assert events.FORMAT.decode_reference(events.encode(event)) == event


def test_the_wire_may_leave_out_what_has_a_default(package: ModuleType) -> None:
    """The scanner says what the reference says."""
    events = package.events
    event = events.EnteredEvent(*HEADER, "b", 4.5)
    body = events.encode(event).replace(b"<First><![CDATA[?]]></First>", b"")

    assert events.FORMAT.scan(body) == events.FORMAT.decode_reference(body) == event

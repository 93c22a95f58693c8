"""The least that a specification can say."""

from types import ModuleType


def test_a_model_without_fields_is_still_a_model(package: ModuleType) -> None:
    """It keeps what the platform sends."""
    things = package.things

    assert things.pong().decode({"a": 1}) == things.Nothing({"a": 1})
    assert things.boxes().decode({"boxes": {"nothing": {}}}) == [things.Box(things.Nothing())]


def test_a_post_without_parameters_has_an_empty_body(package: ModuleType) -> None:
    """The platform answers an empty POST with an error of its own."""
    assert package.things.ping().body == {}


def test_an_event_without_a_header_is_scanned(package: ModuleType) -> None:
    """Its name is all there is."""
    events = package.events

    assert events.FORMAT.scan(events.encode(events.BareEvent())) == events.BareEvent()

"""Events that hold models and lists, which no pattern can match."""

from types import ModuleType


def test_one_element_is_a_list_of_one(package: ModuleType) -> None:
    """XML does not say whether an element might have repeated."""
    events = package.events
    event = events.PicSysphotoEvent(
        "gh_1",
        "o6_abc",
        1,
        "key",
        events.Picture("cover"),
        pictures=[events.Picture("a")],
        labels=["x"],
    )

    assert b"<PicList><PicMd5Sum><![CDATA[a]]></PicMd5Sum></PicList>" in events.encode(event)
    assert events.decode(events.encode(event)) == event


def test_it_has_no_scanner(package: ModuleType) -> None:
    """Containers are read by the reference."""
    assert package.events.FORMAT.scanners == {b"event": {}}


def test_a_model_lives_where_it_is_used(package: ModuleType) -> None:
    """What is pushed stands beside the events, what is answered beside the calls."""
    assert {"Picture", "Position"} <= set(package.events.__all__)
    assert "Answered" in package.pushes.__all__
    assert not hasattr(package.pushes, "Picture")

"""Models inside models."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError


def test_models_are_sent_as_objects(package: ModuleType) -> None:
    """An optional model that is absent is left out of the body."""
    people = package.people
    call = people.move(people.Person("a", people.Address("x", people.Point(1.0, 2.0))))

    assert call.body == {
        "person": {
            "name": "a",
            "address": {"city": "x", "point": {"lat": 1.0, "lng": 2.0}},
            "places": [],
        }
    }


def test_an_error_names_the_whole_path(package: ModuleType) -> None:
    """What is missing is found however deep it is."""
    people = package.people
    call = people.move(people.Person("a", people.Address("x")))

    with pytest.raises(DecodeError, match=r"person\.address\.point\.lng"):
        call.decode({"person": {"name": "a", "address": {"city": "x", "point": {"lat": 1}}}})

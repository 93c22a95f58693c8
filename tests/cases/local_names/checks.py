"""Names that the generated code uses itself, where they may be used all the same."""

from types import ModuleType


def test_a_reader_keeps_its_variables_apart(package: ModuleType) -> None:
    """A parameter may be called like what holds the answer."""
    rest = {"type": "t", "pop": "p", "fields": "f", "value": "v", "encoded": "e", "found": 1}
    thing = package.things.found("asked", "s").decode(dict(rest))

    assert thing.answer == "asked"
    assert thing.unknown == {}


def test_a_parameter_may_be_called_like_a_type(package: ModuleType) -> None:
    """It hides the type from nobody who needs it."""
    things = package.things
    call = things.pop(["a"], [things.Item(1)], [things.Kind.A], "t")

    assert call.body == {
        "list": ["a"],
        "type": "t",
        "item": [{"id": 1, "cls": "", "key": ""}],
        "items": ["a"],
        "call": "",
    }
    assert things.list("t").query == {"type": "t", "dict": "0"}


def test_a_list_of_an_enumeration_takes_values_as_well(package: ModuleType) -> None:
    """As a single one does: an undeclared value is sent as it is."""
    call = package.things.pop(["a"], [], [package.things.Kind.A, "name", "new"], "t")

    assert call.body["items"] == ["a", "name", "new"]


def test_a_count_counts_whatever_the_fields_are_called(package: ModuleType) -> None:
    """A field called `len` is not the function."""
    things = package.things
    thing = things.Thing("t", "p", "a", "f", "v", "e", 1, items=[things.Kind.A, things.Kind.NAME])

    assert thing.total == 2

"""Lists of single values."""

from types import ModuleType


def test_lists_are_sent_and_returned(package: ModuleType) -> None:
    """A parameter may be called like its type, or like the variable of a loop."""
    tagged = package.tags.Tagged(marks=[True], list=["y"])
    call = package.tags.put(["x"], [tagged])

    assert call.body["list"] == ["x"]
    assert call.body["item"][0]["marks"] == [1]
    assert call.body["item"][0]["list"] == ["y"]
    assert call.decode({"names": ["a", 2]}) == ["a", "2"]


def test_every_object_has_lists_of_its_own(package: ModuleType) -> None:
    """A default list is made anew."""
    package.tags.Tagged().names.append("a")

    assert package.tags.Tagged().names == []

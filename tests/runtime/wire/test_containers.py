"""Elements that hold fields of several kinds: opened, emptied, put back, merged."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given

from wxruntime.errors import DecodeError
from wxruntime.strategies import unknown_elements
from wxruntime.wire import JsonObject, JsonValue, element, keep, wrapped


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_element_that_is_not_there_is_empty(nothing: JsonValue) -> None:
    """Each time another one, for whoever opens it takes it apart."""
    first, second = element(nothing, "Image"), element(nothing, "Image")

    assert first == second == {}
    assert first is not second
    assert wrapped(nothing, "Articles", "item") == {}


def test_an_element_is_opened_where_it_stands() -> None:
    """It is the object that came, and no copy."""
    came: JsonObject = {"MediaId": "m"}

    assert element(came, "Image") is came
    assert wrapped(came, "Articles", "item") is came


def test_a_bare_list_counts_as_wrapped() -> None:
    """The platform's JSON has no need of the element around each item."""
    assert wrapped([1, 2], "Articles", "item") == {"item": [1, 2]}
    assert wrapped([], "Articles", "item") == {"item": []}


@pytest.mark.parametrize("wrong", ["text", 7, 0, True, False, 1.5])
def test_anything_else_is_no_element(wrong: JsonValue) -> None:
    """The error names the element and what came."""
    with pytest.raises(DecodeError, match=r"^\$\.Image: expected an object, got"):
        element(wrong, "Image")
    with pytest.raises(DecodeError, match=r"^\$\.Articles: expected an object, got"):
        wrapped(wrong, "Articles", "item")


def test_a_list_is_no_shared_element() -> None:
    """Which of the repeated ones would a field be in?"""
    with pytest.raises(DecodeError, match="got a list"):
        element([{}, {}], "Image")


def test_only_shared_elements_are_merged() -> None:
    """Elsewhere a described field wins as a whole."""
    wire: JsonObject = {"Image": {"MediaId": "m"}, "Cover": {"MediaId": "m"}}
    unknown: JsonObject = {"Image": {"Width": "3", "MediaId": "n"}, "Cover": {"Width": "3"}}

    assert keep(wire, unknown, "Image", "Voice") == {
        "Image": {"MediaId": "m", "Width": "3"},
        "Cover": {"MediaId": "m"},
    }


@given(unknown_elements(), unknown_elements())
def test_what_is_kept_is_not_changed_property(described: JsonObject, unknown: JsonObject) -> None:
    """Whatever is shared: the described fields are there, the others beside them."""
    before = copy.deepcopy(unknown)

    kept = keep(copy.deepcopy(described), unknown, *described)

    assert unknown == before
    assert set(kept) == {*described, *unknown}
    assert all(kept[name] == unknown[name] for name in unknown if name not in described)

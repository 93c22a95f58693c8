"""Open enumerations: values nobody described are members of a kind."""

from __future__ import annotations

import copy
import json
import pickle
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxoa.events import EventType
from wxruntime.wire import OpenEnum, OpenIntEnum


class Colour(OpenEnum):
    """Text that is usually one of a few values."""

    RED = "red"
    UNKNOWN_blue = "navy"


class Status(OpenIntEnum):
    """A number that is usually one of a few values."""

    OFFLINE = 0
    WEB = 1


@pytest.mark.parametrize(
    ("member", "value"),
    [(Colour.RED, "red"), (Colour("green"), "green"), (Status.WEB, 1), (Status(7), 7)],
)
class TestMembers:
    def test_a_member_is_its_value(self, member: Enum, value: object) -> None:
        """It equals it, hashes like it, prints like it and goes into JSON as it."""
        assert member == value
        assert member.value == value
        assert type(member)(value) == member
        assert hash(member) == hash(value)
        assert {member} == {value}
        assert str(member) == f"{member}" == str(value)
        assert f"{member:>9}" == f"{value:>9}"
        assert json.dumps(member) == json.dumps(value)

    def test_a_member_survives_copy_and_pickle(self, member: Enum, value: object) -> None:
        """As a member of the same class, known or not."""
        for again in (copy.copy(member), copy.deepcopy(member), pickle.loads(pickle.dumps(member))):
            assert type(again) is type(member)
            assert again == member
            assert again.name == member.name

    def test_a_member_shows_its_class_and_value(self, member: Enum, value: object) -> None:
        """Known or not."""
        assert repr(member) == f"<{type(member).__name__}.{member.name}: {value!r}>"


def test_only_described_values_are_known() -> None:
    """A value that nobody described says so, even if its name looks like a member's."""
    assert Colour.RED.known
    assert Colour("navy").known
    assert Status(0).known
    assert not Colour("green").known
    assert not Colour("blue").known
    assert not Colour("").known
    assert not Status(7).known
    assert not Status(-1).known


def test_an_unknown_value_adds_no_member() -> None:
    """The class stays as it is, and two unknown values differ."""
    described = list(EventType)

    assert Colour("green") != Colour("yellow")
    assert Colour("green") != Colour.RED
    assert list(Colour) == [Colour.RED, Colour.UNKNOWN_blue]
    assert not EventType("nobody_described").known
    assert list(EventType) == described


@pytest.mark.parametrize("value", [1, None, [], b"red"])
def test_another_type_is_no_value(value: object) -> None:
    """Text stays text."""
    with pytest.raises(ValueError, match="Colour"):
        Colour(value)


@pytest.mark.parametrize("value", ["1", "", b"1"])
def test_text_is_no_number(value: str) -> None:
    """A number stays a number."""
    with pytest.raises(ValueError, match="Status"):
        Status(value)


@given(st.text())
def test_any_text_is_kept_property(value: str) -> None:
    """Whatever the platform sends comes back out."""
    member = EventType(value)

    assert member == value
    assert member.value == value
    assert pickle.loads(pickle.dumps(member)) == member
    assert member.known == (value in [known.value for known in EventType])


@given(st.integers())
def test_any_number_is_kept_property(value: int) -> None:
    """Numbers as well."""
    member = Status(value)

    assert member == value
    assert member.value == value
    assert member.known == (value in (0, 1))

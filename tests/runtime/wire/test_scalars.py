"""Single values: what is taken for a number, a text, a flag, and what is not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.strategies import json_values
from wxruntime.wire import (
    JsonValue,
    Timestamp,
    boolean,
    integer,
    number,
    optional,
    scalars,
    text,
)
from wxruntime.wire.scalars import absent, anything, or_default, query_flag

INTEGERS: list[tuple[JsonValue, int]] = [
    (5, 5),
    ("5", 5),
    ("-5", -5),
    ("007", 7),
    (5.0, 5),
    ("9223372036854775807", 2**63 - 1),
    ("18446744073709551615", 2**64 - 1),
    ("9" * 640, 10**640 - 1),
]
NO_INTEGERS: list[JsonValue] = [
    *("", " 5", "5 ", "+5", "1_2", "５", "٣", "5.0", "1e3", "0x1f", "--5", "5\n", "9" * 641),
    *(1.5, float("nan"), float("inf"), 2.0**53, True, False),
    [],
    [5],
    {},
]
NUMBERS: list[tuple[JsonValue, float]] = [
    (5, 5.0),
    (1.5, 1.5),
    ("1.5", 1.5),
    ("-1e-3", -0.001),
    ("9" * 40, 1e40),
]
NO_NUMBERS: list[JsonValue] = [
    *("", " 1.5", "1_2.5", "nan", "inf", "-Infinity", ".5", "5.", "1,5", "１.5", "1e9999"),
    *(10**400, True, [], {}),
]
FLAGS: list[tuple[JsonValue, bool]] = [
    *((True, True), (1, True), ("1", True), ("true", True)),
    *((False, False), (0, False), ("0", False), ("false", False)),
]
NO_FLAGS: list[JsonValue] = ["", "yes", "True", "2", " 1", 2, -1, 1.0, [], [True], {}]
TEXTS: list[tuple[JsonValue, str]] = [("", ""), ("a", "a"), (5, "5"), (-5, "-5"), (1.5, "1.5")]
NO_TEXTS: list[JsonValue] = [True, False, [], ["a"], {}, {"a": "b"}]


@pytest.mark.parametrize(("value", "expected"), INTEGERS)
def test_a_whole_number_is_read(value: JsonValue, expected: int) -> None:
    """As a number, as digits, as a float without a fraction."""
    assert integer(value, "n") == expected
    assert type(integer(value, "n")) is int


@pytest.mark.parametrize("value", NO_INTEGERS)
def test_what_is_no_whole_number_is_refused(value: JsonValue) -> None:
    """Python's `int()` takes more than the wire has."""
    with pytest.raises(DecodeError, match="whole number") as failure:
        integer(value, "n")

    assert failure.value.path == ("n",)


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_a_number_is_read(value: JsonValue, expected: float) -> None:
    """Digits in a string count, and the result is a float."""
    assert number(value, "n") == expected
    assert type(number(value, "n")) is float


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: str(value)[:12])
def test_what_is_no_number_is_refused(value: JsonValue) -> None:
    """Neither names of numbers that are none, nor what no double holds."""
    with pytest.raises(DecodeError, match="number"):
        number(value, "n")


@pytest.mark.parametrize(("value", "expected"), FLAGS)
def test_a_flag_is_read(value: JsonValue, expected: bool) -> None:
    """In each spelling the platform uses."""
    assert boolean(value, "n") is expected


@pytest.mark.parametrize("value", NO_FLAGS)
def test_what_is_no_flag_is_refused(value: JsonValue) -> None:
    """Truth is not guessed."""
    with pytest.raises(DecodeError, match="true or false"):
        boolean(value, "n")


@pytest.mark.parametrize(("value", "expected"), TEXTS)
def test_a_text_is_read(value: JsonValue, expected: str) -> None:
    """A number becomes its digits."""
    assert text(value, "n") == expected


@pytest.mark.parametrize("value", NO_TEXTS)
def test_what_is_no_text_is_refused(value: JsonValue) -> None:
    """Lists and objects are not written out as if they were text."""
    with pytest.raises(DecodeError, match="expected a string"):
        text(value, "n")


def test_what_is_absent_is_the_default_or_an_error() -> None:
    """A default that is empty, zero or false is a default."""
    assert integer(None, "n", 0) == 0
    assert number(None, "n", 0.0) == 0.0
    assert text(None, "n", "") == ""
    assert boolean(None, "n", False) is False
    for read in (integer, number, text, boolean):
        with pytest.raises(DecodeError, match="required") as failure:
            read(None, "n")

        assert failure.value.path == ("n",)
    with pytest.raises(DecodeError, match="required"):
        absent("anything", "n", None)


@pytest.mark.parametrize("read", [integer, number, boolean])
def test_an_element_without_content_is_absent(
    read: Callable[[JsonValue, str], JsonValue],
) -> None:
    """Which is the default, nothing, an empty list, or the error that it is required."""
    assert optional(read, "", "n") is None
    assert scalars("", "n", read) == []
    with pytest.raises(DecodeError, match="got nothing: the field is required"):
        read("", "n")


def test_an_element_without_content_is_a_text() -> None:
    """Where text is expected, empty text is one, in a list as well."""
    assert optional(text, "", "n") == text("", "n") == ""
    assert scalars("", "n", text) == [""]
    assert (integer("", "n", 7), number("", "n", 0.5), boolean("", "n", True)) == (7, 0.5, True)


def test_what_may_be_absent_is_read_all_the_same() -> None:
    """Lenient as ever, and with its place when it is wrong."""
    assert optional(integer, "5", "n") == 5
    with pytest.raises(DecodeError, match="whole number") as failure:
        optional(integer, "x", "n")

    assert failure.value.path == ("n",)


@given(json_values())
def test_any_value_is_read_or_refused_property(value: JsonValue) -> None:
    """Every reader takes every value or raises the one error; `anything` and defaults never do."""
    for read in (integer, number, text, boolean):
        try:
            read(value, "n")
        except DecodeError as error:
            where = error.path
        else:
            where = ("n",)

        assert where == ("n",)
    assert anything(value, "n") is value


def test_what_cannot_be_read_of_an_unknown_push_is_its_default() -> None:
    """Its fields are shown as far as they go."""
    assert or_default(text, [], "none") == "none"
    assert or_default(text, None, "none") == "none"
    assert or_default(text, 5, "none") == "5"
    assert or_default(integer, "x", 0) == 0
    assert or_default(integer, "7", 0) == 7


def test_a_flag_in_a_query_is_a_digit() -> None:
    """As the platform writes them there."""
    assert (query_flag(True), query_flag(False)) == ("1", "0")


class TestTimestamp:
    def test_it_is_a_number_in_every_respect(self) -> None:
        """It compares, counts, prints and serves as a key like the number it is."""
        moment = Timestamp(1714037059)

        assert moment == 1714037059
        assert {moment} == {1714037059}
        assert moment + 1 == 1714037060
        assert f"{moment}" == "1714037059"
        assert repr(moment) == "Timestamp(1714037059)"

    def test_its_moment_is_exact_and_aware(self) -> None:
        """The ends of the calendar and the time before 1970 included."""
        assert Timestamp(0).utc == datetime(1970, 1, 1, tzinfo=timezone.utc)
        assert Timestamp(-1).utc.isoformat() == "1969-12-31T23:59:59+00:00"
        assert Timestamp(Timestamp.LAST).utc.isoformat() == "9999-12-31T23:59:59+00:00"
        assert Timestamp(-62135596800).utc.year == 1

    def test_milliseconds_taken_for_seconds_are_shown(self) -> None:
        """The usual mistake is readable in the error."""
        with pytest.raises(DecodeError, match="1714037059000"):
            _ = Timestamp(1714037059000).utc

    @pytest.mark.parametrize("seconds", [10**30, -(10**30), 10**5000], ids=["+", "-", "digits"])
    def test_beyond_the_calendar_there_is_no_moment(self, seconds: int) -> None:
        """It is an error of the one root, even for more digits than Python prints."""
        with pytest.raises(DecodeError, match="years 1 to 9999"):
            _ = Timestamp(seconds).utc

    def test_a_datetime_needs_a_zone(self) -> None:
        """A clock on some wall is no moment."""
        with pytest.raises(EncodeError, match="time zone"):
            Timestamp.of(datetime(2024, 4, 25))

    @given(st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))))
    def test_a_datetime_is_rounded_down_property(self, moment: datetime) -> None:
        """Whole seconds, whatever the zone."""
        back = Timestamp.of(moment)

        assert (
            timedelta(0)
            <= moment - datetime.fromtimestamp(0, timezone.utc) - timedelta(seconds=back)
            < timedelta(seconds=1)
        )

    def test_it_survives_copy_and_pickle(self) -> None:
        """With its class."""
        moment = Timestamp(5)

        for again in (copy.copy(moment), copy.deepcopy(moment), pickle.loads(pickle.dumps(moment))):
            assert type(again) is Timestamp
            assert again == moment

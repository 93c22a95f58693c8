"""What is typed in a shell, as the values that fields have."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxoa.catalog import CATALOG
from wxruntime.catalog import Field, Type
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.values import expected, read
from wxruntime.wire import JsonValue, Timestamp

ONLINE = Field("status", Type("OnlineStatus", of="kf_account.OnlineStatus"))
COMMAND = Field("command", Type("TypingCommand", of="kf_message.TypingCommand"))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Field("a", Type("string")), "007", "007"),
        (Field("a", Type("string", many=True)), "007", "007"),
        (Field("a", Type("integer")), "-7", -7),
        (Field("a", Type("number")), "0.5", 0.5),
        (Field("a", Type("boolean", many=True)), "true", True),
        (Field("a", Type("flag")), "0", False),
        (Field("a", Type("any")), '{"b": [1]}', {"b": [1]}),
        (Field("a", Type("timestamp")), "-1", Timestamp(-1)),
        (ONLINE, "2", 2),
        (ONLINE, "PHONE", 2),
        (ONLINE, "9", 9),
        (COMMAND, "Typing", "Typing"),
        (COMMAND, "TYPING", "TYPING"),
    ],
)
def test_a_value_is_read_by_its_type(field: Field, text: str, value: JsonValue) -> None:
    """Enumerations are open, and numbers of one may be named."""
    came = read(CATALOG, field, text)

    assert came == value
    assert isinstance(came, type(value))


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        (Field("a", Type("integer")), "1.5", "expected a whole number, got the text '1.5'"),
        (Field("a", Type("number")), "nan", "expected a number, got the text 'nan'"),
        (Field("a", Type("boolean")), "yes", "expected true or false, got the text 'yes'"),
        (Field("a", Type("any")), "[", "expected JSON"),
        (Field("a", Type("timestamp")), "2024-05-01", "with its zone such as 2024-05-01T08:00:00"),
        (Field("a", Type("string")), "\ud800", "expected text in UTF-8"),
        (ONLINE, "AWAY", "expected a whole number, got the text 'AWAY'"),
    ],
)
def test_what_is_none_is_named(field: Field, text: str, problem: str) -> None:
    """With what was expected, and what came."""
    with pytest.raises(WrongArgument, match="expected") as raised:
        read(CATALOG, field, text)

    assert problem in str(raised.value)


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_property_a_moment_is_the_same_in_every_zone(moment: datetime, minutes: int) -> None:
    """To the second, which is what the platform counts."""
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    came = read(CATALOG, Field("a", Type("timestamp")), there.isoformat())

    assert came == Timestamp.of(there)


def test_the_help_says_what_to_type() -> None:
    """By the type of a field, or of an item of it."""
    assert expected(CATALOG, Field("a", Type("integer", many=True))) == "INTEGER"
    assert expected(CATALOG, ONLINE) == "VALUE"
    assert expected(CATALOG, Field("a", Type("Message", of="kf_message.Message"))) == "JSON|@FILE"

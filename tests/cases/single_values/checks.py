"""Every type of the table, in a query, in a body and in an answer."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError


def test_a_query_holds_text(package: ModuleType) -> None:
    """Numbers are digits and flags are 0 or 1, constants no less than parameters."""
    query = package.values.read("a", 1, 0.5, True, moment=5).query

    assert query == {
        "text": "a",
        "whole": "1",
        "real": "0.5",
        "yes": "1",
        "flag": "1",
        "moment": "5",
        "level": "3",
        "always": "1",
    }


def test_a_flag_is_a_number_and_a_boolean_is_not(package: ModuleType) -> None:
    """Both are `bool` in Python; the body tells them apart, for constants as well."""
    body = package.values.write(flag=True, yes=True, moment=5).body

    assert list(map(repr, body.values())) == ["1", "True", "5", "1", "False", "0.25"]


def test_a_wrong_value_is_a_decode_error(package: ModuleType) -> None:
    """What no reading makes sense of is named, never a `TypeError`."""
    call = package.values.read("a", 1, 0.5, True)
    right = {"text": "", "whole": 0, "real": 0, "yes": 0, "flag": 0, "moment": 0}
    wrong: dict[str, object] = {
        "text": [],
        "whole": "1.5",
        "real": "NaN",
        "yes": 2,
        "flag": "yes",
        "moment": {},
    }

    for name, value in wrong.items():
        with pytest.raises(DecodeError, match=name):
            call.decode({**right, name: value})

"""What cannot be right is said when a callback is made, and no secret is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.account import APP_ID
from tests.callback.gate.receiving import gate_of
from tests.secrecy import texts_of
from wxoa import Callback

TOKEN = "a-token-that-nobody-sees"
KEY = "AnEncodingAesKeyThatNobodyShouldEverSee0123"

WRONG: Mapping[str, tuple[Mapping[str, object], str]] = {
    "no token": ({"token": ""}, "token"),
    "no tokens": ({"token": []}, "token"),
    "an empty token beside another": ({"token": [TOKEN, ""]}, "token"),
    "a token that no UTF-8 holds": ({"token": f"{TOKEN}\ud800"}, "token"),
    "a key that is too short": ({"encoding_aes_key": KEY[:-1]}, "encoding_aes_key"),
    "a key that is too long": ({"encoding_aes_key": f"{KEY}0"}, "encoding_aes_key"),
    "a key with its padding": ({"encoding_aes_key": f"{KEY}="}, "encoding_aes_key"),
    "a key and a line break": ({"encoding_aes_key": f"{KEY}\n"}, "encoding_aes_key"),
    "a key for addresses": ({"encoding_aes_key": f"{KEY[:-1]}-"}, "encoding_aes_key"),
    "a key of other digits": ({"encoding_aes_key": f"{KEY[:-1]}１"}, "encoding_aes_key"),
    "an empty key": ({"encoding_aes_key": ""}, "encoding_aes_key"),
    "an empty key beside another": ({"encoding_aes_key": [KEY, ""]}, "encoding_aes_key"),
    "a bad key behind a good one": ({"encoding_aes_key": [KEY, KEY[:-2]]}, "encoding_aes_key"),
    "a key and no AppID": ({"app_id": ()}, "app_id"),
    "a key and an empty AppID": ({"app_id": ""}, "app_id"),
    "an empty AppID beside another": ({"app_id": [APP_ID, ""]}, "app_id"),
    "an AppID that no UTF-8 holds": ({"app_id": "wx\ud800"}, "app_id"),
    "a window of nothing": ({"window": 0.0}, "window"),
    "a window beyond the memory": ({"window": 300.5}, "window"),
    "a window that is no number": ({"window": float("nan")}, "window"),
    "a negative window": ({"window": -1.0}, "window"),
    "no threads": ({"threads": 0}, "threads"),
}


def _made(**given: object) -> Callback:
    arguments = {"token": TOKEN, "encoding_aes_key": KEY, "app_id": APP_ID, **given}
    return Callback(**arguments)  # type: ignore[arg-type] # they are wrong on purpose


def _secrets_of(given: Mapping[str, object]) -> set[str]:
    """Return whatever of the arguments nobody may see, and the greater part of it."""
    found = {TOKEN, KEY, KEY[:-2]}
    for name in ("token", "encoding_aes_key"):
        value = given.get(name, ())
        values = [value] if isinstance(value, str) else cast("Sequence[str]", value)
        found |= {text for text in values if len(text) >= 12}
    return found


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_is_named_and_not_shown(case: str) -> None:
    """The error names the argument; message, causes and frames show no secret."""
    given, name = WRONG[case]
    with pytest.raises(ValueError, match=f"^{name}: ") as refused:
        _made(**given)

    for where, text in texts_of(refused.value, set()):
        for secret in _secrets_of(given):
            assert secret not in text, where


def test_a_callback_shows_whether_it_decrypts_and_nothing_else() -> None:
    """Neither the callback nor what it is made of shows a secret."""
    with_key, without = _made(), _made(encoding_aes_key=())

    assert repr(with_key) == "<Callback for encrypted pushes>"
    assert repr(without) == "<Callback for plain pushes>"
    gate = gate_of([TOKEN], [KEY], APP_ID)
    for part in (gate, gate.account, *gate.account.keys):
        assert TOKEN not in repr(part)
        assert KEY not in repr(part)


@pytest.mark.parametrize("nothing", [(), [], None])
def test_no_key_is_plain_mode(nothing: object) -> None:
    """A callback without a key needs no AppID either."""
    callback = _made(encoding_aes_key=nothing, app_id=())

    assert repr(callback) == "<Callback for plain pushes>"

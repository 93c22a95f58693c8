"""Redaction: no secret in anything a person is shown."""

from __future__ import annotations

import copy
import logging
import pickle
import tracemalloc
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxruntime.redact import MASK, Secret, guard_logger, redact

NAMED = [
    "access_token=abc123",
    "https://x/y?access_token=abc123&openid=o6",
    "?a=b&ACCESS_TOKEN=abc123",
    "secret=abc123",
    "appid=wx&secret=abc123&grant_type=client_credential",
    "<a href='/x?access_token=abc123'>",
    '{"access_token":"abc123","expires_in":7200}',
    '{"access_token" : "abc123"}',
    "{'secret': 'abc123'}",
    '{\\"secret\\": \\"abc123\\"}',
    '{"access_token":"abc123',
    '{"access_token":"abc123\\',
    "component_access_token=abc123 refresh_token=abc123 appsecret=abc123 ticket=abc123",
]
"""Secrets that are known by the name in front of them."""


@pytest.mark.parametrize("text", NAMED)
def test_a_value_behind_a_telling_name_is_masked(text: str) -> None:
    """In a query, in JSON of any quoting, and where the text was cut off."""
    shown = redact(text)

    assert "abc123" not in shown
    assert MASK in shown


def test_what_is_no_secret_stays() -> None:
    """The rest of the text is what a person needs."""
    text = "https://x/y?access_token=abc123&openid=o6#f 'q' expires_in=7200"

    assert redact(text) == f"https://x/y?access_token={MASK}&openid=o6#f 'q' expires_in=7200"


@given(st.text(), st.text(min_size=1), st.text())
def test_a_known_secret_is_masked_wherever_it_stands_property(
    before: str, secret: str, after: str
) -> None:
    """Whatever is around it; an empty secret masks nothing."""
    marked = f"\ue000{secret}\ue001"

    assert marked not in redact(f"{before}{marked}{after}{marked}", [marked, ""])


LONG = "Zq8_x/Wn5+vB2-kL7@mT4"
"""A secret that is known by its pieces."""


@pytest.mark.parametrize("shown", [LONG, quote(LONG, safe=""), quote(LONG, safe="@")])
@pytest.mark.parametrize("cut", [slice(0, 12), slice(5, 17), slice(-8, None), slice(None)])
def test_a_piece_of_a_long_secret_is_masked(shown: str, cut: slice) -> None:
    """What was cut off on either side, as it is and as an address has it."""
    assert redact(f"got {shown[cut]}… of it", [LONG]).startswith(f"got {MASK}")
    assert redact(f"got {shown[cut]}", [LONG]).endswith(MASK)
    assert "… of it" in redact(f"got {shown[cut]}… of it", [LONG])


@given(st.lists(st.sampled_from([*LONG, " ", LONG[:9], LONG[4:14], LONG[-10:], LONG])))
def test_no_piece_of_a_long_secret_is_left_property(words: list[str]) -> None:
    """However the pieces stand together."""
    shown = redact("".join(words), [LONG])

    assert not any(LONG[at : at + 8] in shown for at in range(len(LONG) - 7))


def test_a_piece_of_a_short_secret_is_a_word() -> None:
    """It is masked where it stands as a whole."""
    assert redact("password, password-123", ["password-123"]) == f"password, {MASK}"
    assert redact("pass word/+c0ffee-1", ["pass", "word/+c0ffee-1"]) == f"{MASK} {MASK}"


def test_a_secret_shows_itself_only_when_asked() -> None:
    """Not in text, not in a repr, not inside other things."""
    secret = Secret("abc123")
    shown = [repr(secret), str(secret), f"{secret}", repr([secret]), repr({"a": secret})]

    assert not any("abc123" in text for text in shown)
    assert secret.reveal() == "abc123"
    assert not hasattr(secret, "__dict__")
    assert copy.copy(secret).reveal() == copy.deepcopy(secret).reveal() == "abc123"
    with pytest.raises(TypeError, match="stays in its process"):
        pickle.dumps(secret)


def test_a_guarded_logger_says_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Not in the text of a record and not in its arguments, however often it is guarded."""
    name = "somebody.else"
    for _ in range(3):
        guard_logger(name)
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger(name)
    logger.debug('"%s %s" %s', "GET", "/x?access_token=abc123&a=b", 200)
    logger.debug("plain %s", "words")

    assert [record.getMessage() for record in caplog.records] == [
        f'"GET /x?access_token={MASK}&a=b" 200',
        "plain words",
    ]
    assert "abc123" not in repr([vars(record) for record in caplog.records])
    assert len(logger.filters) == 1


def test_a_long_value_is_masked_in_one_step() -> None:
    """A megabyte behind a secret's name needs no way back for each of its characters."""
    text = '{"secret":"' + 'a"\\u00e9' * 3 + "a" * 1_000_000

    tracemalloc.start()
    shown = redact(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert shown.startswith(f'{{"secret":"{MASK}"')
    assert peak < 20 * len(text)

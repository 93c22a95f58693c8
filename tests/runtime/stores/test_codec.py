"""A state goes to text and back, and no other text passes for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.leaks import TOKEN_MARK, failing
from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.codec import decode, encode, key_of
from wxruntime.stores.state import StoredToken, TokenState

TIMES = st.floats(0, allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters())
STATES = st.builds(
    TokenState,
    stored=st.none()
    | st.builds(StoredToken, st.builds(Secret, TEXTS), TIMES, TIMES, st.integers(0)),
    fence=st.integers(0),
    owner=TEXTS,
    leased_until=TIMES,
    forced=st.lists(TIMES).map(tuple),
)
GOOD = TokenState(StoredToken(Secret(TOKEN_MARK), 1.0, 2.0, 3), 4, "me", 5.0, (6.0,))


@pytest.fixture(autouse=True)
def nothing_secret_shows() -> None:
    """Look at the errors of these tests only where they say so: drawn tokens are any words."""


@given(STATES)
def test_property_a_state_comes_back_as_it_was(state: TokenState) -> None:
    """Every state that can be, to the last bit of its times."""
    text = encode(state)

    assert decode(text, "here") == state
    assert text.reveal().isascii()


@given(st.text() | st.binary().map(lambda data: data.decode(errors="replace")))
def test_property_no_text_raises_anything_else(text: str) -> None:
    """What is not a state is refused by the library's own error."""
    with pytest.raises(StoreError):
        decode(Secret(text), "here")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(json.loads(encode(GOOD).reveal()))), JSON)
def test_property_a_damaged_member_is_a_state_or_an_error(name: str, value: object) -> None:
    """Whatever stands in a member's place, it is read whole or refused."""
    fields = json.loads(encode(GOOD).reveal())
    fields[name] = value
    try:
        state = decode(Secret(json.dumps(fields)), "here")
    except StoreError:
        return

    assert decode(encode(state), "here") == state


def _damaged(**members: object) -> str:
    fields = json.loads(encode(GOOD).reveal())
    fields["stored"].update(
        {name[3:]: members.pop(name) for name in [*members] if name[:3] == "in_"}
    )
    return json.dumps({**fields, **members})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON"),
        (encode(GOOD).reveal()[:-9], "not JSON"),
        ("[" * 100_000, "not JSON"),
        (f'"{TOKEN_MARK}"', "it is not an object"),
        ("{}", "no known version"),
        (_damaged(version=True), "no known version"),
        (_damaged(version=2), "newer wxoa"),
        (_damaged(stored=[TOKEN_MARK]), "`stored` is not an object"),
        (_damaged(in_token=7), "`token` is not a text"),
        (_damaged(in_fence=-1), "`fence` is not a count"),
        (_damaged(in_granted_at=True), "`granted_at` is not a time"),
        (_damaged(in_expires_at=float("nan")), "not finite"),
        (_damaged(in_expires_at=-1.0), "`expires_at` is not a time"),
        (_damaged(fence=1.0), "`fence` is not a count"),
        (_damaged(owner=None), "`owner` is not a text"),
        (_damaged(leased_until=float("inf")), "not finite"),
        (_damaged().replace("5.0", "1e999"), "`leased_until` is not a time"),
        (_damaged().replace("5.0", "9" * 999), "not JSON"),
        (_damaged(forced="6"), "`forced` is not a list"),
        (_damaged(forced=[TOKEN_MARK]), "`forced` is not a time"),
    ],
)
def test_what_is_not_a_state_is_named_and_not_shown(text: str, problem: str) -> None:
    """The error says where, what is wrong and what to do, and nothing of what was there."""
    with failing(StoreError) as info:
        decode(Secret(text), "the row")

    assert problem in str(info.value)
    assert str(info.value).startswith("the row: expected a token's state")
    assert "delete it" in str(info.value)


def test_a_time_that_is_no_number_is_not_written() -> None:
    """It is refused before it reaches a file."""
    with failing(
        StoreError,
    ) as info:
        encode(TokenState(StoredToken(Secret(TOKEN_MARK), 1.0, float("inf"), 3)))

    assert "not a finite number" in str(info.value)


@given(st.text(st.characters()), st.text(st.characters()))
def test_property_keys_are_plain_and_different(one: str, other: str) -> None:
    """Two accounts never share a key, and no character parts one."""
    assert (key_of(one) == key_of(other)) == (one == other)
    assert key_of(one).isascii()
    assert not set(key_of(one)) & set(":{}/ \n\0")

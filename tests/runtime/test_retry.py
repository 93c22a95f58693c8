"""When a call is sent again: the policy as a value, without a clock and without a network."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxoa import errors
from wxruntime.errors import (
    ApiError,
    DecodeError,
    EncodeError,
    HttpError,
    StoreError,
    TransportError,
    WeChatError,
)
from wxruntime.retry import Retry

LONG = 1000.0

UNSENT = TransportError("no connection", sent=False)
BROKEN = TransportError("the connection broke off")
BUSY = errors.SystemBusy(-1)
MINUTE = errors.MinuteQuotaExceeded(45011)
DAY = errors.DailyQuotaExceeded(45009)

ALL = [
    UNSENT,
    BROKEN,
    BUSY,
    MINUTE,
    DAY,
    HttpError("page", 502),
    HttpError("page", 429),
    HttpError("page", 404),
    DecodeError("no JSON"),
    EncodeError("no text"),
    StoreError("no store"),
    ApiError(99999),
]


@pytest.mark.parametrize(
    ("error", "any_call", "idempotent_call"),
    [
        (UNSENT, True, True),
        (BROKEN, False, True),
        (HttpError("page", 500), False, True),
        (HttpError("page", 503), False, True),
        (HttpError("page", 429), False, True),
        (HttpError("page", 404), False, False),
        (HttpError("page", 302), False, False),
        (BUSY, False, True),
        (MINUTE, False, True),
        (DAY, False, False),
        (errors.SessionNotFound(65413), False, False),
        (ApiError(99999), False, False),
        (DecodeError("no JSON"), False, False),
        (EncodeError("no text"), False, False),
        (StoreError("no store"), False, False),
    ],
    ids=repr,
)
def test_what_is_sent_again(error: WeChatError, any_call: bool, idempotent_call: bool) -> None:
    """Without a byte sent any call is; after that only an idempotent one, and only if it helps."""

    def again(idempotent: bool) -> bool:
        return Retry().pause(1, error, idempotent=idempotent, left=LONG) is not None

    assert (again(False), again(True)) == (any_call, idempotent_call)


@given(
    attempts=st.integers(1, 10),
    attempt=st.integers(1, 200),
    error=st.sampled_from(ALL),
    idempotent=st.booleans(),
    left=st.floats(0, 100),
    drawn=st.floats(0, 1),
)
def test_property_no_wait_outlasts_the_deadline_or_its_bound(
    attempts: int, attempt: int, error: WeChatError, idempotent: bool, left: float, drawn: float
) -> None:
    """Whatever is asked, the wait ends before the deadline, and attempts come to an end."""
    policy = Retry(attempts=attempts)

    wait = policy.pause(attempt, error, idempotent=idempotent, left=left, draw=lambda: drawn)

    if wait is not None:
        assert attempt < attempts
        assert 0 <= wait < left
        asked = error.retry_after or 0.0 if isinstance(error, (ApiError, HttpError)) else 0.0
        assert wait <= max(asked, min(policy.longest, policy.first * 2 ** (attempt - 1)))


def test_the_bound_of_the_wait_doubles_up_to_the_longest() -> None:
    """Full jitter: each wait is drawn between nothing and its bound."""
    policy = Retry(attempts=10, first=0.25, longest=3.0)

    bounds = [
        policy.pause(n, BROKEN, idempotent=True, left=LONG, draw=lambda: 1.0) for n in range(1, 10)
    ]
    least = policy.pause(5, BROKEN, idempotent=True, left=LONG, draw=lambda: 0.0)

    assert bounds == [0.25, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    assert least == 0.0


def test_a_server_that_asks_for_time_gets_it_if_there_is_enough() -> None:
    """Retry-After is the least wait; when it outlasts the deadline, the error comes at once."""
    error = HttpError("page", 503, 7.0)

    assert Retry().pause(1, error, idempotent=True, left=8.0) == 7.0
    assert Retry().pause(1, error, idempotent=True, left=7.0) is None
    assert Retry().pause(1, ApiError(-1, retry_after=3.0), idempotent=True, left=LONG) is None
    assert Retry().pause(1, errors.SystemBusy(-1, retry_after=3.0), idempotent=True, left=9) == 3.0


@pytest.mark.parametrize(("deadline", "least"), [(30.0, 1.0), (5.0, 1.0), (2.0, 0.4), (0.3, 0.06)])
def test_no_attempt_begins_with_hardly_any_time(deadline: float, least: float) -> None:
    """A second, or a fifth of a short deadline; the wait before it is counted."""
    policy = Retry(deadline=deadline)
    asked = HttpError("page", 503, 0.25)

    assert policy.pause(1, BROKEN, idempotent=True, left=least, draw=lambda: 0.0) == 0.0
    assert policy.pause(1, BROKEN, idempotent=True, left=least - 0.001, draw=lambda: 0.0) is None
    assert policy.pause(1, asked, idempotent=True, left=least + 0.26, draw=lambda: 0.0) == 0.25
    assert policy.pause(1, asked, idempotent=True, left=least + 0.24, draw=lambda: 0.0) is None


def test_never_sends_once() -> None:
    """Not even a call that did not go out is tried again."""
    assert Retry.never().pause(1, UNSENT, idempotent=True, left=LONG) is None


def test_a_policy_is_a_value() -> None:
    """It compares, hashes and pickles, and cannot be changed."""
    policy = Retry(attempts=2, deadline=5.0)

    assert policy == Retry(attempts=2, deadline=5.0)
    assert hash(policy) == hash(pickle.loads(pickle.dumps(policy)))
    with pytest.raises(AttributeError):
        policy.attempts = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [("attempts", 0), ("deadline", 0), ("deadline", float("nan")), ("first", -1), ("longest", 1e9)],
)
def test_a_number_that_cannot_work_is_refused_by_name(name: str, value: float) -> None:
    """At once, and not when the first call fails."""
    with pytest.raises(ValueError, match=f"retry: expected {name} to be"):
        Retry(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [*ALL, errors.SystemBusy(-1, "busy", "r", "op", 2.5)], ids=repr)
def test_errors_survive_a_pickle(error: WeChatError) -> None:
    """What they know is what they are made of."""
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert (str(copy), copy.args, vars(copy)) == (str(error), error.args, vars(error))

"""What networks do to calls: each ends in its answer or an error, and nothing is done twice."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.account import APP_ID
from tests.runtime.callers import CALLERS, Caller, callers
from tests.runtime.faults import Fault, faulty_proxy
from tests.runtime.leaks import shows_secret, texts_of
from wxoa import errors, kf_session
from wxoa.catalog import CATALOG
from wxruntime.retry import Retry
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.wire import JsonValue

SECRET = "app5ecret/+91f3a7"
DEADLINE = 3.0
MARGIN = 20.0
"""What a busy machine may add to a deadline, in seconds; a hang is longer."""

TOKEN = "/cgi-bin/stable_token"
CLOSE = "/customservice/kfsession/close"
GET = "/customservice/kfsession/getsession"

Make = Callable[..., Caller]


@pytest.fixture(params=list(CALLERS))
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Make clients of either kind."""
    yield from callers(request.param)


@pytest.fixture
def admin() -> Iterator[Admin]:
    """The people around a local WeChat where everybody is served by Sara."""
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=SECRET) as wechat,
        Admin(wechat.url) as admin,
    ):
        admin.put_account("sara@acme")
        admin.put_account("bob@acme")
        admin.write("o6_a")
        admin.accept("o6_a", "sara@acme")
        yield admin


def executed(admin: Admin, operation: str) -> int:
    """How often the platform did what a call asks for."""
    counts: JsonValue = admin.state()["executed"]

    assert isinstance(counts, dict)
    number = counts.get(operation, 0)

    assert isinstance(number, int)
    return number


def url_of(admin: Admin) -> str:
    """Where the local WeChat is."""
    return admin._url  # pyright: ignore[reportPrivateUsage]


SEEN = {
    Fault.NONE,
    Fault.RESET_AFTER,
    Fault.HALF_ANSWER,
    Fault.HALF_HEADER,
    Fault.SILENCE,
    Fault.BAD_GATEWAY_AFTER,
    Fault.CLOSED_AFTER,
}
"""The faults of which the platform notices nothing: it has acted."""


@pytest.mark.parametrize("fault", Fault)
def test_one_fault_on_the_way_of_a_call(make: Make, admin: Admin, fault: Fault) -> None:
    """An idempotent call is answered all the same; another is done at most once, and says so."""
    plan = {path: iter([fault]) for path in (CLOSE, GET)}

    def planned(path: str) -> Fault:
        return next(plan.get(path, iter(())), Fault.NONE)

    with faulty_proxy(url_of(admin), planned) as proxy:
        caller = make(app_secret=SECRET, base_url=proxy.url, timeout=1.0, retry=Retry(first=0.001))
        session = outcome_of(lambda: caller.send(kf_session.get("o6_a")))
        if fault is Fault.CLOSED_AFTER:
            # A call that crosses the end of its connection on the way may have been done.
            assert proxy.hung_up.acquire(timeout=MARGIN)
        closed = outcome_of(lambda: caller.send(kf_session.close("o6_a", "sara@acme")))

        caller.close()

    done = executed(admin, "kf_session.close")
    assert done == (fault in SEEN)
    assert (closed is None) == (fault in (Fault.NONE, Fault.CLOSED_AFTER))
    if fault in (Fault.GARBAGE, Fault.HTML):  # something answered that is not the platform
        assert session is None or isinstance(session, errors.WeChatError)
    else:
        assert session is None
    for error in (session, closed):
        assert error is None or not [w for w, text in texts_of(error) if shows_secret(text)]


def outcome_of(work: Callable[[], object]) -> errors.WeChatError | None:
    """Do something, and return the error of the tree that came of it."""
    try:
        work()
    except errors.WeChatError as error:
        return error
    return None


@pytest.mark.parametrize("seed", range(3))
def test_many_faults_at_once(make: Make, admin: Admin, seed: int) -> None:
    """Token requests suffer like all others; each call ends within its deadline.

    Conversations are handed from one account to the other by closing and creating: what the
    client was told, and what the platform did, must agree.
    """
    draw = random.Random(seed)
    kinds = [Fault.NONE] * 12 + [fault for fault in Fault if fault is not Fault.SILENCE]

    with faulty_proxy(url_of(admin), lambda path: draw.choice(kinds)) as proxy:
        caller = make(
            app_secret=SECRET,
            base_url=proxy.url,
            timeout=1.0,
            retry=Retry(first=0.001, longest=0.01, deadline=DEADLINE),
        )
        answered = failed = 0
        for number in range(60):
            openid = f"o6_{number}"
            admin.write(openid)
            admin.accept(openid, "sara@acme")
            before = executed(admin, "kf_session.close")
            began = time.monotonic()
            error = outcome_of(partial(caller.send, kf_session.close(openid, "sara@acme")))
            took = time.monotonic() - began
            did = executed(admin, "kf_session.close") - before

            assert took < DEADLINE + MARGIN
            assert did <= 1
            assert error is not None or did == 1
            if isinstance(error, errors.TransportError) and not error.sent:
                assert did == 0
            answered += error is None
            failed += error is not None
        together = caller.at_once([kf_session.wait_case_list()] * 40)
        caller.close()

    assert answered
    assert failed
    assert all(
        isinstance(got, (kf_session.WaitCaseListResult, errors.WeChatError)) for got in together
    )


def test_a_platform_that_says_nothing_ends_within_the_deadline(make: Make, admin: Admin) -> None:
    """For the token, and for the call."""
    for path in (TOKEN, GET):
        silent = itertools.repeat(path)

        def planned(asked: str, silent: Iterator[str] = silent) -> Fault:
            return Fault.SILENCE if asked == next(silent) else Fault.NONE

        with faulty_proxy(url_of(admin), planned) as proxy:
            caller = make(
                app_secret=SECRET, base_url=proxy.url, timeout=10.0, retry=Retry(deadline=0.5)
            )
            error = outcome_of(partial(caller.send, kf_session.get("o6_a")))
            caller.close()

        assert isinstance(error, errors.TransportError)

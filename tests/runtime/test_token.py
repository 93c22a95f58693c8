"""Access tokens: one fetch for all, early renewal, and no renewal of a token already gone."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TypeVar, cast

import pytest
from attrs import define, field, frozen

from tests.runtime.leaks import TOKEN_MARK, secrets_logged, shows_secret
from wxruntime import token
from wxruntime.errors import ApiError, TransportError, WeChatError
from wxruntime.redact import Secret
from wxruntime.token import FORCE_INTERVAL, LONGEST, AccessTokens, Grant

THREADS = 50
PATIENCE = 30
"""How long a thread may take before the test calls it hung, in seconds."""

T = TypeVar("T")


@define
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@define
class Granted:
    """A grant made by hand."""

    access_token: str
    expires_in: int


@define
class Platform:
    """Grants numbered tokens; a token changes when one is forced or `expire()` is called."""

    expires_in: int = 7200
    number: int = 1
    asked: list[bool] = field(factory=list[bool])
    """For each fetch, whether it was forced."""
    failure: BaseException | None = None
    before: Callable[[], None] = lambda: None
    """Runs within each fetch."""

    def __call__(self, force: bool) -> Grant:
        self.asked.append(force)
        self.before()
        if self.failure is not None:
            raise self.failure
        self.number += force
        return Granted(name(self.number), self.expires_in)


def name(number: int) -> str:
    """Name the n-th token of the platform."""
    return f"{TOKEN_MARK}-{number}"


def together(work: Callable[[], T], threads: int = THREADS) -> list[T | BaseException]:
    """Run the same work on many threads that start at once; what each returns or raises."""
    barrier = threading.Barrier(threads)

    def run() -> T | BaseException:
        barrier.wait(PATIENCE)
        try:
            return work()
        except BaseException as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(run) for _ in range(threads)]
        return [future.result(PATIENCE) for future in futures]


def until_waiting(threads: int) -> None:
    """Return when this many threads wait for a fetch of another one."""
    pause = threading.Event()
    frames = sys._current_frames  # pyright: ignore[reportPrivateUsage]
    while sum(map(_waits, frames().values())) < threads:
        pause.wait(0.005)


def _waits(frame: FrameType | None) -> bool:
    """Say whether a stack runs from the tokens into the wait of a future."""
    inner = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file == token.__file__ and inner and "concurrent" in inner:
            return True
        inner, frame = file, frame.f_back
    return False


def revealed(outcomes: list[Secret | BaseException]) -> set[str]:
    """Open what threads got; an error is opened by being raised."""
    opened: set[str] = set()
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        opened.add(outcome.reveal())
    return opened


class TestGet:
    def test_many_threads_that_start_cold_share_one_fetch(self) -> None:
        """However many threads ask first, the platform is asked once."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())

        outcomes = together(tokens.get)

        assert revealed(outcomes) == {name(1)}
        assert platform.asked == [False]

    def test_a_thread_that_looked_before_a_fetch_and_joins_after_it_fetches_nothing(self) -> None:
        """What a thread saw is looked at again before it asks the platform."""
        platform = Platform()
        hooked = threading.Event()

        def clock() -> float:
            # Runs between a thread's look at the token and its decision to fetch one.
            if not hooked.is_set():
                hooked.set()
                tokens.get()
            return 1000.0

        tokens = AccessTokens(platform, clock)

        assert tokens.get().reveal() == name(1)
        assert platform.asked == [False]

    def test_a_failed_fetch_is_shared_by_those_who_waited_for_it(self) -> None:
        """An error is handed to each waiting thread, as a copy, and nobody asks again for it."""
        inside = threading.Event()
        release = threading.Event()

        def block() -> None:
            inside.set()

            assert release.wait(PATIENCE)

        failure = ApiError(45009, "daily limit", "rid-1", "base.stable_token")
        platform = Platform(failure=failure, before=block)
        tokens = AccessTokens(platform, Clock())
        with ThreadPoolExecutor(THREADS) as pool:
            first = pool.submit(tokens.get)

            assert inside.wait(PATIENCE)

            others = [pool.submit(tokens.get) for _ in range(THREADS - 1)]
            until_waiting(THREADS - 1)
            release.set()
            errors = [future.exception(PATIENCE) for future in (first, *others)]

        assert platform.asked == [False]
        assert all(isinstance(error, ApiError) for error in errors)
        assert {error.args for error in errors if error} == {failure.args}
        assert len({id(error) for error in errors}) == THREADS

    def test_after_a_failed_fetch_the_next_call_asks_again(self) -> None:
        """An error is not remembered."""
        platform = Platform(failure=TransportError("no connection"))
        tokens = AccessTokens(platform, Clock())
        with pytest.raises(TransportError):
            tokens.get()
        platform.failure = None

        assert tokens.get().reveal() == name(1)

    @pytest.mark.parametrize(("expires_in", "early"), [(7200, 270), (345, 34.5), (10, 1)])
    def test_the_remaining_time_decides_when_a_token_is_renewed(
        self, expires_in: int, early: float
    ) -> None:
        """A shared token comes with the time it has left, and that is what counts."""
        clock, platform = Clock(), Platform(expires_in)
        tokens = AccessTokens(platform, clock)
        tokens.get()
        clock.now += expires_in - early - 0.25
        tokens.get()
        before = platform.asked.copy()
        clock.now += 0.5
        tokens.get()

        assert before == [False]
        assert platform.asked == [False, False]

    def test_the_time_of_the_answer_counts_against_the_token(self) -> None:
        """The remaining time is counted from before the question."""
        clock, platform = Clock(), Platform(100)

        def slow() -> None:
            clock.now += 60

        platform.before = slow
        tokens = AccessTokens(platform, clock)
        tokens.get()
        clock.now += 31

        tokens.get()

        assert platform.asked == [False, False]

    def test_nobody_waits_for_an_early_renewal(self) -> None:
        """While one thread renews a token that still serves, the others use it."""
        clock, platform = Clock(), Platform()
        tokens = AccessTokens(platform, clock)
        tokens.get()
        clock.now += 7000
        got: list[str] = []

        def meanwhile() -> None:
            platform.number = 2
            got.extend(revealed(together(tokens.get, 8)))

        platform.before = meanwhile

        renewed = tokens.get()

        assert got == [name(1)]
        assert renewed.reveal() == name(2)
        assert platform.asked == [False, False]

    def test_a_failed_early_renewal_keeps_the_token_and_is_logged_without_secrets(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The old token serves on, a warning says so, and the renewal is tried again later."""
        caplog.set_level(logging.DEBUG)
        clock, platform = Clock(), Platform()
        tokens = AccessTokens(platform, clock)
        tokens.get()
        clock.now += 7000
        platform.failure = ApiError(-1, "system busy", operation="base.stable_token")

        kept = [tokens.get().reveal() for _ in range(5)]
        at_once = platform.asked.copy()
        clock.now += 11
        tokens.get()

        assert kept == [name(1)] * 5
        assert at_once == [False, False]
        assert platform.asked == [False, False, False]
        assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
        assert "system busy" in caplog.text
        assert not secrets_logged(caplog)

    def test_a_failed_early_renewal_does_not_prolong_the_token(self) -> None:
        """Waiting for the next attempt never hands out a token that is over."""
        clock, platform = Clock(), Platform()
        tokens = AccessTokens(platform, clock)
        tokens.get()
        platform.failure = TransportError("no connection")
        clock.now += 7199
        tokens.get()
        clock.now += 2

        with pytest.raises(TransportError):
            tokens.get()

    @pytest.mark.parametrize("expires_in", [0, -1, -(10**30)])
    def test_a_token_without_time_left_is_used_once_and_asked_for_again(
        self, expires_in: int
    ) -> None:
        """Nothing loops: whoever asked gets what was granted, and the next one asks anew."""
        platform = Platform(expires_in)
        tokens = AccessTokens(platform, Clock())

        got = [tokens.get().reveal() for _ in range(3)]

        assert got == [name(1)] * 3
        assert platform.asked == [False] * 3

    def test_an_absurd_lifetime_is_cut_to_a_day(self) -> None:
        """A number no double can hold neither fails nor keeps a token for ever."""
        clock, platform = Clock(), Platform(10**400)
        tokens = AccessTokens(platform, clock)
        tokens.get()
        clock.now += LONGEST + 1
        tokens.get()

        assert platform.asked == [False, False]

    def test_an_interrupted_fetch_neither_hangs_nor_kills_those_who_waited(self) -> None:
        """Ctrl-C in the thread that fetches is its own; another thread takes over."""
        inside = threading.Event()
        release = threading.Event()
        platform = Platform()

        def interrupted() -> None:
            platform.before = lambda: None
            inside.set()

            assert release.wait(PATIENCE)
            raise KeyboardInterrupt

        platform.before = interrupted
        tokens = AccessTokens(platform, Clock())
        with ThreadPoolExecutor(THREADS) as pool:
            pilot = pool.submit(tokens.get)

            assert inside.wait(PATIENCE)

            others = [pool.submit(tokens.get) for _ in range(THREADS - 1)]
            until_waiting(THREADS - 1)
            release.set()
            outcomes = [other.result(PATIENCE).reveal() for other in others]

        assert isinstance(pilot.exception(PATIENCE), KeyboardInterrupt)
        assert set(outcomes) == {name(1)}
        assert platform.asked == [False, False]

    def test_a_grant_that_cannot_be_read_leaves_nobody_waiting(self) -> None:
        """A fault after the answer came ends the renewal as well."""
        grants: list[object] = [object(), Granted(name(1), 7200)]

        def fetch(_: bool) -> Grant:
            return cast("Grant", grants.pop(0))

        tokens = AccessTokens(fetch, Clock())
        with pytest.raises(AttributeError):
            tokens.get()

        assert tokens.get().reveal() == name(1)


class TestReplace:
    def test_a_token_this_process_has_replaced_already_costs_nothing(self) -> None:
        """What is held is compared first: a call that was slow must not renew again."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())
        tokens.get()

        other = tokens.replace(Secret(name(0)))

        assert other is not None
        assert other.reveal() == name(1)
        assert platform.asked == [False]

    def test_the_platforms_other_token_is_taken_without_force(self) -> None:
        """When another process has renewed the token, its token is the one to use."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())
        refused = tokens.get()
        platform.number = 2

        other = tokens.replace(refused)

        assert other is not None
        assert other.reveal() == name(2)
        assert platform.asked == [False, False]

    def test_a_new_token_is_forced_only_when_the_platform_repeats_the_refused_one(self) -> None:
        """Forcing ends the old token for everybody, so it comes last."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())
        refused = tokens.get()

        other = tokens.replace(refused)

        assert other is not None
        assert other.reveal() == name(2)
        assert platform.asked == [False, False, True]

    def test_a_new_token_is_forced_at_most_every_thirty_seconds(self) -> None:
        """In between there is none to be had, and the platform is not forced."""
        clock, platform = Clock(), Platform()
        tokens = AccessTokens(platform, clock)
        first = tokens.get()
        second = tokens.replace(first)

        assert second is not None

        clock.now += FORCE_INTERVAL - 1
        too_early = tokens.replace(second)
        forced = platform.asked.count(True)
        clock.now += 1
        third = tokens.replace(second)

        assert too_early is None
        assert forced == 1
        assert third is not None
        assert third.reveal() == name(3)
        assert platform.asked.count(True) == 2

    def test_a_platform_that_forces_nothing_new_ends_the_search(self) -> None:
        """The refused token again, even by force, means that there is no other."""
        platform = Platform()
        asked: list[bool] = []

        def stubborn(force: bool) -> Grant:
            asked.append(force)
            return platform(False)

        tokens = AccessTokens(stubborn, Clock())

        assert tokens.replace(tokens.get()) is None
        assert asked == [False, False, True]

    def test_many_threads_with_the_same_refused_token_force_once(self) -> None:
        """All of them leave with the one new token."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())
        refused = tokens.get()

        def replaced() -> Secret:
            other = tokens.replace(refused)

            assert other is not None
            return other

        outcomes = together(replaced)

        assert revealed(outcomes) == {name(2)}
        assert platform.asked.count(True) == 1

    @pytest.mark.parametrize("reading", [1, 3])
    def test_a_thread_that_decides_while_another_forces_gets_the_new_token(
        self, reading: int
    ) -> None:
        """A forced renewal that begins and ends between a look and a decision is no obstacle."""
        platform = Platform()
        got: list[Secret | None] = []
        countdown = [0]

        def clock() -> float:
            # Read before each decision: here the whole replacement of another thread happens.
            countdown[0] -= 1
            if countdown[0] == 0:
                got.append(tokens.replace(refused))
            return 1000.0

        tokens = AccessTokens(platform, clock)
        refused = tokens.get()
        countdown[0] = reading

        got.append(tokens.replace(refused))

        assert [secret.reveal() for secret in got if secret] == [name(2), name(2)]
        assert platform.asked.count(True) == 1

    def test_an_error_of_the_platform_is_the_callers(self) -> None:
        """When no token is granted, the platform's reason is what the caller sees."""
        platform = Platform()
        tokens = AccessTokens(platform, Clock())
        refused = tokens.get()
        platform.failure = ApiError(40125, "invalid appsecret")

        with pytest.raises(WeChatError, match="invalid appsecret"):
            tokens.replace(refused)


def test_nothing_about_the_tokens_shows_one() -> None:
    """The holder, its token and what is inside have no secret in their reprs."""
    tokens = AccessTokens(Platform(), Clock())
    secret = tokens.get()
    inside = [repr(value) for value in vars(tokens).values()]

    assert not any(shows_secret(text) for text in (repr(tokens), repr(secret), str(secret)))
    assert not any(shows_secret(text) for text in inside if "Platform" not in text)


def test_a_renewal_that_never_began_is_taken_over() -> None:
    """A thread that is interrupted between joining and asking leaves nobody waiting for ever."""
    tokens = AccessTokens(lambda force: FakeGrant())
    tokens._join(None)  # pyright: ignore[reportPrivateUsage]

    assert tokens.get().reveal() == "granted"


@frozen
class FakeGrant:
    """What a platform grants."""

    access_token: str = "granted"
    expires_in: int = 7200

"""Access tokens: one fetch for all, early renewal, and no renewal of a token already gone."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import TypeVar

import pytest
from attrs import define, field

from tests.runtime.leaks import TOKEN_MARK, failing, secrets_logged, shows_secret
from wxruntime.concurrency import run, threads
from wxruntime.concurrency.tasks import Tasks
from wxruntime.concurrency.threads import Threads
from wxruntime.errors import ApiError, DecodeError, StoreError, TransportError, WeChatError
from wxruntime.redact import Secret
from wxruntime.retry import Deadline
from wxruntime.stores.state import Change, Lease, TokenState, begin
from wxruntime.token import (
    COOL_DOWN,
    FORCE_BUDGET,
    LEASE,
    LEAST,
    LONGEST,
    AccessTokens,
    Forcing,
    Grant,
    TokenSource,
)

THREADS = 50
FORCING = Forcing(a_day=20, apart=30.0)
PATIENCE = 30
"""How long a thread may take before the test calls it hung, in seconds."""

R = TypeVar("R")
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
class Store:
    """A store whose time is the clock of its test; it fails on demand."""

    clock: Clock = field(factory=Clock)
    state: TokenState = field(factory=TokenState)
    account: str = ""
    down: bool = False
    broken: bool = False
    """Whether it can be read and not written."""
    lock: threading.Lock = field(factory=threading.Lock)

    async def update(self, account: str, change: Change[R]) -> R:
        with self.lock:
            if self.down:
                raise StoreError("the store is down")
            self.account = account
            state, told = change(self.state, self.clock())
            if self.broken and state != self.state:
                raise StoreError("the store is full")
            self.state = state
            return told

    async def close(self) -> None:
        """Nothing is open."""


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

    async def __call__(self, force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
        self.asked.append(force)
        self.before()
        if self.failure is not None:
            raise self.failure
        self.number += force
        return Granted(name(self.number), self.expires_in)

    def source(self, *, repeats: bool = True, forcing: Forcing | None = FORCING) -> TokenSource:
        """This platform as a source."""
        return TokenSource("stable", self, repeats, forcing)


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
        if file == threads.__file__ and inner and "concurrent" in inner:
            return True
        inner, frame = file, frame.f_back
    return False


class Tokens:
    """Access tokens as a blocking client uses them, on a clock of the test's."""

    def __init__(self, source: TokenSource | Platform, store: Store | None = None) -> None:
        self.store = store or Store()
        self.clock = self.store.clock
        self.threads = Threads()
        source = source.source() if isinstance(source, Platform) else source
        self.inner = AccessTokens(source, self.store, "wx1", self.threads, self.clock)

    def get(self) -> Secret:
        return run(self.inner.get(Deadline(PATIENCE)))

    def replace(self, refused: Secret) -> Secret | None:
        return run(self.inner.replace(refused, Deadline(PATIENCE)))

    def landed(self) -> None:
        """Wait until no renewal is under way in the background."""
        for flight in self.threads._flights:  # pyright: ignore[reportPrivateUsage]
            flight.land()


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
        tokens = Tokens(platform)

        outcomes = together(tokens.get)

        assert revealed(outcomes) == {name(1)}
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
        tokens = Tokens(platform)
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
        """An error is not remembered, and the lease is given back."""
        platform = Platform(failure=TransportError("no connection"))
        tokens = Tokens(platform)
        with pytest.raises(TransportError):
            tokens.get()
        platform.failure = None

        assert tokens.get().reveal() == name(1)

    @pytest.mark.parametrize(
        ("expires_in", "earliest", "latest"), [(7200, 270, 189), (345, 34.5, 34.5), (10, 1, 1)]
    )
    def test_the_remaining_time_decides_when_a_token_is_renewed(
        self, expires_in: int, earliest: float, latest: float
    ) -> None:
        """A shared token comes with the time it has left; processes differ in when they renew."""
        platform = Platform(expires_in)
        tokens = Tokens(platform)
        tokens.get()
        tokens.clock.now += expires_in - earliest - 0.25
        tokens.get()
        tokens.landed()
        before = platform.asked.copy()
        tokens.clock.now += earliest - latest + 0.5
        tokens.get()
        tokens.landed()

        assert before == [False]
        assert platform.asked == [False, False]

    def test_the_time_of_the_answer_counts_against_the_token(self) -> None:
        """The remaining time is counted from before the question."""
        platform = Platform(100)
        tokens = Tokens(platform)

        def slow() -> None:
            tokens.clock.now += 60

        platform.before = slow
        tokens.get()
        platform.before = lambda: None
        tokens.clock.now += 41
        tokens.get()

        assert platform.asked == [False, False]

    def test_nobody_waits_for_an_early_renewal(self) -> None:
        """While a token that still serves is renewed in the background, everybody uses it."""
        release = threading.Event()
        platform = Platform()
        tokens = Tokens(platform)
        tokens.get()
        tokens.clock.now += 7100

        def block() -> None:
            platform.number = 2

            assert release.wait(PATIENCE)

        platform.before = block

        meanwhile = revealed(together(tokens.get, 8))
        release.set()
        tokens.landed()

        assert meanwhile == {name(1)}
        assert tokens.get().reveal() == name(2)
        assert platform.asked == [False, False]

    def test_a_failed_early_renewal_keeps_the_token_and_is_logged_without_secrets(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The old token serves on, a warning says so, and the renewal is tried again later."""
        caplog.set_level(logging.DEBUG)
        platform = Platform()
        tokens = Tokens(platform)
        tokens.get()
        tokens.clock.now += 7100
        platform.failure = ApiError(-1, "system busy", operation="base.stable_token")

        kept: list[str] = []
        for _ in range(5):
            kept.append(tokens.get().reveal())
            tokens.landed()
        at_once = platform.asked.copy()
        tokens.clock.now += 11
        tokens.get()
        tokens.landed()

        assert kept == [name(1)] * 5
        assert at_once == [False, False]
        assert platform.asked == [False, False, False]
        assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
        assert "system busy" in caplog.text
        assert not secrets_logged(caplog)

    def test_a_failed_early_renewal_does_not_prolong_the_token(self) -> None:
        """Waiting for the next attempt never hands out a token that is over."""
        platform = Platform()
        tokens = Tokens(platform)
        tokens.get()
        platform.failure = TransportError("no connection")
        tokens.clock.now += 7199
        tokens.get()
        tokens.landed()
        tokens.clock.now += 2

        with pytest.raises(TransportError):
            tokens.get()

    @pytest.mark.parametrize("expires_in", [0, -1, -(10**30)])
    def test_a_token_without_time_left_is_tried_for_a_moment(self, expires_in: int) -> None:
        """Whatever an answer says, not every call asks for another token."""
        platform = Platform(expires_in)
        tokens = Tokens(platform)

        got = [tokens.get().reveal() for _ in range(3)]
        asked = len(platform.asked)
        tokens.clock.now += LEAST + 1
        tokens.get()

        assert got == [name(1)] * 3
        assert asked == 1
        assert len(platform.asked) == 2

    def test_an_absurd_lifetime_is_cut_to_a_day(self) -> None:
        """A number no double can hold neither fails nor keeps a token for ever."""
        platform = Platform(10**400)
        tokens = Tokens(platform)
        tokens.get()
        tokens.clock.now += LONGEST + 1
        tokens.get()

        assert platform.asked == [False, False]

    def test_a_renewal_that_ends_in_no_error_of_ours_is_taken_over(self) -> None:
        """Whatever ended it, those who waited begin another one."""
        platform = Platform()

        def ended() -> None:
            platform.before = lambda: None
            raise SystemExit

        platform.before = ended
        tokens = Tokens(platform)

        assert revealed(together(tokens.get)) == {name(1)}
        assert platform.asked == [False, False]

    def test_an_interrupted_caller_interrupts_no_renewal(self) -> None:
        """Ctrl-C is the caller's own: the renewal goes on, and the next one has its token."""
        main = threading.get_ident()
        release = threading.Event()
        platform = Platform()

        def block() -> None:
            until_waiting(1)
            signal.pthread_kill(main, signal.SIGINT)

            assert release.wait(PATIENCE)

        platform.before = block
        tokens = Tokens(platform)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                tokens.get()
        finally:
            signal.signal(signal.SIGINT, before)
        release.set()

        assert tokens.get().reveal() == name(1)
        assert platform.asked == [False]

    def test_a_hasty_caller_does_not_decide_for_the_others(self) -> None:
        """Who asked first gives up; the renewal has its own time, and those who wait get it."""
        inside, release = threading.Event(), threading.Event()
        platform = Platform()

        def block() -> None:
            inside.set()

            assert release.wait(PATIENCE)

        platform.before = block
        tokens = Tokens(platform)
        with pytest.raises(TransportError):
            run(tokens.inner.get(Deadline(0.05)))
        with ThreadPoolExecutor(1) as pool:
            patient = pool.submit(tokens.get)

            assert inside.wait(PATIENCE)

            release.set()

            assert patient.result(PATIENCE).reveal() == name(1)
        assert platform.asked == [False]

    def test_a_grant_without_a_token_leaves_nobody_waiting(self) -> None:
        """A fault after the answer came ends the renewal as well."""
        grants = [Granted("", 7200), Granted(name(1), 7200)]

        async def fetch(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            return grants.pop(0)

        tokens = Tokens(TokenSource("stable", fetch, repeats=True, forcing=FORCING))
        with pytest.raises(DecodeError):
            tokens.get()

        assert tokens.get().reveal() == name(1)

    def test_a_thread_that_waits_in_vain_says_for_what(self) -> None:
        """A renewal that takes longer than a call may is an error of that call alone."""
        inside, release = threading.Event(), threading.Event()
        platform = Platform()

        def block() -> None:
            inside.set()

            assert release.wait(PATIENCE)

        platform.before = block
        tokens = Tokens(platform)
        with ThreadPoolExecutor(1) as pool:
            pilot = pool.submit(tokens.get)

            assert inside.wait(PATIENCE)

            with pytest.raises(TransportError, match="renewal is still under way") as failure:
                run(tokens.inner.get(Deadline(0.05)))
            release.set()

            assert pilot.result(PATIENCE).reveal() == name(1)
        assert not failure.value.sent


class TestReplace:
    def test_a_token_this_process_has_replaced_already_costs_nothing(self) -> None:
        """What is held is compared first: a call that was slow must not renew again."""
        platform = Platform()
        tokens = Tokens(platform)
        tokens.get()

        other = tokens.replace(Secret(name(0)))

        assert other is not None
        assert other.reveal() == name(1)
        assert platform.asked == [False]

    def test_the_platforms_other_token_is_taken_without_force(self) -> None:
        """When somebody elsewhere has renewed the token, that token is the one to use."""
        platform = Platform()
        tokens = Tokens(platform)
        refused = tokens.get()
        platform.number = 2

        other = tokens.replace(refused)

        assert other is not None
        assert other.reveal() == name(2)
        assert platform.asked == [False, False]

    def test_a_new_token_is_forced_only_when_the_platform_repeats_the_refused_one(self) -> None:
        """Forcing ends the old token for everybody, so it comes last."""
        platform = Platform()
        tokens = Tokens(platform)
        refused = tokens.get()

        other = tokens.replace(refused)

        assert other is not None
        assert other.reveal() == name(2)
        assert platform.asked == [False, False, True]

    def test_a_new_token_is_forced_at_most_every_thirty_seconds(self) -> None:
        """In between there is none to be had, and the platform is not forced."""
        platform = Platform()
        tokens = Tokens(platform)
        first = tokens.get()
        second = tokens.replace(first)

        assert second is not None

        tokens.clock.now += FORCING.apart - 1
        too_early = tokens.replace(second)
        forced = platform.asked.count(True)
        tokens.clock.now += COOL_DOWN + 1
        third = tokens.replace(second)

        assert too_early is None
        assert forced == 1
        assert third is not None
        assert third.reveal() == name(3)
        assert platform.asked.count(True) == 2

    def test_a_new_token_is_forced_at_most_twenty_times_a_day(self) -> None:
        """The platform refuses more; the day after there are twenty again."""
        platform = Platform()
        tokens = Tokens(platform)
        current = tokens.get()
        replaced: list[bool] = []
        for _ in range(25):
            other = tokens.replace(current)
            replaced.append(other is not None)
            current = other or current
            tokens.clock.now += 31
        tokens.clock.now += 86400

        assert replaced == [True] * 20 + [False] * 5
        assert platform.asked.count(True) == 20
        assert tokens.replace(tokens.get()) is not None

    def test_the_budget_of_forced_renewals_is_shared(self) -> None:
        """Two processes with one store force no more often than one."""
        platform, store = Platform(), Store()
        here, there = Tokens(platform, store), Tokens(platform, store)
        first = here.get()
        second = here.replace(first)

        assert second is not None
        assert there.replace(first) is not None
        assert there.replace(second) is None
        assert platform.asked.count(True) == 1

    def test_a_platform_that_forces_nothing_new_ends_the_search(self) -> None:
        """The refused token again, even by force, means that there is no other."""
        asked: list[bool] = []

        async def stubborn(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            asked.append(force)
            return Granted(name(1), 7200)

        tokens = Tokens(TokenSource("stable", stubborn, repeats=True, forcing=FORCING))

        assert tokens.replace(tokens.get()) is None
        assert asked == [False, False, True]

    def test_many_threads_with_the_same_refused_token_force_once(self) -> None:
        """All of them leave with the one new token."""
        platform = Platform()
        tokens = Tokens(platform)
        refused = tokens.get()

        def replaced() -> Secret:
            other = tokens.replace(refused)

            assert other is not None
            return other

        outcomes = together(replaced)

        assert revealed(outcomes) == {name(2)}
        assert platform.asked.count(True) == 1

    def test_an_error_of_the_platform_is_the_callers(self) -> None:
        """When no token is granted, the platform's reason is what the caller sees."""
        platform = Platform()
        tokens = Tokens(platform)
        refused = tokens.get()
        platform.failure = ApiError(40125, "invalid appsecret")

        with pytest.raises(WeChatError, match="invalid appsecret"):
            tokens.replace(refused)

    def test_a_refusal_during_an_early_renewal_waits_for_it_and_goes_on(self) -> None:
        """A renewal in the background that brings the refused token again is no answer."""
        inside, release = threading.Event(), threading.Event()
        platform = Platform()
        tokens = Tokens(platform)
        refused = tokens.get()
        tokens.clock.now += 7100

        def block() -> None:
            platform.before = lambda: None
            inside.set()

            assert release.wait(PATIENCE)

        platform.before = block
        tokens.get()

        assert inside.wait(PATIENCE)

        with ThreadPoolExecutor(1) as pool:
            replaced = pool.submit(tokens.replace, refused)
            until_waiting(1)
            release.set()
            other = replaced.result(PATIENCE)

        assert other is not None
        assert other.reveal() == name(2)
        assert platform.asked == [False, False, False, True]

    def test_a_plain_token_is_asked_for_once_and_not_twice_within_thirty_seconds(self) -> None:
        """Each question ends the token of everybody else, so there is none to compare with."""
        numbers = iter(range(1, 100))

        async def fetch(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            return Granted(name(next(numbers)), 7200)

        tokens = Tokens(TokenSource("plain", fetch, repeats=False, forcing=FORCING))
        second = tokens.replace(tokens.get())

        assert second is not None
        assert second.reveal() == name(2)
        assert tokens.replace(second) is None
        assert next(numbers) == 3

    def test_a_source_that_cannot_be_forced_is_asked_and_compared(self) -> None:
        """It is told what was refused; the same again means there is none."""
        told: list[str | None] = []

        async def fetch(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            told.append(None if refused is None else refused.reveal())
            return Granted(name(1), 7200)

        tokens = Tokens(TokenSource("external", fetch, repeats=True, forcing=None))

        assert tokens.replace(tokens.get()) is None
        assert told == [None, name(1)]

    def test_after_none_was_to_be_had_the_platform_is_left_alone_for_a_while(self) -> None:
        """Only the store is looked at, where somebody else may have put another token."""
        platform, store = Platform(), Store()
        here, there = Tokens(platform, store), Tokens(platform, store)
        here.get()
        second = here.replace(here.get())

        assert second is not None
        assert here.replace(second) is None
        before = len(platform.asked)

        assert here.replace(second) is None
        assert len(platform.asked) == before

        store.clock.now += 31
        third = there.replace(second)
        other = here.replace(second)

        assert third is not None
        assert other is not None
        assert other.reveal() == third.reveal() == name(3)

    def test_a_right_that_has_run_out_forces_nothing(self) -> None:
        """Its answer could come too late, and end the token of whoever came after."""
        platform, store = Platform(), Store()
        tokens = Tokens(platform, store)
        refused = tokens.get()
        source = platform.source()
        late = AccessTokens(source, store, "wx1", Threads(), store.clock)

        async def ask() -> Grant | None:
            lease = (await late._update(take))[1]  # pyright: ignore[reportPrivateUsage]

            assert isinstance(lease, Lease)
            return await late._ask(  # pyright: ignore[reportPrivateUsage]
                refused, Deadline(FORCE_BUDGET / 2), lease
            )

        take = begin("late", LEASE, refused=(refused,), spare=10, longest=LONGEST)

        assert run(ask()) is None
        assert True not in platform.asked
        assert not store.state.forced


class TestStore:
    def test_a_token_of_another_process_is_taken_from_the_store(self) -> None:
        """Who comes second asks nobody."""
        platform, store = Platform(), Store()

        assert Tokens(platform, store).get().reveal() == name(1)
        assert Tokens(platform, store).get().reveal() == name(1)
        assert platform.asked == [False]
        assert store.account == "wx1:stable"

    def test_a_refused_token_is_compared_with_the_store_first(self) -> None:
        """What another process has renewed meanwhile costs the platform nothing."""
        platform, store = Platform(), Store()
        here, there = Tokens(platform, store), Tokens(platform, store)
        refused = here.get()
        there.get()
        there.replace(refused)
        before = len(platform.asked)

        other = here.replace(refused)

        assert other is not None
        assert other.reveal() == name(2)
        assert len(platform.asked) == before

    def test_whoever_waits_for_another_process_takes_its_token(self) -> None:
        """The lease is another's; as soon as the token is stored, it is taken."""
        inside, release = threading.Event(), threading.Event()

        def block() -> None:
            inside.set()

            assert release.wait(PATIENCE)

        platform, store = Platform(before=block), Store()
        here, there = Tokens(platform, store), Tokens(platform, store)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(here.get)

            assert inside.wait(PATIENCE)

            second = pool.submit(there.get)
            release.set()

            assert first.result(PATIENCE).reveal() == second.result(PATIENCE).reveal()
        assert platform.asked == [False]

    def test_a_lease_that_nobody_gives_back_ends_by_itself(self) -> None:
        """A process that was killed delays the others by the lease and no more."""
        platform, store = Platform(), Store()
        change = begin("killed", LEASE, refused=(), spare=10, longest=LONGEST)
        run(store.update("wx1:stable", change))
        tokens = Tokens(platform, store)
        with pytest.raises(TransportError, match="no access token in time"):
            run(tokens.inner.get(Deadline(0.2)))
        store.clock.now += LEASE

        assert tokens.get().reveal() == name(1)

    def test_a_slow_process_does_not_overwrite_a_newer_token(self) -> None:
        """Its lease ran out while it asked: it takes the token of whoever came after."""
        platform, store = Platform(), Store()
        slow, other = Tokens(platform, store), Tokens(platform, store)

        def outrun() -> None:
            platform.before = lambda: None
            store.clock.now += LEASE
            platform.number = 2

            assert other.get().reveal() == name(2)
            platform.number = 1

        platform.before = outrun

        assert slow.get().reveal() == name(2)
        assert store.state.stored is not None
        assert store.state.stored.token.reveal() == name(2)

    def test_without_the_store_a_token_that_is_repeated_is_asked_for_all_the_same(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The platform gives every process the same one, so nobody is harmed; a warning says so."""
        platform = Platform()
        tokens = Tokens(platform, Store(down=True))

        assert tokens.get().reveal() == name(1)
        assert "going on without the token store: the store is down" in caplog.text

    def test_without_the_store_nothing_is_forced(self) -> None:
        """Nobody knows how often it was forced already."""
        platform = Platform()
        tokens = Tokens(platform, Store(down=True))

        assert tokens.replace(tokens.get()) is None
        assert platform.asked == [False, False]

    def test_without_the_store_a_token_that_harms_others_is_not_asked_for(self) -> None:
        """The error is the store's; what is held serves on."""
        platform = Platform()
        tokens = Tokens(platform.source(repeats=False), Store())
        tokens.get()
        tokens.store.down = True
        tokens.clock.now += 7100
        kept = tokens.get().reveal()
        tokens.landed()
        tokens.clock.now += 101

        assert kept == name(1)
        with pytest.raises(StoreError, match="the store is down"):
            tokens.get()
        assert platform.asked == [False]

    def test_a_refused_token_in_a_store_that_cannot_be_written_stays_refused(self) -> None:
        """It is not handed out again when the one after it is refused as well."""
        platform, store = Platform(), Store()
        tokens = Tokens(platform, store)
        first = tokens.get()
        store.broken = True
        platform.number = 2
        second = tokens.replace(first)
        platform.number = 3

        assert second is not None
        third = tokens.replace(second)

        assert third is not None
        assert (second.reveal(), third.reveal()) == (name(2), name(3))

    def test_a_store_that_fails_while_the_platform_is_asked_loses_no_token(self) -> None:
        """The token came, and serves here."""
        platform, store = Platform(), Store()

        def fail() -> None:
            store.down = True

        platform.before = fail
        tokens = Tokens(platform, store)

        assert tokens.get().reveal() == name(1)
        assert tokens.get().reveal() == name(1)
        assert platform.asked == [False]


class TestClosing:
    def test_a_closed_client_leaves_no_thread(self) -> None:
        """The renewal in the background is waited for."""
        release = threading.Event()
        platform = Platform()
        tokens = Tokens(platform)
        tokens.get()
        tokens.clock.now += 7100
        others = {*threading.enumerate()}

        def block() -> None:
            assert release.wait(PATIENCE)

        platform.before = block
        tokens.get()
        working = [thread for thread in threading.enumerate() if thread not in others]
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(tokens.threads.close)
            release.set()
            closing.result(PATIENCE)

        assert working
        assert not any(thread.is_alive() for thread in working)

    def test_closing_wakes_who_waits(self) -> None:
        """A call that waits for another process's renewal ends at once."""
        platform, store = Platform(), Store()
        change = begin("other", LEASE, refused=(), spare=10, longest=LONGEST)
        run(store.update("wx1:stable", change))
        tokens = Tokens(platform, store)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(tokens.get)
            tokens.threads.close()

            with pytest.raises(TransportError):
                waiting.result(PATIENCE)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in debug mode that ends with its test."""
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    yield loop
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class TestTasks:
    def test_many_tasks_share_one_fetch_whoever_is_cancelled(
        self, loop: asyncio.AbstractEventLoop
    ) -> None:
        """The task that asked first is cancelled; the others get the token it asked for."""
        release = asyncio.Event()
        asked: list[bool] = []

        async def fetch(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            asked.append(force)
            await release.wait()
            return Granted(name(1), 7200)

        async def scene() -> list[Secret]:
            tasks = Tasks()
            source = TokenSource("stable", fetch, repeats=True, forcing=FORCING)
            tokens = AccessTokens(source, Store(), "wx1", tasks)
            callers = [asyncio.create_task(tokens.get(Deadline(PATIENCE))) for _ in range(THREADS)]
            while not asked:
                await asyncio.sleep(0)
            callers[0].cancel()
            await asyncio.wait({callers[0]})
            release.set()
            got = await asyncio.gather(*callers[1:])
            await tasks.close()

            assert callers[0].cancelled()
            return got

        got = loop.run_until_complete(scene())

        assert revealed([*got]) == {name(1)}
        assert asked == [False]
        assert not asyncio.all_tasks(loop)

    def test_an_error_is_shared_by_the_tasks_that_waited(
        self, loop: asyncio.AbstractEventLoop
    ) -> None:
        """One fetch, one copy of the error for each."""
        platform = Platform(failure=ApiError(40125, "invalid appsecret"))

        async def scene() -> list[Secret | BaseException]:
            tokens = AccessTokens(platform.source(), Store(), "wx1", Tasks())
            calls = (tokens.get(Deadline(PATIENCE)) for _ in range(THREADS))
            return await asyncio.gather(*calls, return_exceptions=True)

        errors = loop.run_until_complete(scene())

        assert len({id(error) for error in errors if isinstance(error, ApiError)}) == THREADS
        assert platform.asked == [False]

    def test_closing_ends_a_renewal_in_the_background(
        self, loop: asyncio.AbstractEventLoop
    ) -> None:
        """No task is left, and the lease is given back."""
        store = Store()
        begun = asyncio.Event()
        granted = [True]

        async def fetch(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
            if not granted:
                begun.set()
                await asyncio.Event().wait()
            granted.clear()
            return Granted(name(1), 7200)

        async def scene() -> None:
            tasks = Tasks()
            source = TokenSource("stable", fetch, repeats=True, forcing=FORCING)
            tokens = AccessTokens(source, store, "wx1", tasks, store.clock)
            await tokens.get(Deadline(PATIENCE))
            store.clock.now += 7100
            await tokens.get(Deadline(PATIENCE))
            await begun.wait()

            assert store.state.owner
            await tasks.close()

        loop.run_until_complete(scene())

        assert not asyncio.all_tasks(loop)
        assert store.state.owner == ""

    def test_a_closed_client_begins_no_renewal(self, loop: asyncio.AbstractEventLoop) -> None:
        """Whoever was about to ask is refused, and no task is left."""
        platform = Platform()

        async def scene() -> None:
            tasks = Tasks()
            tokens = AccessTokens(platform.source(), Store(), "wx1", tasks)
            await tasks.close()
            with pytest.raises(TransportError, match="the client is closed"):
                await tokens.get(Deadline(PATIENCE))

        loop.run_until_complete(scene())

        assert not platform.asked
        assert not asyncio.all_tasks(loop)

    def test_a_task_that_an_event_loop_took_with_it_is_forgotten(
        self, loop: asyncio.AbstractEventLoop
    ) -> None:
        """A renewal that can never end any more keeps nobody waiting."""
        tasks = Tasks()
        platform = Platform()
        hanging = TokenSource("stable", hang, repeats=True, forcing=FORCING)
        flight = AccessTokens(hanging, Store(), "wx1", tasks)

        async def begin_to_ask() -> None:
            with pytest.raises(TransportError):
                await flight.get(Deadline(0.01))

        other = asyncio.new_event_loop()
        other.run_until_complete(begin_to_ask())
        left = asyncio.all_tasks(other)
        flight._source = platform.source()  # pyright: ignore[reportPrivateUsage]

        assert loop.run_until_complete(flight.get(Deadline(PATIENCE))).reveal() == name(1)
        for task in left:
            task.cancel()
        other.run_until_complete(asyncio.wait(left))
        other.close()


async def hang(force: bool, refused: Secret | None, deadline: Deadline) -> Grant:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def test_a_refused_token_is_in_no_frame_when_the_store_fails() -> None:
    """Neither in the error nor in what it drags along."""
    tokens = Tokens(Platform().source(repeats=False))
    refused = tokens.get()
    tokens.store.down = True

    with failing(StoreError):
        tokens.replace(refused)


def test_nothing_about_the_tokens_shows_one() -> None:
    """The holder, its token and what is inside have no secret in their reprs."""
    tokens = Tokens(Platform())
    secret = tokens.get()
    inside = [repr(value) for value in vars(tokens.inner).values()]

    assert not any(shows_secret(text) for text in (repr(tokens), repr(secret), str(secret)))
    assert not any(shows_secret(text) for text in inside if "Platform" not in text)

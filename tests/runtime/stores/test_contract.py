"""What every store keeps to, be it in memory, in a file or on a server."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.runtime.leaks import TOKEN_MARK
from tests.runtime.stores.kinds import HOUR, Clocked, counted, state_of
from wxruntime.redact import Secret
from wxruntime.stores import TokenStore
from wxruntime.stores.state import Busy, Lease, StoredToken, TokenState, begin, end, force

ONE, TWO = Secret(f"{TOKEN_MARK}-1"), Secret(f"{TOKEN_MARK}-2")


def _count_to(number: int, state: TokenState, now: float) -> tuple[TokenState, None]:
    return TokenState(fence=number), None


ODD_NAMES = ["wx:1", "a/../b", "{a}b", "客服", "", "a b\n%41", "\ud800", "x" * 300, "'; DROP TABLE"]


def test_a_lease_is_for_one_and_the_token_for_all(clocked: Clocked) -> None:
    """Who comes first renews, who comes meanwhile waits, who comes after takes the token."""
    lease = clocked.lease("first")

    assert clocked.begin("second") == Busy(30.0)

    stored = clocked.update(end(lease, ONE, 2 * HOUR))

    assert stored == StoredToken(ONE, clocked.now, clocked.now + 2 * HOUR, lease.fence)
    assert clocked.begin("second") == stored


def test_a_lease_that_is_given_back_without_a_token_is_free(clocked: Clocked) -> None:
    """Whose renewal failed lets the next one try."""
    first = clocked.lease("first")

    assert clocked.update(end(first)) is None
    assert clocked.lease("second") == Lease("second", first.fence + 1)


def test_a_lease_runs_out(clocked: Clocked) -> None:
    """Nobody waits for ever for a holder that died."""
    clocked.lease("dead")
    clocked.now += 29.0

    assert clocked.begin("next") == Busy(1.0)

    clocked.now += 1.0

    assert isinstance(clocked.begin("next"), Lease)


def test_a_slow_holder_does_not_overwrite_a_newer_token(clocked: Clocked) -> None:
    """A token is stored only under the newest lease that has brought one."""
    slow = clocked.lease("slow")
    clocked.now += 31.0
    fast = clocked.lease("fast")
    newer = clocked.update(end(fast, TWO, 2 * HOUR))

    assert clocked.update(end(slow, ONE, 2 * HOUR)) == newer
    assert clocked.begin("anybody") == newer


def test_a_slow_holder_does_not_end_the_lease_of_the_next(clocked: Clocked) -> None:
    """What it fetched serves meanwhile, but the next one still renews alone."""
    slow = clocked.lease("slow")
    clocked.now += 31.0
    clocked.lease("fast")
    clocked.update(end(slow))

    assert clocked.begin("third") == Busy(30.0)


def test_a_refused_token_is_not_handed_out(clocked: Clocked) -> None:
    """Whoever names it as refused gets the lease; others still get it, and later the new one."""
    stored = clocked.update(end(clocked.lease("first"), ONE, 2 * HOUR))
    lease = clocked.lease("second", refused=ONE.reveal())

    assert clocked.begin("third") == stored
    assert clocked.begin("third", refused=ONE.reveal()) == Busy(30.0)

    renewed = clocked.update(end(lease, TWO, 2 * HOUR))

    assert clocked.begin("third", refused=ONE.reveal()) == renewed


@pytest.mark.parametrize("later", [2 * HOUR - 60.0, 2 * HOUR, 9 * HOUR])
def test_a_token_near_its_end_is_renewed(clocked: Clocked, later: float) -> None:
    """It is handed out only while it serves long enough."""
    clocked.update(end(clocked.lease("first"), ONE, 2 * HOUR))
    clocked.now += later

    assert isinstance(clocked.begin("second"), Lease)


def test_a_clock_that_was_set_back_keeps_nothing_for_ever(clocked: Clocked) -> None:
    """What seems to last longer than any token or lease does is not believed."""
    clocked.update(end(clocked.lease("first"), ONE, 2 * HOUR))
    clocked.now -= 9 * HOUR
    lease = clocked.lease("second")
    clocked.now -= 9 * HOUR
    after = clocked.lease("third")

    assert after.fence == lease.fence + 1

    clocked.now -= 0.5  # a small step is no other clock

    assert clocked.begin("fourth") == Busy(30.5)


def test_renewals_are_forced_apart_and_so_many_a_day(clocked: Clocked) -> None:
    """Twenty a day, thirty seconds apart, whoever holds the lease; a day later there are more."""
    moments: list[float] = []
    started = clocked.now
    while clocked.now < started + 630.0:
        lease = clocked.lease("somebody")
        if clocked.update(force(lease, a_day=20, apart=30.0)):
            moments.append(clocked.now - started)
        clocked.update(end(lease))
        clocked.now += 15.0

    assert moments == [30.0 * number for number in range(20)]

    clocked.now = started + 86400.0

    assert clocked.update(force(clocked.lease("somebody"), a_day=20, apart=30.0))


def test_only_the_holder_forces(clocked: Clocked) -> None:
    """Whoever lost the lease may not end everybody's token."""
    lost = clocked.lease("slow")
    clocked.now += 31.0
    held = clocked.lease("fast")

    assert not clocked.update(force(lost, a_day=20, apart=30.0))
    assert clocked.update(force(held, a_day=20, apart=30.0))


def test_a_lost_state_begins_anew(clocked: Clocked) -> None:
    """A holder from before the loss does not shut out those who count anew from zero."""
    old = [clocked.lease("old") for _ in range(7)][-1]
    clocked.update(lambda state, _: (TokenState(), None))
    clocked.update(end(old, ONE, 2 * HOUR))
    renewed = clocked.update(end(clocked.lease("new", refused=ONE.reveal()), TWO, 2 * HOUR))

    assert renewed is not None
    assert renewed.token.reveal() == TWO.reveal()


def test_accounts_do_not_meet(store: TokenStore) -> None:
    """Each name is its own, whatever characters it is made of."""
    for count, name in enumerate(ODD_NAMES, 1):
        store.update(name, partial(_count_to, count))

    assert [state_of(store, name).fence for name in ODD_NAMES] == [*range(1, len(ODD_NAMES) + 1)]


def test_what_a_change_raises_changes_nothing(store: TokenStore) -> None:
    """It comes out as it is, and the store goes on."""

    def fail(state: TokenState, now: float) -> tuple[TokenState, None]:
        raise LookupError

    store.update("desk", counted)
    with pytest.raises(LookupError):
        store.update("desk", fail)

    assert store.update("desk", counted) == 2


@pytest.mark.parametrize("told", ["a text", None, False, ("a", 1)])
def test_a_change_tells_whatever_it_likes(store: TokenStore, told: object) -> None:
    """What it tells comes back as it is, written or not."""
    state = TokenState(fence=1)

    assert store.update("desk", lambda _, now: (state, told)) == told
    assert store.update("desk", lambda _, now: (state, told)) == told


def test_threads_lose_no_update(store: TokenStore) -> None:
    """Many at once count as one after the other."""
    threads, times = 4, 5
    together = threading.Barrier(threads)

    def count(_: int) -> list[int]:
        together.wait()
        return [store.update("desk", counted) for _ in range(times)]

    with ThreadPoolExecutor(threads) as pool:
        counts = [number for numbers in pool.map(count, range(threads)) for number in numbers]

    assert sorted(counts) == [*range(1, threads * times + 1)]


def test_its_time_goes_on(store: TokenStore) -> None:
    """A second on the store's clock is a second."""
    change = begin("me", 30.0, refused=(), spare=0.0, longest=HOUR)
    before = time.monotonic()
    assert isinstance(store.update("desk", change), Lease)
    other = begin("you", 30.0, refused=(), spare=0.0, longest=HOUR)
    busy = store.update("desk", other)
    took = time.monotonic() - before

    assert isinstance(busy, Busy)
    assert 30.0 - took - 0.1 < busy.left <= 30.0

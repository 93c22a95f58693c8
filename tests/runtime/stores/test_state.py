"""The rules of a state hold for every sequence of changes, in whichever store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.redis_server import RedisServer
from tests.runtime.stores.kinds import Clocked, opened, state_of
from wxruntime.redact import Secret
from wxruntime.stores import MemoryStore
from wxruntime.stores.state import Busy, Lease, StoredToken, TokenState, begin, end, force

LIFE = 7200.0
A_DAY, APART = 3, 30.0


@frozen
class Begin:
    """Somebody wants a token, perhaps another than the one that is stored."""

    owner: str
    seconds: float
    refuses: bool


@frozen
class End:
    """Somebody gives back a lease, be it long lost, perhaps with a token."""

    lease: int
    brings: bool


@frozen
class Force:
    """Somebody wants to force a renewal under a lease, be it long lost."""

    lease: int


@frozen
class Wait:
    """Time goes by."""

    seconds: float


Step: TypeAlias = Begin | End | Force | Wait
Told: TypeAlias = StoredToken | Lease | Busy | bool | None

_LEASES = st.integers(0, 3)  # counted from the newest
_SECONDS = st.sampled_from([1.0, 30.0, 60.0])
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(Begin, st.sampled_from("abc"), _SECONDS, st.booleans()),
        st.builds(End, _LEASES, st.booleans()),
        st.builds(Force, _LEASES),
        st.builds(Wait, st.sampled_from([0.5, 29.0, 31.0, 61.0, 4000.0, 30000.0])),
    ),
    max_size=25,
)
BACKWARDS = st.builds(Wait, st.sampled_from([-0.5, -40.0, -9000.0]))


class Run:
    """Takes steps on a store, and remembers the leases."""

    def __init__(self, clocked: Clocked, account: str) -> None:
        self.clocked = clocked
        self.account = account
        self.leases: list[Lease] = []
        self.refused: str | None = None

    def state(self) -> TokenState:
        """Look at the state."""
        return state_of(self.clocked.store, self.account)

    def take(self, step: Step) -> Told:
        """Take one step, and return what is told."""
        if isinstance(step, Wait):
            self.clocked.now += step.seconds
            return None
        if isinstance(step, Begin):
            return self._begin(step)
        if not self.leases:
            return None
        lease = self.leases[-1 - step.lease % len(self.leases)]
        if isinstance(step, Force):
            return self.clocked.update(force(lease, a_day=A_DAY, apart=APART), self.account)
        token = Secret(f"token-{lease.fence}") if step.brings else None
        return self.clocked.update(end(lease, token, LIFE), self.account)

    def _begin(self, step: Begin) -> StoredToken | Lease | Busy:
        stored = self.state().stored
        self.refused = stored.token.reveal() if stored is not None and step.refuses else None
        given = () if self.refused is None else (Secret(self.refused),)
        change = begin(step.owner, step.seconds, refused=given, spare=60.0, longest=LIFE)
        told = self.clocked.update(change, self.account)
        if isinstance(told, Lease):
            self.leases.append(told)
        return told


@given(STEPS)
def test_property_one_live_lease_and_numbers_that_only_grow(steps: list[Step]) -> None:
    """No second owner gets a lease while one lasts, and no older token replaces a newer."""
    run = Run(Clocked(MemoryStore()), "desk")
    owner, until, fence = "", 0.0, 0
    for step in steps:
        before = run.state()
        told = run.take(step)
        after = run.state()

        assert after.fence >= before.fence
        if isinstance(told, Lease):
            assert told.owner == owner or run.clocked.now >= until
            assert told.fence > fence
            assert isinstance(step, Begin)
            owner, until, fence = told.owner, run.clocked.now + step.seconds, told.fence
        if isinstance(step, End) and not after.owner:
            until = 0.0
        if before.stored is not None:
            assert after.stored is not None
            assert after.stored.fence >= before.stored.fence
        assert after.stored is None or after.stored.fence <= after.fence


@given(STEPS)
def test_property_what_is_handed_out_serves(steps: list[Step]) -> None:
    """A token that is handed out was not refused, and still lasts for as long as was asked."""
    run = Run(Clocked(MemoryStore()), "desk")
    for step in steps:
        told = run.take(step)
        if isinstance(step, Begin) and isinstance(told, StoredToken):
            assert told.token.reveal() != run.refused
            assert 60.0 < told.expires_at - run.clocked.now <= LIFE
        if isinstance(told, Busy):
            assert 0.0 < told.left <= 60.1


@given(STEPS, BACKWARDS, STEPS)
def test_property_forced_renewals_are_few(steps: list[Step], back: Wait, more: list[Step]) -> None:
    """They are apart and so many a day, also when the clock was set back once."""
    run = Run(Clocked(MemoryStore()), "desk")
    forced: list[float] = []
    for step in [*steps, back, *more]:
        if run.take(step) is True:
            now = run.clocked.now

            assert all(abs(now - moment) >= APART for moment in forced)

            forced.append(now)

            assert len([moment for moment in forced if abs(now - moment) < 86400.0]) <= A_DAY


numbers = count()


@pytest.fixture(scope="module", params=["file", "redis"])
def shared(request: pytest.FixtureRequest, redis_server: RedisServer) -> Iterator[Clocked]:
    """A store that outlives an example; each has an account of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(str(request.param), Path(folder), lambda: redis_server) as store,
    ):
        yield Clocked(store)


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(STEPS.flatmap(lambda steps: st.sampled_from(steps or [Wait(1.0)])), BACKWARDS),
        max_size=25,
    )
)
def test_property_every_store_tells_what_memory_tells(shared: Clocked, steps: list[Step]) -> None:
    """The same changes at the same times give the same answers and the same state."""
    kept = Run(Clocked(shared.store), f"property-{next(numbers)}")
    reference = Run(Clocked(MemoryStore()), "desk")
    for step in steps:
        assert kept.take(step) == reference.take(step)
        assert kept.state() == reference.state()

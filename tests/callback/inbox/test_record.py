"""The rules of a push's record, as pure functions of the record and the time."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wxruntime.inbox.record import (
    Outcome,
    Record,
    arrive,
    beat,
    fail,
    finish,
    give_up,
    join,
    settle,
)

LEASE = 4.0
DONE = Outcome(b'{"MsgType":"text"}')


def test_the_first_delivery_runs_the_handler_and_the_second_joins_it() -> None:
    """A delivery that comes while the handler runs joins that run, and is counted."""
    record, first = arrive("a", LEASE)(Record(), 100.0)
    record, second = arrive("b", LEASE)(record, 101.0)

    assert (first.turn, first.deliveries, first.age) == ("run", 1, 0.0)
    assert (second.turn, second.deliveries, second.age) == ("join", 2, 1.0)


def test_a_handler_that_is_not_heard_of_any_more_has_a_successor() -> None:
    """Whoever ran it died: the next delivery runs it again."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    _, joined = join("b", LEASE)(record, 103.9)
    record, later = arrive("b", LEASE)(record, 104.0)

    assert joined.turn == "join"
    assert later.turn == "run"
    assert record.owner == "b"


def test_a_handler_that_says_that_it_runs_is_not_taken_over() -> None:
    """A beat renews the lease, so a delivery within the new lease joins the handler."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, told = beat("a", LEASE)(record, 103.0)
    _, arrival = arrive("b", LEASE)(record, 106.9)

    assert told
    assert arrival.turn == "join"


def test_whoever_was_taken_over_hears_it_at_the_next_beat() -> None:
    """And if it ends first all the same, its outcome counts, and no other."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, _ = arrive("b", LEASE)(record, 105.0)
    record, told = beat("a", LEASE)(record, 105.5)
    record, awaited = finish("a", DONE)(record, 106.0)
    record, _ = finish("b", Outcome(b"another"))(record, 107.0)

    assert not told
    assert awaited
    assert record.outcome == DONE


def test_a_handler_that_was_forgotten_is_its_owners_again() -> None:
    """The store was flushed, and the handler still says that it runs."""
    record, told = beat("a", LEASE)(Record(), 100.0)
    _, arrival = arrive("b", LEASE)(record, 101.0)

    assert told
    assert arrival.turn == "join"


def test_a_reply_whose_record_was_lost_goes_out_another_way() -> None:
    """Once; unless somebody else runs its handler again, and sees that reply off."""
    record, first = settle("a", DONE)(Record(), 100.0)
    _, second = settle("a", DONE)(record, 100.1)
    taken, _ = arrive("b", LEASE)(Record(), 100.0)

    assert (first, second) == (True, False)
    assert not settle("a", DONE)(taken, 101.0)[1]
    assert settle("a", DONE)(taken, 104.0)[1]


def test_the_outcome_is_carried_by_every_later_delivery() -> None:
    """A delivery that was lost on its way has a successor that carries the same."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, awaited = finish("a", DONE)(record, 101.0)
    record, second = arrive("b", LEASE)(record, 105.0)
    record, third = arrive("c", LEASE)(record, 110.0)

    assert awaited
    assert second.outcome == third.outcome == DONE


def test_a_failed_handler_is_run_again_by_the_next_delivery() -> None:
    """After a failure the next delivery runs the handler, and counts as the second one."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, _ = fail("a")(record, 101.0)
    record, arrival = arrive("b", LEASE)(record, 102.0)

    assert (arrival.turn, arrival.deliveries) == ("run", 2)


def test_what_nobody_carried_goes_out_another_way_once() -> None:
    """And not at all if a delivery has carried it."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, _ = finish("a", DONE)(record, 101.0)
    record, first = settle("a", DONE)(record, 116.0)
    record, second = settle("a", DONE)(record, 116.0)
    carried, _ = arrive("b", LEASE)(finish("a", DONE)(Record(owner="a"), 0.0)[0], 1.0)

    assert (first, second) == (True, False)
    assert not settle("a", DONE)(carried, 2.0)[1]


def test_once_the_last_delivery_has_given_up_the_outcome_is_not_awaited() -> None:
    """So whoever ends the handler knows that it goes out another way."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, nothing = give_up()(record, 114.5)
    record, awaited = finish("a", DONE)(record, 120.0)

    assert nothing is None
    assert not awaited
    assert not settle("a", DONE)(record, 121.0)[1]


def test_the_last_delivery_carries_what_came_at_the_last_moment() -> None:
    """Between its waiting and its giving up."""
    record, _ = arrive("a", LEASE)(Record(), 100.0)
    record, _ = finish("a", DONE)(record, 114.4)
    record, outcome = give_up()(record, 114.5)

    assert outcome == DONE
    assert not settle("a", DONE)(record, 116.0)[1]


_OWNERS = st.sampled_from(("a", "b", "c"))
_STEPS = st.one_of(
    st.tuples(st.just("arrive"), _OWNERS),
    st.tuples(st.just("join"), _OWNERS),
    st.tuples(st.just("beat"), _OWNERS),
    st.tuples(st.just("finish"), _OWNERS),
    st.tuples(st.just("fail"), _OWNERS),
    st.tuples(st.just("give_up"), _OWNERS),
    st.tuples(st.just("settle"), _OWNERS),
    st.tuples(st.just("wait"), _OWNERS),
)


def _change(name: str, owner: str) -> Any:
    with_lease = {"arrive": arrive, "join": join, "beat": beat}
    if name in with_lease:
        return with_lease[name](owner, LEASE)
    if name == "finish":
        return finish(owner, Outcome(owner.encode()))
    return {"fail": fail(owner), "give_up": give_up(), "settle": settle(owner, DONE)}[name]


@given(st.lists(_STEPS, max_size=25))
def test_property_one_outcome_and_nothing_both_carried_and_late(
    steps: list[tuple[str, str]],
) -> None:
    """Whatever happens in whatever order: one owner at a time, one outcome, at most one late."""
    record, now, lates = Record(), 100.0, 0
    owners: dict[str, float] = {}
    outcomes: set[bytes | None] = set()
    for name, owner in steps:
        now += 1.5
        if name == "wait":
            continue
        before = record
        record, told = _change(name, owner)(record, now)
        if name in ("arrive", "join") and told.turn == "run":
            assert all(until <= now for until in owners.values())
            owners = {owner: now + LEASE}
        elif name == "beat" and told:
            owners[owner] = now + LEASE
        elif name in ("fail", "finish"):
            owners.pop(owner, None)
        if name == "settle" and told:
            lates += 1
            assert not before.carried
        if record.outcome is not None:
            outcomes.add(record.outcome.reply)
        assert record.deliveries >= before.deliveries

    assert lates <= 1
    assert len(outcomes) <= 1

"""What users of the strategies rely on: valid values, none thrown away, nothing left out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

import pytest
from attrs import fields
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy

from tests.client.described import Generated, class_of_id, codec, generated, strategy_of
from wxoa import events, replies, strategies
from wxoa.catalog import CATALOG

FIELDS = {"unknown", "fields"}
"""What holds the fields that nobody described."""


def title(model: type) -> str:
    """Name a class for a test's id."""
    return model.__name__


@contextmanager
def nothing_thrown_away() -> Generator[None]:
    """Fail as soon as a strategy filters, or gives an example up."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a strategy throws values away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SearchStrategy, "filter", refuse)
        patch.setattr(ConjectureData, "mark_invalid", refuse)
        yield


def drawn(make: Callable[[], SearchStrategy[Any]], examples: int = 60) -> list[Any]:
    """Draw values of a strategy while nothing may be thrown away.

    Every health check may strike but one: it looks at the clock, which decides no test here.
    """
    values: list[Any] = []

    def keep(value: Any) -> None:
        values.append(value)

    with nothing_thrown_away():
        unhurried = settings(
            max_examples=examples,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )
        unhurried(given(make())(keep))()
    return values


@pytest.mark.parametrize("model", generated(), ids=title)
def test_a_strategy_makes_whatever_its_class_can_hold(model: Generated) -> None:
    """Valid values only, and of each field several: what may be absent is, and is not."""
    values = drawn(lambda: strategy_of(model))

    assert {type(value) for value in values} == {model}
    for value in values:
        codec(model).encode(value)
    for field in fields(model):
        held = [getattr(value, field.name) for value in values]
        shown = {repr(item) for item in held}

        assert len(shown) > 1, field.name
        if field.default is None:
            assert {item is None for item in held} == {True, False}, field.name
        if field.name in FIELDS or isinstance(held[0], list):
            assert {bool(item) for item in held} >= {True}, field.name


UNIONS: dict[str, tuple[Callable[[], SearchStrategy[Any]], set[str]]] = {
    "Event": (
        strategies.events.event,
        {push.class_name for push in (*CATALOG.events.values(), *CATALOG.messages.values())}
        | {"UnknownEvent"},
    ),
    "Reply": (strategies.replies.reply, {reply.class_name for reply in CATALOG.replies.values()}),
}
for union in CATALOG.unions.values():
    home, _, name = union.id.partition(".")
    UNIONS[name] = (
        getattr(getattr(strategies, home), name.lower()),
        {class_of_id(id).__name__ for id in union.variants.values()} | {f"Unknown{name}"},
    )


@pytest.mark.parametrize("name", UNIONS)
def test_a_strategy_of_several_classes_makes_them_all(name: str) -> None:
    """Each of them, unknown ones included, and no other."""
    make, classes = UNIONS[name]
    made = {type(value).__name__ for value in drawn(make, 10 * len(classes))}

    assert made <= classes
    # A few of many may have escaped the draw by chance: these have to be found.
    patient = settings(max_examples=100 * len(classes), phases=[Phase.generate])
    for missing in sorted(classes - made):
        find(make(), partial(is_a, missing), settings=patient)


def is_a(name: str, value: object) -> bool:
    """Say whether a value is of the class of that name."""
    return type(value).__name__ == name


def test_an_enumeration_has_all_its_values() -> None:
    """Whoever tests against it meets each."""
    states = [v.oper_code for v in drawn(strategies.kf_record.record, 400)]

    assert {state.name for state in states} >= {*CATALOG.enums["kf_record.OperCode"].values}


@pytest.mark.parametrize(
    "wasteful",
    [
        lambda: st.integers().filter(bool),
        lambda: st.integers().map(lambda number: assume(number > 5) and number),
        lambda: st.sampled_from(range(10)).flatmap(lambda n: st.just(n).filter(bool)),
    ],
)
def test_a_strategy_that_throws_values_away_is_seen(
    wasteful: Callable[[], SearchStrategy[Any]],
) -> None:
    """The gate above fails for a filter and for an assumption."""
    with pytest.raises(AssertionError, match="throws values away"):
        drawn(wasteful)


def test_every_push_and_reply_has_a_strategy() -> None:
    """The classes above are those that are read."""
    described = {push.class_name for push in (*CATALOG.events.values(), *CATALOG.messages.values())}

    assert {title(model) for model in generated() if hasattr(events, title(model))} > described
    assert {title(m) for m in generated() if m.__module__ == replies.__name__} >= {
        reply.class_name for reply in CATALOG.replies.values()
    }

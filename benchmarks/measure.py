"""Timing: all ways take turns in every round, so that a slow moment of the machine meets all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from statistics import median
from timeit import Timer
from typing import TypeAlias

from attrs import frozen

__all__ = ["Cell", "Figure", "Rate", "Result", "Row", "Table", "Way", "measure"]

Way: TypeAlias = "Callable[[], object] | str"
"""What is timed; or why there is nothing to time, in a word or two."""

_TURN = 0.001
"""How long one turn takes, in seconds."""


@frozen
class Row:
    """One library's way to do the work of each column."""

    name: str
    ways: tuple[Way, ...]


@frozen
class Table:
    """One kind of work; the first row is its floor, the least that anyone must do."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@frozen
class Figure:
    """What one way took."""

    seconds: float
    """The median of its turns, a call."""
    ratio: float
    """How many times what the floor took."""


@frozen
class Rate:
    """How much went through."""

    a_second: float
    ratio: float
    """How many times what went through the floor."""


Cell: TypeAlias = "Figure | Rate | str"
"""What was found; or why there is nothing, in a word or two."""


@frozen
class Result:
    """A table with its figures: row → a figure a column, or why there is none."""

    title: str
    columns: tuple[str, ...]
    rows: dict[str, tuple[Cell, ...]]


class _Turns:
    """One way's clock."""

    def __init__(self, way: Callable[[], object]) -> None:
        self._timer = Timer(way)
        self._timer.timeit(3)  # whatever is made on first use
        fastest = min(self._timer.timeit(5) / 5 for _ in range(5))
        self._number = max(1, round(_TURN / fastest))
        self._taken: list[float] = []

    def take(self) -> None:
        """Time one more turn."""
        self._taken.append(self._timer.timeit(self._number) / self._number)

    @property
    def median(self) -> float:
        """What a call takes, in seconds."""
        return median(self._taken)


def measure(tables: Iterable[Table], rounds: int) -> list[Result]:
    """Time every way.

    Args:
        tables: What to time.
        rounds: How many turns each way gets, at least one.
    """
    clocks = [
        (
            table,
            {
                row.name: [way if isinstance(way, str) else _Turns(way) for way in row.ways]
                for row in table.rows
            },
        )
        for table in tables
    ]
    every = [one for _, rows in clocks for ways in rows.values() for one in ways]
    for _ in range(rounds):
        for one in every:
            if isinstance(one, _Turns):
                one.take()
        gc.collect()  # it rests while a clock runs
    return [Result(table.title, table.columns, _figures(rows)) for table, rows in clocks]


def _figures(rows: dict[str, list[_Turns | str]]) -> dict[str, tuple[Cell, ...]]:
    floors = next(iter(rows.values()))
    return {
        name: tuple(
            Figure(one.median, one.median / floor.median)
            if isinstance(one, _Turns) and isinstance(floor, _Turns)
            else str(one)
            for one, floor in zip(ways, floors, strict=True)
        )
        for name, ways in rows.items()
    }

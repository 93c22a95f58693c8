"""What was measured, for people and for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Mapping

from benchmarks.measure import Cell, Rate, Result

__all__ = ["as_json", "as_text"]

_NAME = 43
_TIME = 10
_RATIO = 8
_RULE = "─" * (_NAME + 3 * (_TIME + _RATIO))


def as_text(results: Iterable[Result], peers: Mapping[str, str], rounds: int) -> str:
    """Write tables.

    Args:
        results: What was measured.
        peers: The versions of the other libraries.
        rounds: How many turns each way had.
    """
    return "\n".join(
        (*_head(peers, rounds), *(line for result in results for line in _table(result)))
    )


def _head(peers: Mapping[str, str], rounds: int) -> Iterator[str]:
    others = ", ".join(f"{name} {version}" for name, version in peers.items())
    yield f"{platform.python_implementation()} {platform.python_version()} with {others}"
    yield f"Microseconds a call: medians of {rounds} rounds, in which every way takes its turn."
    yield "1.0× is the floor: what has to be done before anyone can give you a typed value."
    yield "Ratios hold on other machines, times do not. Each result is checked before it is timed."
    yield "Calls are processor time of the client's process; the platform runs in another."
    yield "Servers have one worker process; the load comes from another, and shares the machine."
    yield "wxoa also keeps the fields nobody described, and fills in what the request asked for."


def _table(result: Result) -> Iterator[str]:
    yield ""
    yield result.title.ljust(_NAME) + "".join(c.rjust(_TIME + _RATIO) for c in result.columns)
    yield _RULE
    for name, figures in result.rows.items():
        yield name.ljust(_NAME) + "".join(map(_cell, figures))


def _cell(figure: Cell) -> str:
    if isinstance(figure, str):
        return figure.rjust(_TIME + _RATIO)
    if isinstance(figure, Rate):
        return f"{figure.a_second:>{_TIME},.0f}{f'{figure.ratio:.2f}×':>{_RATIO}}"
    return f"{figure.seconds * 1e6:>{_TIME}.1f}{f'{figure.ratio:.2f}×':>{_RATIO}}"


def as_json(results: Iterable[Result], peers: Mapping[str, str], rounds: int) -> str:
    """Write one JSON object.

    Args:
        results: What was measured.
        peers: The versions of the other libraries.
        rounds: How many turns each way had.
    """
    document = {
        "python": platform.python_version(),
        "peers": peers,
        "rounds": rounds,
        "tables": [
            {
                "title": result.title,
                "rows": [
                    {
                        "name": name,
                        "columns": {
                            column: _plain(figure)
                            for column, figure in zip(result.columns, figures, strict=True)
                        },
                    }
                    for name, figures in result.rows.items()
                ],
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(figure: Cell) -> dict[str, float] | str:
    if isinstance(figure, str):
        return figure
    if isinstance(figure, Rate):
        return {"a_second": round(figure.a_second, 1), "ratio": round(figure.ratio, 2)}
    return {"microseconds": round(figure.seconds * 1e6, 3), "ratio": round(figure.ratio, 2)}

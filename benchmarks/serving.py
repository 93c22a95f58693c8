"""How much a real server carries: one worker process on one side, the load on the other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

from attrs import field, frozen

from benchmarks import peers
from benchmarks.load import Load
from benchmarks.measure import Figure, Rate, Result
from benchmarks.sealed import Mode

__all__ = ["measure_serving"]

CONNECTIONS = 16
"""How many requests are under way at once."""
TURN = 1000
"""How many requests one turn has."""
THREADS = 16
"""How many threads gunicorn has: as many as there are connections."""

_ANNOUNCED = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]*)")

_UVICORN = ("uvicorn", "--port", "0", "--no-access-log")
_GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--threads", str(THREADS))

_COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "ASGI under uvicorn": (_UVICORN, "asgi"),
    "WSGI under gunicorn": (_GUNICORN, "wsgi"),
}

_ROWS: tuple[tuple[str, str, Mode], ...] = (
    ("an application that says success: the floor", "_floor", "plain"),
    ("wxoa, plain", "", "plain"),
    ("wxoa, safe", "", "safe"),
)
"""The name of a row, what the name of its application ends with, and how its pushes come."""


@frozen
class _Site:
    """One server under load."""

    port: int
    mode: Mode
    replies: bool
    """Whether it is the callback; the floor only says success."""
    turns: list[Load] = field(factory=list[Load])

    def take(self, first: int) -> None:
        """Send one more turn of requests."""
        numbers = map(str, (CONNECTIONS, TURN, first))
        command = [sys.executable, "-m", "benchmarks.load", str(self.port), self.mode, *numbers]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        turn = Load(**json.loads(done.stdout))
        if self.replies != (turn.body != "success"):
            raise AssertionError(f"expected another answer than {turn.body!r}")
        self.turns.append(turn)


def measure_serving(rounds: int) -> list[Result]:
    """Load the servers.

    Args:
        rounds: How many turns each other way gets; here it is one for each 30 of them, and three
            at least.
    """
    turns = max(3, rounds // 30)
    return [_serve(title, *command, turns) for title, command in _COMMANDS.items()]


def _serve(title: str, command: Sequence[str], name: str, turns: int) -> Result:
    title = f"{title}: 1 worker, {CONNECTIONS} connections"
    columns = ("requests a second", "p50", "p99")
    if not peers.installed(command[0]):
        return Result(title, columns, {f"{command[0]} is not installed": ("missing",) * 3})
    with ExitStack() as running:
        sites = {
            row: _Site(running.enter_context(_served(command, f"{name}{end}", mode)), mode, not end)
            for row, end, mode in _ROWS
        }
        for turn in range(turns + 1):
            for site in sites.values():
                site.take(turn * TURN)
    floor = next(iter(sites.values()))
    return Result(title, columns, {row: _figures(site, floor) for row, site in sites.items()})


def _figures(site: _Site, floor: _Site) -> tuple[Rate, Figure, Figure]:
    rate, p50, p99 = _medians(site)
    floor_rate, floor_p50, floor_p99 = _medians(floor)
    return (
        Rate(rate, rate / floor_rate),
        Figure(p50, p50 / floor_p50),
        Figure(p99, p99 / floor_p99),
    )


def _medians(site: _Site) -> tuple[float, float, float]:
    turns = site.turns[1:]  # the first one finds a server that is still cold
    return (
        median(turn.rate for turn in turns),
        median(turn.p50 for turn in turns),
        median(turn.p99 for turn in turns),
    )


@contextmanager
def _served(command: Sequence[str], app: str, mode: Mode) -> Generator[int]:
    """Run a server for the length of a block; its port."""
    with subprocess.Popen(
        [sys.executable, "-m", *command, f"benchmarks.sites:{app}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BENCHMARK_MODE": mode},
    ) as server:
        assert server.stderr is not None
        said = ""
        while (announced := _ANNOUNCED.search(said)) is None:
            line = server.stderr.readline()
            if not line:
                raise AssertionError(f"{command[0]} does not serve:\n{said}")
            said += line
        # What it has to say beyond that fits into the pipe.
        try:
            yield int(announced[1])
        finally:
            server.terminate()
            server.communicate()

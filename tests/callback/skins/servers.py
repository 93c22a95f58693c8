"""Real servers in processes of their own, and what a test wants to know of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from attrs import frozen

from tests.account import AES_KEY, TOKEN
from tests.callback.skins.pushes import Mode, Signed

__all__ = ["Answered", "Server", "ask", "gunicorn", "script", "serving", "uvicorn"]

ROOT = Path(__file__).parents[3]
APPS = "tests.callback.skins.apps"
PATIENCE = 60.0
"""How long anything may take before a test gives up, in seconds."""

_ANNOUNCED = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]*)")


class Server:
    """A server process, which says in its log where it listens."""

    def __init__(self, command: Sequence[str], mode: Mode) -> None:
        settings = {
            "WECHAT_TOKEN": TOKEN,
            "DJANGO_SETTINGS_MODULE": f"{APPS}.django_settings",
            "WECHAT_AES_KEY": AES_KEY if mode == "safe" else "",
        }
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **settings},
        )
        self._log: list[str] = []
        self._port: Future[int] = Future()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._log.append(line)
            announced = _ANNOUNCED.search(line)
            if announced and not self._port.done():
                self._port.set_result(int(announced[1]))
        if not self._port.done():
            self._port.set_exception(AssertionError(f"no server:\n{''.join(self._log)}"))

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port.result(PATIENCE)

    @property
    def answering(self) -> int:
        """The process that answers: the youngest child of one that only watches."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return int(children[-1]) if children else pid

    @property
    def peak(self) -> int:
        """The most memory that the answering process has had, in KiB."""
        status = Path(f"/proc/{self.answering}/status").read_text("ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1])

    def stop(self) -> str:
        """Ask it to end, and return what it has said."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return "".join(self._log)

    @property
    def status(self) -> int:
        """How it ended."""
        return self._process.returncode


@contextmanager
def serving(command: Sequence[str], mode: Mode) -> Generator[Server]:
    """Run a server for the length of a block; it ends well, and shows no secret."""
    server = Server(command, mode)
    try:
        assert server.port
        yield server
    finally:
        said = server.stop()
    assert server.status in (0, -15), said  # the signal, where nobody handles it
    assert TOKEN not in said
    assert AES_KEY not in said


def uvicorn(app: str) -> list[str]:
    """Return the command that serves an ASGI application."""
    return ["-m", "uvicorn", "--port", "0", f"{APPS}.{app}"]


def gunicorn(app: str, *options: str) -> list[str]:
    """Return the command that serves a WSGI application, in four threads if nobody says more."""
    how = options or ("--threads", "4")
    return ["-m", "gunicorn", "--bind", "127.0.0.1:0", *how, f"{APPS}.{app}"]


def script(lines: str) -> list[str]:
    """Return the command that runs a few lines; `listener` is a socket that listens already."""
    head = (
        "import socket\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print(f'http://127.0.0.1:{listener.getsockname()[1]}', flush=True)\n"
    )
    return ["-c", head + lines]


@frozen
class Answered:
    """An answer."""

    status: int
    body: bytes
    headers: dict[str, str]
    """By names in small letters."""


def ask(
    server: Server,
    request: Signed,
    method: str = "",
    path: str = "/wechat",
    headers: dict[str, str] | None = None,
) -> Answered:
    """Send one request, and follow nowhere, as the platform does.

    Args:
        server: Who is asked.
        request: What is asked.
        method: GET without a body and POST with one, if nothing else is said.
        path: Where to.
        headers: What else to say.
    """
    connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        connection.request(
            method or ("POST" if request.body else "GET"),
            f"{path}?{request.query}",
            request.body or None,
            {"Content-Type": "text/xml", **(headers or {})} if request.body else headers or {},
        )
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, response.read(), found)
    finally:
        connection.close()

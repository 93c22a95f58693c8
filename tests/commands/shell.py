"""A shell for the tests: a command as a process of its own, or in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from attrs import frozen

from tests.account import AES_KEY, APP_ID, TOKEN
from wxruntime.cli import run

__all__ = ["APP_SECRET", "Said", "process", "typed"]

APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SECRETS = (APP_SECRET, TOKEN, AES_KEY)
_OURS = ("WXOA_APP_ID", "WXOA_APP_SECRET", "WXOA_TOKEN", "WXOA_AES_KEY")


@frozen
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed."""
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """The one line that says what is wrong."""
        assert self.err.endswith("\n"), self.err
        assert self.err.count("\n") == 1, self.err
        assert self.err[:-1].isprintable(), self.err
        return self.err[:-1]


def process(
    *words: str, stdin: bytes = b"", app_secret: str | None = None, encoding: str = "utf-8"
) -> Said:
    """Run a command as a process; whatever it says, it shows no secret and no traceback."""
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    if app_secret is not None:
        environment |= {"WXOA_APP_ID": APP_ID, "WXOA_APP_SECRET": app_secret}
    done = subprocess.run(
        [sys.executable, "-m", "wxoa", *words],
        env={**environment, "PYTHONIOENCODING": encoding},
        input=stdin,
        capture_output=True,
        timeout=100,
    )
    return _kept(Said(done.returncode, done.stdout.decode(), done.stderr.decode()))


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> Said:
    """Run a command in this process; whatever it says, it shows no secret."""
    capsys.readouterr()
    try:
        code = run("wxoa", [*words])
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return _kept(Said(code, said.out, said.err))


def _kept(said: Said) -> Said:
    assert not any(secret in said.out + said.err for secret in SECRETS)
    assert "Traceback" not in said.err, said.err
    return said

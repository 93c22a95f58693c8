"""The `sandbox` command: its options for pushes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from tests.runtime.servers import Reply, Seen, http, serving
from tests.sandbox.callbacks import AES_KEY, Wire
from tests.sandbox.scene import APP_ID
from wxruntime.cli import run
from wxruntime.sandbox import Admin


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--callback-aes-key", "short"], "--callback-aes-key: expected 43 letters and digits"),
        (["--callback-mode", "safe"], "--callback-aes-key: expected the EncodingAESKey"),
        (["--callback-mode", "open"], "--callback-mode: expected one of plain, compatible, safe"),
    ],
)
def test_an_option_that_cannot_work_is_named(
    capsys: pytest.CaptureFixture[str], options: list[str], problem: str
) -> None:
    """The mistake is one line."""
    assert run("wxoa", ["sandbox", "--port", "0", *options]) == 2

    assert re.fullmatch(rf"wxoa: {re.escape(problem)}.*\n", capsys.readouterr().err)


@pytest.mark.parametrize("mode", ["compatible", "safe", None])
def test_the_command_encrypts_its_pushes(mode: str | None) -> None:
    """A key means safe mode, unless another mode is asked for."""

    def answer(seen: Seen) -> Reply:
        return http(b"success")

    command = [sys.executable, "-m", "wxoa", "sandbox", "--port", "0", "--app-id", APP_ID]
    command += ["--callback-aes-key", AES_KEY]
    command += [] if mode is None else ["--callback-mode", mode]
    with serving(answer) as callback:
        command += ["--callback-url", callback.base_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            address = re.search(r"http://[0-9.:]+", process.stdout.readline())
            assert address is not None
            with Admin(address[0]) as admin:
                push = admin.wait_for_delivery(admin.send_message("o6_ann", content="hi"))
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
        (wire,) = map(Wire, callback.seen)

    assert (push.answered_on, push.problem) == (1, "")
    assert ("Content" in wire.body) == (mode == "compatible")
    assert wire.fields["Content"] == "hi"
    assert process.returncode == 0

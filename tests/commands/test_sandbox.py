"""`wxoa sandbox`: whence the secrets of its pushes come."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.shell import AES_KEY, APP_ID, TOKEN, typed
from tests.runtime.servers import Reply, Seen, http, serving
from wxoa import Callback
from wxruntime.callback.loopback import serve
from wxruntime.sandbox import Admin


@pytest.mark.parametrize("by", ["file", "environment"])
def test_a_callback_takes_what_is_signed_by_its_own_secrets(by: str, tmp_path: Path) -> None:
    """They come from files or from the environment, and no list of processes shows them."""
    callback = Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    with serve(callback) as server:
        command = ["sandbox", "--port", "0", "--app-id", APP_ID, "--callback-url", server.url]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WXOA_")}
        if by == "environment":
            environment |= {"WXOA_TOKEN": TOKEN, "WXOA_AES_KEY": AES_KEY}
        else:
            for name, secret in (("token", TOKEN), ("aes-key", AES_KEY)):
                path = tmp_path / name
                path.write_text(f"{secret}\n")
                command += [f"--callback-{name}-file", str(path)]
        with subprocess.Popen(
            [sys.executable, "-m", "wxoa", *command],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            address = re.search(r"http://[0-9.:]+", process.stdout.readline())
            assert address is not None
            with Admin(address[0]) as admin:
                checked = admin.check_url()
                push = admin.wait_for_delivery(admin.send_message("o6_ann", content="hi"))
            process.send_signal(signal.SIGTERM)
            said = process.stdout.read()
    callback.close()

    assert (checked.problem, push.problem, push.answered_on) == ("", "", 1)
    assert process.returncode == 0
    assert not any(secret in said for secret in (TOKEN, AES_KEY))


def test_without_a_callback_the_secrets_of_an_account_are_left_alone() -> None:
    """Even one that could not work: nothing is signed with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "wxoa", "sandbox", "--port", "0"],
        env={**os.environ, "WXOA_AES_KEY": "no-key-of-anybody"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()

    assert first.startswith("A local WeChat listens at ")
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--callback-token", "a", "--callback-token-file", "b"], "expected either --callback-"),
        (["--callback-token-file", "/nowhere/at/all"], "cannot read /nowhere/at/all"),
        (["--callback-mode", "safe"], "--callback-aes-key: expected the EncodingAESKey"),
        (["--port", "65536"], "--port: expected"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(
    words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is served."""

    def answer(seen: Seen) -> Reply:
        return http(b"success")

    with serving(answer) as callback:
        said = typed(capsys, "sandbox", "--port", "0", "--callback-url", callback.base_url, *words)

    assert (said.code, said.out) == (2, "")
    assert problem in said.line
    assert not callback.seen

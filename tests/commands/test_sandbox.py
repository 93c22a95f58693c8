"""`wxoa sandbox`: a local WeChat as a process, its options, and the secrets of its pushes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.commands.shell import typed
from tests.runtime.servers import Reply, Seen, http, serving
from tests.sandbox.callbacks import Wire
from wxoa import Callback
from wxruntime.callback.loopback import serve
from wxruntime.httpd import LoopbackServer, Outgoing
from wxruntime.sandbox import Admin


@define
class Sandbox:
    """A `wxoa sandbox` in a process of its own."""

    url: str
    """Its address."""
    out: str
    """What it has printed; all of it once the process has ended."""
    status: int | None = None
    """Its exit code; None while it runs."""


@contextmanager
def sandbox_process(*options: str, env: Mapping[str, str] | None = None) -> Generator[Sandbox]:
    """Serve a local WeChat at a free port, and terminate it in the end.

    Args:
        options: More options of the command.
        env: Variables of the environment beside those of this process; no account is among them.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WXOA_")}
    with subprocess.Popen(
        [sys.executable, "-m", "wxoa", "sandbox", "--port", "0", *options],
        env={**ours, **(env or {})},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        address = re.match(r"A local WeChat listens at (http://127\.0\.0\.1:\d+);", first)
        assert address is not None, first
        sandbox = Sandbox(address[1], first)
        yield sandbox
        process.send_signal(signal.SIGTERM)
        sandbox.out += process.stdout.read()
    sandbox.status = process.returncode


def handled(seen: Seen) -> Reply:
    """Answer a push as handled."""
    return http(b"success")


def test_the_sandbox_serves_until_it_is_told_to_stop() -> None:
    """The process listens, prints how to use it, and exits with 0 once it is terminated."""
    with sandbox_process() as sandbox:
        pass

    assert f"base_url='{sandbox.url}'" in sandbox.out
    assert sandbox.status == 0


def test_without_a_callback_the_secrets_of_an_account_are_left_alone() -> None:
    """A key in the environment that could not work is no mistake where nothing is signed."""
    with sandbox_process(env={"WXOA_AES_KEY": "no-key-of-anybody"}) as sandbox:
        pass

    assert sandbox.status == 0


@pytest.mark.parametrize("by", ["file", "environment"])
def test_a_callback_takes_what_is_signed_by_its_own_secrets(by: str, tmp_path: Path) -> None:
    """They come from files or from the environment, and no list of processes shows them."""
    callback = Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
    with serve(callback) as server:
        options = ["--app-id", APP_ID, "--callback-url", server.url]
        environment: dict[str, str] = {}
        if by == "environment":
            environment = {"WXOA_TOKEN": TOKEN, "WXOA_AES_KEY": AES_KEY}
        else:
            for name, secret in (("token", TOKEN), ("aes-key", AES_KEY)):
                path = tmp_path / name
                path.write_text(f"{secret}\n")
                options += [f"--callback-{name}-file", str(path)]
        with sandbox_process(*options, env=environment) as sandbox, Admin(sandbox.url) as admin:
            checked = admin.check_url()
            push = admin.wait_for_delivery(admin.send_message("o6_ann", content="hi"))
    callback.close()

    assert (checked.problem, push.problem, push.answered_on) == ("", "", 1)
    assert sandbox.status == 0
    assert not any(secret in sandbox.out for secret in (TOKEN, AES_KEY))


@pytest.mark.parametrize("mode", ["compatible", "safe", None])
def test_the_command_encrypts_its_pushes(mode: str | None) -> None:
    """A key means safe mode, unless another mode is asked for."""
    options = ["--app-id", APP_ID, "--callback-aes-key", AES_KEY]
    options += [] if mode is None else ["--callback-mode", mode]
    with serving(handled) as callback:
        options += ["--callback-url", callback.base_url]
        with sandbox_process(*options) as sandbox, Admin(sandbox.url) as admin:
            push = admin.wait_for_delivery(admin.send_message("o6_ann", content="hi"))
        (wire,) = map(Wire, callback.seen)

    assert (push.answered_on, push.problem) == (1, "")
    assert ("Content" in wire.body) == (mode == "compatible")
    assert wire.fields["Content"] == "hi"
    assert sandbox.status == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--port", "-1"], "--port: expected 0 to 65535"),
        (["--port", "65536"], "--port: expected 0 to 65535"),
        (["--app-id", ""], "--app-id: expected "),
        (["--app-secret", ""], "--app-secret: expected "),
        (["--callback-url", "localhost:80"], "--callback-url: expected "),
        (["--callback-url", "ftp://localhost"], "--callback-url: expected "),
        (["--callback-aes-key", "short"], "--callback-aes-key: expected 43 letters and digits"),
        (["--callback-mode", "safe"], "--callback-aes-key: expected the EncodingAESKey"),
        (["--callback-mode", "open"], "--callback-mode: expected one of plain, compatible, safe"),
        (["--callback-token", "a", "--callback-token-file", "b"], "expected either --callback-"),
        (["--callback-token-file", "/nowhere/at/all"], "cannot read /nowhere/at/all"),
    ],
)
def test_an_option_that_cannot_work_is_named(
    options: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mistake is one line of standard error, and nothing is served or pushed."""
    with serving(handled) as callback:
        where = ["--callback-url", callback.base_url]
        said = typed(capsys, "sandbox", "--port", "0", *where, *options)

    assert (said.code, said.out) == (2, "")
    assert said.line.startswith(f"wxoa: {problem}")
    assert not callback.seen


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The command fails in one line with the option and the port, not in a traceback."""
    with LoopbackServer(lambda incoming: Outgoing(200, "text/plain", b"")) as taken:
        said = typed(capsys, "sandbox", "--port", str(taken.port))

    assert (said.code, said.out) == (1, "")
    assert said.line.startswith(f"wxoa: --port: cannot listen at port {taken.port}: ")
    assert re.search("[Aa]ddress already in use", said.line)

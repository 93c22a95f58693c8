"""The demonstration, as the command line gives it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wxruntime.cli import run
from wxruntime.httpd import LoopbackServer, Outgoing

ROOT = Path(__file__).parents[2]


def test_the_demo_walks_a_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    """Every scene is there: waiting, opened, transferred, closed, each with call, answer, push."""
    assert run("wxoa", ["demo"]) == 0

    printed = re.sub(r"\n {23}", " ", capsys.readouterr().out)
    scenes = re.findall(r"^ *\d+ ms  (\w+) +(.*)$", printed, re.MULTILINE)
    said = [text for _, text in scenes]
    calls = [text.split("(")[0] for actor, text in scenes if actor == "call"]
    pushed = [text.split("(")[0] for actor, text in scenes if actor == "event"]
    assert calls == [
        f"client.kf_session.{name}"
        for name in ("wait_case_list", "create", "get", "list", "close", "close", "get")
    ]
    assert pushed == ["KfCreateSessionEvent", "KfSwitchSessionEvent", "KfCloseSessionEvent"]
    assert len([actor for actor, _ in scenes if actor in ("answer", "error")]) == len(calls)
    assert any("total_count=1" in text and "o6_customer" in text for text in said)
    assert any("65414 ServedByAnotherWorker" in text for text in said)
    assert "Session(openid='o6_customer', kf_account='', create_time=Timestamp(0))" in said[-1]


def test_the_demo_needs_no_captured_payloads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the folder, the conversation alone is the demonstration."""
    assert run("wxoa", ["demo", "--samples", str(tmp_path / "none")]) == 0
    assert "no captured payloads" in capsys.readouterr().out


def test_the_demo_reads_no_payloads_unless_a_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The payloads of the current folder are those of some other project."""
    monkeypatch.chdir(ROOT)
    assert run("wxoa", ["demo"]) == 0

    assert "payloads" not in capsys.readouterr().out


def test_a_command_says_what_is_wrong_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is taken ends in one line, not in a traceback."""
    with LoopbackServer(lambda incoming: Outgoing(200, "text/plain", b"")) as taken:
        code = run("wxoa", ["sandbox", "--port", str(taken.port)])

    assert code == 1
    assert re.fullmatch(r"wxoa: .*[Aa]ddress already in use.*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "-1"),
        ("--port", "65536"),
        ("--app-id", ""),
        ("--app-secret", ""),
        ("--callback-url", "localhost:80"),
        ("--callback-url", "ftp://localhost"),
    ],
)
def test_the_sandbox_names_an_option_that_cannot_work(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    """The mistake is one line that begins with the option."""
    code = run("wxoa", ["sandbox", "--port", "0", option, value])

    assert code == 2
    assert re.fullmatch(rf"wxoa: {option}: expected .*\n", capsys.readouterr().err)


def test_the_sandbox_serves_until_it_is_told_to_stop() -> None:
    """`wxoa sandbox` listens, and ends in order when it is terminated."""
    command = [sys.executable, "-m", "wxoa", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()

    assert re.match(r"A local WeChat listens at http://127\.0\.0\.1:\d+;", first)
    assert process.returncode == 0

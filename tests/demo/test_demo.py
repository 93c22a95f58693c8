"""The demonstration, as the command line gives it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wxruntime.cli import run

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

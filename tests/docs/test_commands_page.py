"""What docs/commands.md says is so: its commands print what stands below them."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.commands.shell import APP_SECRET, typed
from tests.docs.pages import Page
from wxoa import Callback, Client, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.wire import JsonObject, json, xml

PAGE = Page("docs/commands.md")
CALLBACK = "http://127.0.0.1:8000/"
PUSH: JsonObject = {
    "ToUserName": "gh_acme",
    "FromUserName": "o6_ann",
    "CreateTime": 1714521600,
    "MsgType": "text",
    "Content": "你好",
    "MsgId": 7,
    "Mood": "good",
}
ANSWER: JsonObject = {"sessionlist": [{"openid": "o6_ann", "createtime": 1714521600}]}
COMMAND = re.compile(r"^\$ wxoa (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.fixture
def callback() -> Iterator[str]:
    """A callback that replies to texts."""

    def greet(message: events.TextMessage) -> replies.TextReply:
        return replies.TextReply(content=f"You wrote: {message.content}")

    with (
        closing(Callback(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)) as receiver,
        serve(receiver) as server,
    ):
        receiver.on(greet)
        yield server.url


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The environment of the page: an account, its files, and a local WeChat for the platform."""
    for name, value in {
        "WXOA_APP_ID": APP_ID,
        "WXOA_APP_SECRET": APP_SECRET,
        "WXOA_TOKEN": TOKEN,
        "WXOA_AES_KEY": AES_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "captured.xml").write_bytes(xml.dumps(PUSH))
    (tmp_path / "answer.json").write_bytes(json.dumps(ANSWER))
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff a photo of nobody")
    monkeypatch.chdir(tmp_path)
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as local,
        Admin(local.url) as admin,
    ):
        monkeypatch.setattr(Client, "service", evolve(Client.service, hosts=(local.url,)))
        admin.put_account("sara@acme")
        admin.write("o6_ann")
        yield


@pytest.mark.usefixtures("shell")
def test_readme_shell(callback: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the README shows works, and the customer of its examples gets the message."""
    (block,) = (block for block in Page("README.md").blocks("sh") if "wxoa call" in block)
    lines = re.findall(r"^wxoa (.*)$", block, re.MULTILINE)
    for line in lines:
        words = line.replace("o6_…", "o6_ann").replace(CALLBACK, callback)
        said = typed(capsys, *shlex.split(words, comments=True))

        assert said.code == 0, f"{line}\n{said.err}"
    assert len(lines) == 4


@pytest.mark.usefixtures("shell")
def test_every_command_prints_what_stands_below_it(
    callback: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In their order; three dots stand for whatever may differ."""
    checker = doctest.OutputChecker()
    blocks = "".join(PAGE.blocks("console"))
    commands: list[tuple[str, str]] = COMMAND.findall(blocks)
    for line, below in commands:
        said = typed(capsys, *shlex.split(line.replace(CALLBACK, callback)))
        printed, told = said.out + said.err, below.replace("…", "...")

        assert checker.check_output(told, printed, doctest.ELLIPSIS), f"{line}\n{printed}"
    assert len(commands) == blocks.count("$ wxoa ") == 15


def test_the_page_names_what_the_commands_take() -> None:
    """Its variables and options are those of the code."""
    sources = Path(typed.__code__.co_filename).parents[2] / "runtime" / "wxruntime" / "commands"
    code = "".join(path.read_text("utf-8") for path in sources.glob("*.py"))
    for name in PAGE.quoted():
        if re.fullmatch("WXOA_[A-Z_]+", name):
            assert f'"{name}"' in code
        elif re.fullmatch("--[a-z-]+-file", name):
            assert name[2:].removesuffix("-file") in code

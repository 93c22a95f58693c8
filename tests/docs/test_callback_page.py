"""What docs/callback.md says is so: its Python runs, its log lines are the code's."""

from __future__ import annotations

import ast
import asyncio
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.account import AES_KEY, APP_ID, TOKEN
from tests.callback.platform import Platform, text_message
from tests.docs.pages import ROOT, Page, block_with, run
from tests.redis_server import RedisServer
from tests.redis_server import redis_server as redis_server
from wxoa import Callback, events, replies
from wxoa.catalog import CATALOG
from wxruntime.callback.asgi import AsgiApp
from wxruntime.callback.loopback import serve
from wxruntime.callback.several import ByUserName
from wxruntime.sandbox import Admin, Delivered, LocalWeChat
from wxruntime.wire import Timestamp

PAGE = Page("docs/callback.md")
SAFE = Platform(aes_key=AES_KEY)
OTHER_KEY = AES_KEY[::-1]
BLOCK_TOKEN = "a-callback-token"
"""The callback token of the blocks that take none from the environment."""


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that the blocks are written for."""
    monkeypatch.setenv("WECHAT_TOKEN", TOKEN)
    monkeypatch.setenv("WECHAT_AES_KEY", AES_KEY)


@contextmanager
def receiving(
    callback: Callback, token: str = TOKEN, aes_key: str | None = AES_KEY
) -> Generator[Admin]:
    """Run a local WeChat that pushes to a callback."""
    with (
        closing(callback),
        serve(callback) as server,
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret="the-app-secret",
            callback_url=server.url,
            callback_token=token,
            callback_aes_key=aes_key,
        ) as wechat,
        Admin(wechat.url) as admin,
    ):
        yield admin


def greet(message: events.TextMessage) -> replies.TextReply:
    """Reply to a text."""
    return replies.TextReply(content=f"{message.content} to you")


def said(delivered: Delivered) -> object:
    """Return the text that a customer is replied; None when there is no reply."""
    return None if delivered.reply is None else delivered.reply.get("Content")


def test_the_smallest_one() -> None:
    """It passes the check of its address, and replies."""
    names = run(block_with(PAGE, "app = callback.asgi"))
    with receiving(names["callback"]) as admin:
        assert admin.check_url().problem == ""
        delivered = admin.wait_for_delivery(admin.send_message("o6_a", content="hello"))

    assert said(delivered) == "You wrote: hello"
    assert isinstance(names["app"], AsgiApp)


def test_replacing_a_token_and_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pushes with the old ones and with the new ones are both accepted."""
    for name, value in {
        "NEW_TOKEN": "the-new-callback-token",
        "OLD_TOKEN": TOKEN,
        "NEW_AES_KEY": OTHER_KEY,
        "OLD_AES_KEY": AES_KEY,
    }.items():
        monkeypatch.setenv(name, value)
    callback = run(block_with(PAGE, "OLD_TOKEN"))["callback"]
    callback.on(greet)
    for token, aes_key in ((TOKEN, AES_KEY), ("the-new-callback-token", OTHER_KEY)):
        with receiving(callback, token, aes_key) as admin:
            delivered = admin.wait_for_delivery(admin.send_message("o6_a", content="hello"))

        assert said(delivered) == "hello to you"


def test_several_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """One handler serves both, each with its own token, key and AppID."""
    for name in ("SHOP", "CAFE"):
        monkeypatch.setenv(f"{name}_TOKEN", f"the-token-of-{name}")
        monkeypatch.setenv(f"{name}_AES_KEY", AES_KEY if name == "SHOP" else OTHER_KEY)
    shop = Platform("the-token-of-SHOP", aes_key=AES_KEY)
    cafe = Platform("the-token-of-CAFE", aes_key=OTHER_KEY, app_id="wxfedcba9876543210")
    names = run(block_with(PAGE, "ByUserName("))
    with closing(names["accounts"]) as accounts:
        assert isinstance(accounts, ByUserName)
        for platform, name in ((shop, "gh_shop"), (cafe, "gh_cafe")):
            push = {**text_message("hello"), "ToUserName": name}
            reply = platform.read(accounts.handle(*platform.deliver(push)).body)
            assert reply["Content"] == f"Welcome to {name}"
            assert accounts.handle(platform.query(echostr="echo")).body == b"echo"


def test_handlers(capsys: pytest.CaptureFixture[str]) -> None:
    """Each way to register one, and the first that fits."""
    callback = run(block_with(PAGE, "callback.default"))["callback"]
    with receiving(callback, BLOCK_TOKEN, None) as admin:

        def reply(number: int) -> object:
            delivered = admin.wait_for_delivery(number)
            return said(delivered) or (delivered.reply or {}).get("MsgType")

        replied = [
            reply(admin.send_message("o6_a", content="a human, please")),
            reply(admin.send_message("o6_b", content="hello")),
            reply(admin.send_message("o6_b", "voice")),
            reply(admin.send_message("o6_b", "image")),
            reply(admin.push_event("subscribe", "o6_b", {})),
            reply(admin.send_message("o6_c", "link")),
        ]

    assert replied == [
        "transfer_customer_service",
        "One moment, please",
        "One moment, please",
        "A fine picture",
        "Welcome!",
        None,
    ]
    assert "LinkMessage from o6_c" in capsys.readouterr().out


def test_middlewares() -> None:
    """Who is blocked gets no reply."""
    callback = run(block_with(PAGE, "callback.middleware"))["callback"]
    with receiving(callback, BLOCK_TOKEN, None) as admin:
        first = admin.wait_for_delivery(admin.send_message("o6_spammer", content="buy"))
        second = admin.wait_for_delivery(admin.send_message("o6_a", content="hello"))

    assert (first.answered_on, said(first), said(second)) == (1, None, "hello")


def test_an_inbox_in_redis(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process has replied, another one replies again without its handler."""
    redis_server.ask("FLUSHALL")
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    runs: Counter[str] = Counter()

    def make(name: str) -> Callback:
        callback: Callback = run(block_with(PAGE, "RedisInbox"))["callback"]

        @callback.on
        def reply(message: events.TextMessage) -> replies.TextReply:
            runs[name] += 1
            return replies.TextReply(content=f"from {name}")

        return callback

    with closing(make("one")) as one, closing(make("other")) as other:
        first = SAFE.read(one.handle(*SAFE.deliver(text_message("hello"))).body)
        again = SAFE.read(other.handle(*SAFE.deliver(text_message("hello"))).body)

    assert (first["Content"], again["Content"], runs) == ("from one", "from one", {"one": 1})


def test_late_replies() -> None:
    """The hook gets the event, and the reply as the handler returned it."""
    names = run(block_with(PAGE, "callback.late"))
    written = events.TextMessage("gh_1", "o6_a", Timestamp(12), "6 times 9?", 1)
    with closing(names["callback"]) as callback:
        asyncio.run(callback.work(written))

    assert names["outbox"].get_nowait() == ("o6_a", replies.TextReply("… forty-two"))


def test_the_test_of_a_callback() -> None:
    """It passes."""
    run(block_with(PAGE, "def test_"))["test_what_a_customer_is_replied"]()


def test_every_block_is_run() -> None:
    """A block that is added gets a test."""
    run_above = re.findall(r"block_with\(PAGE, ", Path(__file__).read_text("utf-8"))

    assert len(run_above) == len(PAGE.blocks())


LINE = re.compile(r"^\| (WARNING|ERROR) \| `([^`]+)` \|", re.MULTILINE)
LEVELS = {"warning": "WARNING", "error": "ERROR", "exception": "ERROR"}


def logged() -> Iterator[tuple[str, str]]:
    """Find level and text of each log line in the code."""
    for room in ("callback", "inbox"):
        for path in (ROOT / "runtime" / "wxruntime" / room).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                match node:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="_log"), attr=level),
                        args=[ast.Constant(value=str(text)), *_],
                    ):
                        yield LEVELS[level], text
                    case _:
                        pass


def test_the_log_lines_are_the_codes() -> None:
    """Each line of the code is in the table, with its level, and no other is."""
    told: list[tuple[str, str]] = LINE.findall(PAGE.text)

    def row_of(level: str, text: str) -> tuple[str, str] | None:
        rows = [row for row in told if row[0] == level and row[1].replace("…", "").strip() in text]
        return max(rows, key=lambda row: len(row[1]), default=None)

    rows = {row_of(level, text) for level, text in logged()}

    assert rows == set(told)


def test_every_reply_stands_in_the_page() -> None:
    """With what it takes."""
    for reply in CATALOG.replies.values():
        (row,) = re.findall(rf"^\| `{reply.class_name}` \| (.*) \|$", PAGE.text, re.MULTILINE)
        own = [field for field in reply.fields[CATALOG.push.header :] if not field.count]
        assert {f"`{field.name}`" for field in own} <= set(re.findall(r"`\w+`", row))

"""What docs/desk.md says is so: its Python runs."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from tests.account import APP_ID
from tests.docs.pages import Page, block_with, run
from tests.redis_server import RedisServer
from tests.redis_server import redis_server as redis_server
from wxoa import AsyncClient, Client, events
from wxoa.catalog import CATALOG
from wxruntime.callback.loopback import serve
from wxruntime.desk import (
    RULES,
    Agent,
    Assigned,
    Assignment,
    AssignmentFailed,
    AsyncDesk,
    Desk,
    MemoryAllowance,
    Reason,
    RedisAllowance,
    Standing,
    Transfer,
    TransferFailed,
    WaitingCase,
)
from wxruntime.sandbox import Admin, LocalWeChat
from wxruntime.wire import Timestamp

PAGE = Page("docs/desk.md")

APP_SECRET = "0123456789abcdef0123456789abcdef"
SARA, MIKE = "sara@acme", "mike@acme"


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Admin]:
    """Somebody at a local WeChat that clients without a `base_url` take for the platform.

    Sara and Mike are online there.
    """
    monkeypatch.setenv("WXOA_APP_SECRET", APP_SECRET)
    with (
        LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat,
        Admin(wechat.url) as admin,
    ):
        service = evolve(Client.service, hosts=(wechat.url,))
        monkeypatch.setattr(Client, "service", service)
        monkeypatch.setattr(AsyncClient, "service", service)
        admin.put_account(SARA)
        admin.put_account(MIKE)
        yield admin


@pytest.fixture
def client(admin: Admin) -> Iterator[Client]:
    """A client of the local WeChat."""
    with Client(app_id=APP_ID, app_secret=APP_SECRET) as client:
        yield client


def come(admin: Admin, *customers: str) -> None:
    """Let customers write to the desk."""
    for openid in customers:
        admin.write(openid)


def test_assigning_everybody(admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve come, and the accounts take five each."""
    come(admin, *(f"o6_{number:02}" for number in range(12)))
    run(block_with(PAGE, "max_customers=5).drain()"))
    said = capsys.readouterr().out.splitlines()

    assert said[:2] == ["o6_00 is served by sara@acme", "o6_01 is served by mike@acme"]
    assert said[10:] == ["o6_10 waits: all_full", "o6_11 waits: all_full"]


def test_a_run_that_fails(admin: Admin, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Whom it has assigned is known, and whom it would have as well where it goes well."""
    come(admin, "o6_a")
    assigned = run(block_with(PAGE, "def assigned("))["assigned"]

    assert assigned(client) == (Assigned("o6_a", SARA),)
    with Client(app_id=APP_ID, app_secret="another-app-secret") as stranger:
        assert assigned(stranger) == ()
    assert "(0 assigned so far, and they stay assigned)" in capsys.readouterr().out


def test_a_run_that_takes_too_long(admin: Admin) -> None:
    """The time is over before the second customer is assigned; the first one is known."""
    come(admin, "o6_a", "o6_b")
    drain_for = run(block_with(PAGE, "def drain_for("))["drain_for"]
    passed = [0.0]

    def late(agents: Sequence[Agent], case: WaitingCase) -> Agent:
        passed[0] += 7200.0 if case.openid == "o6_b" else 0.0
        return agents[0]

    async def drained() -> Assignment:
        loop = asyncio.get_running_loop()
        clock = loop.time
        loop.time = lambda: clock() + passed[0]  # type: ignore[method-assign]
        async with AsyncClient(app_id=APP_ID, app_secret=APP_SECRET) as client:
            result: Assignment = await drain_for(AsyncDesk(client, strategy=late), 3600.0)
            with pytest.raises(asyncio.TimeoutError):
                await drain_for(AsyncDesk(client), 0.0)
            return result

    assert asyncio.run(drained()).assigned == (Assigned("o6_a", SARA),)


def test_a_strategy(admin: Admin, client: Client) -> None:
    """A regular customer goes to Sara, whoever has fewer."""
    come(admin, "o6_new", "o6_regular", "o6_newer")
    names = run(block_with(PAGE, "strategy=familiar"), client=client)

    assert [one.kf_account for one in names["run"].assigned] == [SARA, SARA, MIKE]


def test_looking_through_the_queue(admin: Admin, client: Client) -> None:
    """Beyond the head as well."""
    come(admin, *(f"o6_{number}" for number in range(101)))
    run(block_with(PAGE, ".waiting():"), client=client)

    assert len(client.kf_session.list(SARA)) == 101


def test_awaiting_it(admin: Admin, capsys: pytest.CaptureFixture[str]) -> None:
    """One waits, and is served."""
    come(admin, "o6_a")
    run(block_with(PAGE, "AsyncDesk(client)"))

    assert capsys.readouterr().out == "['o6_a']\n1\n"


def test_transferring(capsys: pytest.CaptureFixture[str]) -> None:
    """The handlers tell a transfer, also one that fails, from a customer who leaves."""
    names = run(block_with(PAGE, "def hand_over"))
    with (
        closing(names["callback"]) as callback,
        serve(callback) as server,
        LocalWeChat(
            CATALOG,
            app_id=APP_ID,
            app_secret=APP_SECRET,
            callback_url=server.url,
            callback_token="a-callback-token",
        ) as wechat,
        Admin(wechat.url) as admin,
        Client(app_id=APP_ID, app_secret=APP_SECRET, base_url=wechat.url) as client,
    ):

        def pushed() -> list[str]:
            for delivery in admin.deliveries():
                assert admin.wait_for_delivery(delivery.id).problem == ""
            return capsys.readouterr().out.splitlines()

        admin.put_account(SARA)
        admin.put_account(MIKE)
        admin.write("o6_a")
        admin.accept("o6_a", SARA)
        assert pushed() == ["sara@acme serves o6_a"]
        names["hand_over"](Desk(client), Transfer("o6_a", SARA, MIKE))
        assert pushed() == ["mike@acme serves o6_a"]
        admin.put_account(SARA, online=False)
        names["hand_over"](Desk(client), Transfer("o6_a", MIKE, SARA))
        admin.close_conversation("o6_a", MIKE)
        failed, left = pushed()

    assert failed.startswith("sara@acme could not take o6_a over: it is not online")
    assert left == "o6_a has left mike@acme"
    assert not names["moving"]


def test_typing(admin: Admin, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer comes, whether or not the customer saw how."""
    come(admin, "o6_a")
    answer = run(block_with(PAGE, "def answer("))["answer"]

    assert answer(Desk(client), "o6_a", lambda: "forty-two") == "forty-two"
    assert capsys.readouterr().out == ""
    admin.advance(60)
    assert answer(Desk(client), "o6_a", lambda: "forty-two") == "forty-two"
    assert "45080 NoRecentInteraction" in capsys.readouterr().out


def test_typing_after_a_message(admin: Admin, client: Client) -> None:
    """Both messages come, and nobody types in the end."""
    come(admin, "o6_a")
    run(block_with(PAGE, "def answer_in_two"))["answer_in_two"](client, "o6_a")

    chat = admin.chat("o6_a")
    assert len(chat.messages) == 2
    assert not chat.typing


def test_counting(admin: Admin, client: Client) -> None:
    """Who has written may be sent something; who has not is sent nothing."""
    come(admin, "o6_a")
    names = run(block_with(PAGE, "callback.middleware"))
    written = events.TextMessage("gh_1", "o6_a", Timestamp(time.time()), "6 times 9?", 1)
    with closing(names["callback"]) as callback:
        asyncio.run(callback.work(written))

    assert names["allowance"].remaining("o6_a") == 5
    assert not names["write"](client, "o6_b", "forty-two")
    assert names["write"](client, "o6_a", "forty-two")
    assert names["allowance"].remaining("o6_a") == 4


def test_sharing_an_allowance(
    admin: Admin, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that another process has received may be answered, and counts."""
    monkeypatch.setenv("WXOA_REDIS_URL", redis_server.url)
    names = run(block_with(PAGE, "RedisAllowance(store)"))
    with closing(names["client"]), closing(names["store"]) as store:
        assert not names["write"]("o6_a", "forty-two")
        come(admin, "o6_a")
        RedisAllowance(store).grant("o6_a", "message", time.time())
        assert names["write"]("o6_a", "forty-two")

        assert names["allowance"].remaining("o6_a") == 4


def test_other_rules() -> None:
    """Those of the page can be counted by."""
    allowance = run(block_with(PAGE, "mini_program"))["mini_program"]

    assert isinstance(allowance, MemoryAllowance)


def test_every_block_is_run() -> None:
    """A block that is added gets a test."""
    run_above = re.findall(r"block_with\(PAGE, ", Path(__file__).read_text("utf-8"))

    assert len(run_above) == len(PAGE.blocks())


ROW = re.compile(r"^\| [^|]+ \| (\d+|any number) \| (\d+) (h|min) \|$", re.MULTILINE)


def test_the_rules_are_the_codes() -> None:
    """Each row of the table, in its order."""
    told = [
        (None if number == "any number" else int(number), int(time) * {"h": 3600, "min": 60}[unit])
        for number, time, unit in ROW.findall(PAGE.text)
    ]

    assert told == [(rule.messages, rule.seconds) for rule in RULES if not rule.ends]
    named = {cause for rule in RULES for cause in rule.causes if " " not in cause}
    assert named - {"message", "payment"} <= PAGE.quoted()


def test_every_standing_and_reason_is_explained() -> None:
    """By the word that a log would show."""
    words = {standing.value for standing in Standing} | {reason.value for reason in Reason}

    assert words <= PAGE.quoted()
    assert {TransferFailed.__name__, AssignmentFailed.__name__} <= PAGE.quoted()

"""An inbox that goes on in memory while its server is away, and waits for nothing too long."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TypeVar

import pytest

from wxruntime.errors import StoreError
from wxruntime.inbox import steady
from wxruntime.inbox.memory import MemoryInbox
from wxruntime.inbox.nonce import meet
from wxruntime.inbox.record import Change, arrive
from wxruntime.inbox.steady import SteadyInbox

R = TypeVar("R")


class Moody(MemoryInbox):
    """An inbox whose server is away when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.away = self.hangs = False

    async def update(self, push: str, change: Change[R]) -> R:
        """Answer, fail or hang."""
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise StoreError("no connection")
        return await super().update(push, change)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines of the callback."""
    return [r.getMessage() for r in caplog.records if r.name == "wxoa.callback"]


def test_an_outage_is_told_once_and_its_end_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only one delivery looks whether the server is back; the others do not wait for it."""

    async def main() -> None:
        moody = Moody()
        inbox = SteadyInbox(moody)
        moody.away = True
        for _ in range(5):
            await inbox.update("p", arrive("a", 4.0))
        assert moody.asked == 1
        later = time.monotonic() + steady.PAUSE
        monkeypatch.setattr(steady, "time", SimpleNamespace(monotonic=lambda: later))
        for _ in range(5):
            await inbox.update("p", arrive("a", 4.0))
        assert moody.asked == 2
        later += steady.PAUSE
        await inbox.update("p", arrive("a", 4.0))
        assert moody.asked == 3
        moody.away = False
        later += steady.PAUSE
        await inbox.update("p", arrive("a", 4.0))
        await inbox.update("p", arrive("a", 4.0))

    asyncio.run(main(), debug=True)

    assert [line.partition(":")[0] for line in said(caplog)] == ["no inbox", "the inbox is back"]


def test_a_server_that_hangs_is_waited_for_only_so_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Waiting for a connection included; then this process goes on by itself."""
    monkeypatch.setattr(steady, "LIMIT", 0.01)

    async def main() -> list[str]:
        moody = Moody()
        inbox = SteadyInbox(moody)
        moody.hangs = True
        turns: list[str] = []
        for owner in "ab":
            turns.append((await inbox.update("p", arrive(owner, 4.0))).turn)  # noqa: PERF401
        assert await inbox.meet("n", meet("x"))
        await inbox.aclose()
        return turns

    assert asyncio.run(main(), debug=True) == ["run", "join"]
    assert "no answer within 0.01 s" in said(caplog)[0]

"""The allowance at the local WeChat, which counts by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.sandbox.scene import Scene
from wxoa import errors
from wxoa.kf_message import Text
from wxruntime.desk import MemoryAllowance

ANNA = "o6_anna"


class Side(Scene):
    """A local WeChat, and an allowance that sees what it pushes."""

    def __init__(self) -> None:
        """Start everything."""
        super().__init__()
        self._ahead = 0.0
        self.allowance = MemoryAllowance(clock=lambda: time.time() + self._ahead)

    def write(self) -> None:
        """Let the customer send a message."""
        self.admin.send_message(ANNA)
        self.allowance.observe(self.next_event())

    def click(self) -> None:
        """Let the customer choose from the menu."""
        self.admin.push_event("CLICK", ANNA, {"EventKey": "help"})
        self.allowance.observe(self.next_event())

    def leave(self) -> None:
        """Let the customer turn away from the account."""
        self.admin.push_event("unsubscribe", ANNA, {})
        self.allowance.observe(self.next_event())

    def wait(self, seconds: float) -> None:
        """Move the time of both forward."""
        self._ahead += seconds
        self.admin.advance(seconds)

    def send(self) -> None:
        """Send a message, if there is one left."""
        if self.allowance.spend(ANNA):
            self.client.kf_message.send(ANNA, Text("hello"))


STEPS: list[Callable[[Side], object]] = [
    *[Side.write, Side.send, Side.send, Side.click, Side.send],
    *[lambda side: side.wait(70), Side.send, Side.send, Side.send],
    *[lambda side: side.wait(1), Side.click, *[Side.send] * 4],
    *[lambda side: side.wait(1), Side.write, *[Side.send] * 3],
    *[lambda side: side.wait(1), Side.write, Side.leave, Side.send],
    *[lambda side: side.wait(1), Side.write, Side.send],
    *[lambda side: side.wait(49 * 3600), Side.send, Side.click, *[Side.send] * 4],
]


def test_what_it_promises_the_platform_keeps() -> None:
    """Each message that it lets through is accepted, and it never says more than is left."""
    with Side() as side:
        for step in STEPS:
            step(side)
            assert side.allowance.remaining(ANNA) <= side.admin.chat(ANNA).allowance


def test_when_it_says_none_there_is_none() -> None:
    """After a message of the customer, and nothing else, both count the same."""
    with Side() as side:
        side.write()
        for _ in range(5):
            assert side.allowance.remaining(ANNA) == side.admin.chat(ANNA).allowance
            side.send()

        assert side.allowance.remaining(ANNA) == 0
        with pytest.raises(errors.MessageQuotaExceeded):
            side.client.kf_message.send(ANNA, Text("one more"))

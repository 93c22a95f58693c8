"""How many messages the account may send a customer, after what the customer did.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import define, field, frozen

from wxruntime.sandbox.refusal import Refusal

__all__ = ["BY_EVENT", "RULES", "Trigger", "Windows"]

Trigger: TypeAlias = Literal["message", "menu", "subscribe", "scan"]
"""Something a customer does that allows the account to send messages."""

CLOSED = 45015
USED_UP = 45047


@frozen
class Rule:
    """What a trigger allows."""

    messages: int
    """How many messages may be sent."""
    seconds: int
    """How long they may be sent, in seconds."""


RULES: Mapping[Trigger, Rule] = {
    "message": Rule(5, 48 * 3600),
    "menu": Rule(3, 60),
    "subscribe": Rule(3, 60),
    "scan": Rule(3, 60),
}
BY_EVENT: Mapping[str, Trigger] = {
    "CLICK": "menu",
    "scancode_push": "menu",
    "scancode_waitmsg": "menu",
    "subscribe": "subscribe",
    "SCAN": "scan",
}
"""Event → the trigger it reports; the events of other menu entries allow no messages."""


@define
class _Window:
    remaining: int
    closes: int


@define
class Windows:
    """The open windows of one customer.

    Each trigger opens a window of its own and replaces the window that the same trigger opened
    before. A message is counted in the window that closes first.
    """

    _open: dict[Trigger, _Window] = field(factory=dict[Trigger, _Window])

    def open(self, trigger: Trigger, now: int) -> None:
        """Open the window of a trigger."""
        rule = RULES[trigger]
        self._open[trigger] = _Window(rule.messages, now + rule.seconds)

    def close(self) -> None:
        """Close all windows, as when the customer unfollows the account."""
        self._open.clear()

    def remaining(self, now: int) -> int:
        """Return how many messages may be sent now."""
        return sum(window.remaining for window in self._still_open(now))

    def use(self, now: int) -> None:
        """Count one message.

        Raises:
            Refusal: If no window is open, or all open windows are used up.
        """
        windows = self._still_open(now)
        if not windows:
            raise Refusal(CLOSED)
        with_room = [window for window in windows if window.remaining]
        if not with_room:
            raise Refusal(USED_UP)
        min(with_room, key=lambda window: window.closes).remaining -= 1

    def _still_open(self, now: int) -> list[_Window]:
        return [window for window in self._open.values() if now < window.closes]

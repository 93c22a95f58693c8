"""How many messages the account may send a customer: so many after what they did, for a while.

Source: https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import define, field, frozen

from wxruntime.sandbox.refusal import Refusal

__all__ = ["BY_EVENT", "RULES", "Deed", "Windows"]

Deed: TypeAlias = Literal["message", "menu", "subscribe", "scan"]
"""What a customer does that lets the account write to them."""

CLOSED = 45015
USED_UP = 45047


@frozen
class Rule:
    """What a deed allows."""

    messages: int
    seconds: int


RULES: Mapping[Deed, Rule] = {
    "message": Rule(5, 48 * 3600),
    "menu": Rule(3, 60),
    "subscribe": Rule(3, 60),
    "scan": Rule(3, 60),
}
BY_EVENT: Mapping[str, Deed] = {
    "CLICK": "menu",
    "scancode_push": "menu",
    "scancode_waitmsg": "menu",
    "subscribe": "subscribe",
    "SCAN": "scan",
}
"""Event → the deed that it tells of; the other entries of a menu allow nothing."""


@define
class _Window:
    left: int
    closes: int


@define
class Windows:
    """What one customer's deeds allow.

    Each deed opens a window of its own, which the next one of its kind opens anew. A message takes
    its place in the one that closes first.
    """

    _open: dict[Deed, _Window] = field(factory=dict[Deed, _Window])

    def open(self, deed: Deed, now: int) -> None:
        """Let a customer do something."""
        rule = RULES[deed]
        self._open[deed] = _Window(rule.messages, now + rule.seconds)

    def close(self) -> None:
        """Let a customer turn away from the account."""
        self._open.clear()

    def left(self, now: int) -> int:
        """Return how many messages may be sent now."""
        return sum(window.left for window in self._still_open(now))

    def use(self, now: int) -> None:
        """Send one message, or refuse to."""
        windows = self._still_open(now)
        if not windows:
            raise Refusal(CLOSED)
        with_room = [window for window in windows if window.left]
        if not with_room:
            raise Refusal(USED_UP)
        min(with_room, key=lambda window: window.closes).left -= 1

    def _still_open(self, now: int) -> list[_Window]:
        return [window for window in self._open.values() if now < window.closes]

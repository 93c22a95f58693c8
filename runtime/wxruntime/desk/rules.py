"""How many messages a customer may be sent after what: the platform's rules, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, runtime_checkable

from attrs import field, frozen

__all__ = [
    "KINDS",
    "MENU_MESSAGE",
    "MESSAGE",
    "PAYMENT",
    "RULES",
    "Push",
    "Rule",
    "by_cause",
    "cause_of",
]

MESSAGE: Final = "message"
"""The customer sent a message, of one of the `KINDS`."""
MENU_MESSAGE: Final = "menu message"
"""The customer chose an entry of a menu message, which is pushed as a text with a `menu_id`."""
PAYMENT: Final = "payment"
"""The customer paid. No push says so; whoever knows of it says so by `grant`."""

KINDS: Final = frozenset(
    {
        "text",
        "image",
        "voice",
        "video",
        "shortvideo",
        "location",
        "link",
        "file",
        "miniprogrampage",
    }
)
"""The kinds of messages that customers send; those of devices are none."""


def _frozen(causes: Iterable[str]) -> frozenset[str]:
    return frozenset(causes)


@frozen
class Rule:
    """What some causes grant."""

    causes: frozenset[str] = field(converter=_frozen)
    """`MESSAGE`, `MENU_MESSAGE`, `PAYMENT`, and events by their names on the wire."""
    messages: int | None
    """How many messages; None for any number."""
    seconds: float
    """For how long from the cause on."""
    ends: bool = False
    """Whether all that was granted until then ends. What happened before grants nothing any more,
    however late it is told; so that is remembered for `seconds`.
    """


RULES: Final = (
    Rule({MESSAGE}, 5, 48 * 3600),
    # A menu's other entries, such as links, grant nothing.
    Rule({MENU_MESSAGE, "CLICK", "scancode_push", "scancode_waitmsg"}, 3, 60),
    Rule({"subscribe"}, 3, 60),
    Rule({"SCAN"}, 3, 60),
    Rule({PAYMENT}, None, 48 * 3600),
    # Remembered for as long as anything before it might have been granted.
    Rule({"unsubscribe"}, 0, 48 * 3600, ends=True),
)
"""What the platform allows.

Source: https://developers.weixin.qq.com/doc/subscription/guide/product/kf/intro.html
"""


def by_cause(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """Return the rule of each cause.

    Raises:
        ValueError: If two rules share a cause.
    """
    found: dict[str, Rule] = {}
    for rule in rules:
        for cause in rule.causes:
            if found.setdefault(cause, rule) is not rule:
                raise ValueError(f"rules: expected one for each cause, got two for {cause!r}")
    return found


class Push(Protocol):
    """An event or a message."""

    @property
    def from_user_name(self) -> str:
        """The customer, by openid."""
        ...

    @property
    def create_time(self) -> int:
        """When it happened, in Unix seconds."""
        ...


@runtime_checkable
class _Event(Protocol):
    @property
    def event_type(self) -> str: ...


@runtime_checkable
class _Message(Protocol):
    @property
    def message_type(self) -> str: ...


@runtime_checkable
class _MenuMessage(Protocol):
    @property
    def menu_id(self) -> str | None: ...


@runtime_checkable
class _Unknown(Protocol):
    """A push that nobody described, which says what it is all the same."""

    @property
    def kind(self) -> str: ...

    @property
    def event(self) -> str: ...


def cause_of(push: Push) -> str:
    """Return the cause that a push is: an event's name, or that the customer wrote; else empty."""
    if isinstance(push, _Event):
        return str(push.event_type)
    if isinstance(push, _Message):
        if isinstance(push, _MenuMessage) and push.menu_id is not None:
            return MENU_MESSAGE
        return MESSAGE if push.message_type in KINDS else ""
    if isinstance(push, _Unknown):
        return push.event or (MESSAGE if push.kind in KINDS else "")
    return ""

"""The platform's rules on how many messages a customer may be sent, as data."""

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
"""The customer chose an entry of a menu message; it is pushed as a text message with `menu_id`."""
PAYMENT: Final = "payment"
"""The customer paid. The platform pushes nothing; call `Allowance.grant` after a payment."""

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
"""The kinds of messages that a customer sends; messages of devices are not among them."""


def _frozen(causes: Iterable[str]) -> frozenset[str]:
    return frozenset(causes)


@frozen
class Rule:
    """How many messages some causes grant, and for how long."""

    causes: frozenset[str] = field(converter=_frozen)
    """What a customer did: `MESSAGE`, `MENU_MESSAGE`, `PAYMENT`, or an event's wire name."""
    messages: int | None
    """How many messages the customer may be sent; None for any number."""
    seconds: float
    """How long the grant is valid, in seconds from the cause on."""
    ends: bool = False
    """Whether this event revokes all earlier grants (an unsubscribe does). It is remembered for
    `seconds`, so that an older push arriving late grants nothing.
    """


RULES: Final = (
    Rule({MESSAGE}, 5, 48 * 3600),
    # Other entries of a menu, such as links, grant nothing.
    Rule({MENU_MESSAGE, "CLICK", "scancode_push", "scancode_waitmsg"}, 3, 60),
    Rule({"subscribe"}, 3, 60),
    Rule({"SCAN"}, 3, 60),
    Rule({PAYMENT}, None, 48 * 3600),
    # Remembered for as long as the longest grant that it revokes could be valid.
    Rule({"unsubscribe"}, 0, 48 * 3600, ends=True),
)
"""The platform's own rules.

Source: https://developers.weixin.qq.com/doc/subscription/guide/product/kf/intro.html
"""


def by_cause(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """Return each cause with its rule.

    Raises:
        ValueError: If two rules share a cause.
    """
    found: dict[str, Rule] = {}
    for rule in rules:
        for cause in rule.causes:
            if found.setdefault(cause, rule) is not rule:
                raise ValueError(f"rules: expected one rule for each cause, got two for {cause!r}")
    return found


class Push(Protocol):
    """An event or a message, with what an allowance reads of it."""

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
    """An unknown event or an unknown kind of message."""

    @property
    def kind(self) -> str: ...

    @property
    def event(self) -> str: ...


def cause_of(push: Push) -> str:
    """Return the cause that a push stands for; empty for an unknown kind of message."""
    if isinstance(push, _Event):
        return str(push.event_type)
    if isinstance(push, _Message):
        if isinstance(push, _MenuMessage) and push.menu_id is not None:
            return MENU_MESSAGE
        return MESSAGE if push.message_type in KINDS else ""
    if isinstance(push, _Unknown):
        return push.event or (MESSAGE if push.kind in KINDS else "")
    return ""

"""The platform's rules on how many messages a customer may be sent, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, Protocol, TypeAlias, runtime_checkable

from attrs import field, frozen

from wxruntime.desk.checks import are_names, is_count, is_finite, is_moment

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
    "rule_behind",
    "rule_of",
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


Causes: TypeAlias = "AbstractSet[str] | list[str] | tuple[str, ...]"
"""The names of causes. A text alone is an iterable of its letters, so no iterable will do."""


def _checked_causes(causes: Causes) -> frozenset[str]:
    if not are_names(causes):
        raise ValueError(
            f"causes: expected one or more names, such as {{'subscribe'}}, got {causes!r}"
        )
    return frozenset(causes)


def _check_messages(instance: object, attribute: object, messages: int | None) -> None:
    if messages is not None and not is_count(messages):
        raise ValueError(
            "messages: expected a whole number of messages, 0 or more, or None for any number, "
            f"got {messages!r}"
        )


def _check_seconds(instance: object, attribute: object, seconds: float) -> None:
    if not is_finite(seconds) or seconds <= 0:
        raise ValueError(f"seconds: expected a finite number of seconds above 0, got {seconds!r}")


@frozen
class Rule:
    """How many messages some causes grant, and for how long.

    Raises:
        ValueError: If the causes are no names, or a number is out of its range.
    """

    causes: frozenset[str] = field(converter=_checked_causes)
    """What a customer did: `MESSAGE`, `MENU_MESSAGE`, `PAYMENT`, or an event's wire name."""
    messages: int | None = field(validator=_check_messages)
    """How many messages the customer may be sent, 0 or more; None for any number."""
    seconds: float = field(validator=_check_seconds)
    """How long the grant is valid, in seconds from the cause on; above 0."""
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


def rule_behind(push: Push, rules: Mapping[str, Rule]) -> Rule | None:
    """Return the rule of a push; None if no rule has its cause, or its time cannot be."""
    return rules.get(cause_of(push)) if is_moment(push.create_time) else None


def rule_of(cause: str, at: float, rules: Mapping[str, Rule]) -> Rule:
    """Return the rule of a cause that the caller names.

    Args:
        cause: The cause.
        at: When it happened, in Unix seconds.
        rules: Each cause with its rule.

    Raises:
        ValueError: If no rule has this cause, or the time is not one from 1970 to 9999.
    """
    rule = rules.get(cause)
    if rule is None:
        raise ValueError(f"cause: expected one of {sorted(rules)}, got {cause!r}")
    if not is_moment(at):
        raise ValueError(f"at: expected Unix seconds, up to the year 9999, got {at!r}")
    return rule

"""Which push it is, however often and in whichever form it is delivered."""

from __future__ import annotations

from hashlib import blake2b
from typing import TypeVar

from attrs import frozen

from wxruntime.wire import JsonValue, json
from wxruntime.wire.push import PushFormat

__all__ = ["Identity"]

E = TypeVar("E")


@frozen
class Identity:
    """Which push it is, and between whom."""

    push: str
    """A digest of what makes it this push."""
    receiver: str
    """The account, by its original id."""
    sender: str
    """The customer, by openid."""

    @classmethod
    def of(cls, format: PushFormat[E], event: E) -> Identity:
        """Identify a push.

        A message is known by its number and the two it is between; the number alone is not
        unique. An event has none: it is known by everything it says, because two may well come
        from one customer in the same second.
        """
        wire = format.fields(event)
        receiver, sender = (_text(wire.get(tag)) for tag in (format.receiver, format.sender))
        number = wire.get(format.message_id)
        said: list[JsonValue]
        kind = wire.get(format.kind)
        is_event = isinstance(kind, str) and kind in format.decoders
        if number is not None and not is_event:
            said = [receiver, sender, str(number)]
        else:
            said = [_known(wire)]
        return cls(blake2b(json.dumps(said), digest_size=16).hexdigest(), receiver, sender)


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _known(value: JsonValue) -> JsonValue:
    """Write a number as its digits, since XML has no other, and an object without its order."""
    if isinstance(value, dict):
        return [[name, _known(value[name])] for name in sorted(value)]
    if isinstance(value, list):
        return [_known(item) for item in value]
    return str(value) if isinstance(value, (int, float)) else value

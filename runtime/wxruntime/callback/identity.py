"""Identifying a push, so that all its deliveries, in any form, are recognized as the same."""

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
    """The identity of a push, with its receiver and its sender."""

    push: str
    """A digest that all deliveries of the push share."""
    receiver: str
    """The account, by its original id."""
    sender: str
    """The customer, by openid."""

    @classmethod
    def of(cls, format: PushFormat[E], event: E) -> Identity:
        """Return the identity of a push.

        A message is identified by its id, its receiver and its sender; the id alone is not unique.
        An event has no id and is identified by its whole content, because a customer may cause two
        events in the same second.
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
    """Return a value in a canonical form: numbers as digits, as in XML, and objects sorted."""
    if isinstance(value, dict):
        return [[name, _known(value[name])] for name in sorted(value)]
    if isinstance(value, list):
        return [_known(item) for item in value]
    return str(value) if isinstance(value, (int, float)) else value

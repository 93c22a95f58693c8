"""What customers and their devices send, and what else happens: by the catalog's names, or tags."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from itertools import count

from wxruntime.catalog import Field, Message
from wxruntime.sandbox.tags import EVENT, KIND, MESSAGE_ID
from wxruntime.wire import JsonObject, JsonValue, text

__all__ = ["MENU_ENTRY", "MessageIds", "by_customer", "event", "message"]

MENU_ENTRY = "bizmsgmenuid"
"""The tag of a text that nobody typed: it is the entry of a menu message that was chosen."""
_DEVICES = "device_"
"""What the kinds of everything begin with that a device says."""
_NUMBERS: Mapping[str, JsonValue] = {"integer": 1, "number": 1.5, "timestamp": 1}


class MessageIds:
    """Gives each message an id of 64 bits, larger than the one before."""

    def __init__(self, now: int) -> None:
        """Begin.

        Args:
            now: The time in Unix seconds; ids that begin later are larger.
        """
        # Somewhere in the second: two that begin at once may push to one callback.
        self._ids = count((now << 32) + secrets.randbits(31))

    def new(self) -> int:
        """Return the next id."""
        return next(self._ids)


def message(
    header: JsonObject,
    kind: str,
    number: int,
    described: Message | None,
    fields: Mapping[str, JsonValue],
) -> JsonObject:
    """Write a message.

    Args:
        header: Receiver, sender and time.
        kind: Its MsgType.
        number: Its id.
        described: What the catalog says of this kind; None for one that it does not know.
        fields: What the message says, by the names in Python or by the tags; what has to be there
            and is not given is made up.

    Raises:
        ValueError: If a field is neither a tag nor described, or stands at the head of the push.
    """
    known = () if described is None else described.fields
    tags = {field.name: field.wire for field in known}
    values: JsonObject = {field.wire: _made_up(field) for field in known if field.required}
    head: JsonObject = {**header, KIND: kind}
    values |= {**head, _id_tag(known): number}
    values |= _beside(head, {_tag(name, tags): value for name, value in fields.items()})
    # The catalog has the order of the wire, in which a decoder is fastest.
    order = dict.fromkeys((*head, *tags.values(), *values))
    return {tag: values[tag] for tag in order if tag in values}


def event(header: JsonObject, kind: str, name: str, fields: Mapping[str, JsonValue]) -> JsonObject:
    """Write an event.

    Args:
        header: Receiver, sender and time.
        kind: Its MsgType.
        name: Its name on the wire.
        fields: What it says, by the tags.

    Raises:
        ValueError: If a field stands at the head of the push.
    """
    head: JsonObject = {**header, KIND: kind, EVENT: name}
    return {**head, **_beside(head, fields)}


def by_customer(push: JsonObject) -> bool:
    """Return whether a customer wrote it: no event, and nothing that a device says."""
    return EVENT not in push and not text(push[KIND], KIND).startswith(_DEVICES)


def _beside(head: JsonObject, fields: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return the fields; refuse any that would say once more whose push it is, or which one."""
    for tag in fields:
        if tag in head:
            raise ValueError(
                f"$.fields: expected none of {', '.join(head)}, which stand at the head of the "
                f"push, got {tag!r}; the openid, and the kind or the event, are given beside them"
            )
    return fields


def _id_tag(known: Iterable[Field]) -> str:
    """Return the tag of the id: most kinds call it alike, some in a way of their own."""
    return next(
        (field.wire for field in known if MESSAGE_ID in (field.wire, *field.also)), MESSAGE_ID
    )


def _tag(name: str, tags: Mapping[str, str]) -> str:
    """Return the tag of a field; what has a capital in it is a tag already."""
    tag = tags.get(name, name)
    if name in tags or tag in tags.values() or tag != tag.lower():
        return tag
    raise ValueError(f"$.fields: expected a tag, or one of {', '.join(tags)}; got {name!r}")


def _made_up(field: Field) -> JsonValue:
    return _NUMBERS.get(field.type.name, f"some {field.name.replace('_', ' ')}")

"""Writing messages and events, from fields by the catalog's names or by their tags."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from itertools import count

from wxruntime.catalog import Field, Message
from wxruntime.sandbox.tags import EVENT, KIND, MESSAGE_ID
from wxruntime.wire import JsonObject, JsonValue, text

__all__ = ["MENU_ENTRY", "MessageIds", "by_customer", "event", "message"]

MENU_ENTRY = "bizmsgmenuid"
"""The tag of a text message that the customer sent by choosing an entry of a menu message."""
_DEVICES = "device_"
"""The prefix of the kinds of all pushes that come from a device."""
_NUMBERS: Mapping[str, JsonValue] = {"integer": 1, "number": 1.5, "timestamp": 1}


class MessageIds:
    """Returns ids for messages: of 64 bits, each larger than the one before."""

    def __init__(self, now: int) -> None:
        """Start from the time, so that a later start gives larger ids.

        Args:
            now: The time, in Unix seconds.
        """
        # A random place in the second: two local WeChats that start at once may share a callback.
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
        kind: The MsgType of the message.
        number: The id of the message.
        described: The message in the catalog; None for an unknown kind.
        fields: The fields, by their names in Python or by their tags; required fields that are not
            given are made up.

    Raises:
        ValueError: If a name is neither a tag nor described, or belongs to the header.
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
        kind: The MsgType of the event.
        name: The name of the event on the wire.
        fields: The fields, by their tags.

    Raises:
        ValueError: If a field belongs to the header.
    """
    head: JsonObject = {**header, KIND: kind, EVENT: name}
    return {**head, **_beside(head, fields)}


def by_customer(push: JsonObject) -> bool:
    """Return whether a push is a message of a customer, not an event or a message of a device."""
    return EVENT not in push and not text(push[KIND], KIND).startswith(_DEVICES)


def _beside(head: JsonObject, fields: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return the fields; refuse those that belong to the header, which has its own arguments."""
    for tag in fields:
        if tag in head:
            raise ValueError(
                f"$.fields: expected none of {', '.join(head)}, which are the header of the push, "
                f"got {tag!r}; pass the customer, and the kind or the event, by their parameters"
            )
    return fields


def _id_tag(known: Iterable[Field]) -> str:
    """Return the tag of the message id; a few kinds have another tag for it than `MsgId`."""
    return next(
        (field.wire for field in known if MESSAGE_ID in (field.wire, *field.also)), MESSAGE_ID
    )


def _tag(name: str, tags: Mapping[str, str]) -> str:
    """Return the tag of a field; a name with a capital letter is taken for a tag."""
    tag = tags.get(name, name)
    if name in tags or tag in tags.values() or tag != tag.lower():
        return tag
    raise ValueError(f"$.fields: expected a tag, or one of {', '.join(tags)}; got {name!r}")


def _made_up(field: Field) -> JsonValue:
    return _NUMBERS.get(field.type.name, f"some {field.name.replace('_', ' ')}")

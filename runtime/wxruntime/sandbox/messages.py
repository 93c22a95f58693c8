"""What customers send, and what else happens: written by the names of the catalog, or by tags."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from itertools import count

from wxruntime.catalog import Field, Message
from wxruntime.wire import JsonObject, JsonValue

__all__ = ["MessageIds", "event", "message"]

_ID = "MsgId"
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
        ValueError: If a field is neither a tag nor described.
    """
    known = () if described is None else described.fields
    tags = {field.name: field.wire for field in known}
    values: JsonObject = {field.wire: _made_up(field) for field in known if field.required}
    values |= {**header, "MsgType": kind, _id_tag(known): number}
    values |= {_tag(name, tags): value for name, value in fields.items()}
    # The catalog has the order of the wire, in which a decoder is fastest.
    order = dict.fromkeys((*header, "MsgType", *tags.values(), *values))
    return {tag: values[tag] for tag in order if tag in values}


def event(header: JsonObject, kind: str, name: str, fields: Mapping[str, JsonValue]) -> JsonObject:
    """Write an event.

    Args:
        header: Receiver, sender and time.
        kind: Its MsgType.
        name: Its name on the wire.
        fields: What it says, by the tags.
    """
    return {**header, "MsgType": kind, "Event": name, **fields}


def _id_tag(known: Iterable[Field]) -> str:
    """Return the tag of the id: most kinds call it alike, some in a way of their own."""
    return next((field.wire for field in known if _ID in (field.wire, *field.also)), _ID)


def _tag(name: str, tags: Mapping[str, str]) -> str:
    """Return the tag of a field; what has a capital in it is a tag already."""
    tag = tags.get(name, name)
    if name in tags or tag in tags.values() or tag != tag.lower():
        return tag
    raise ValueError(f"$.fields: expected a tag, or one of {', '.join(tags)}; got {name!r}")


def _made_up(field: Field) -> JsonValue:
    return _NUMBERS.get(field.type, f"some {field.name.replace('_', ' ')}")

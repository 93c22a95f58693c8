"""JSON inside text: where the platform documents an object, and sends or expects its JSON text."""

from __future__ import annotations

from wxruntime.errors import DecodeError
from wxruntime.wire import json
from wxruntime.wire.types import JsonValue

__all__ = ["as_text", "from_text"]


def from_text(value: JsonValue, name: str) -> JsonValue:
    """Read JSON inside text; a value that is not text is returned unchanged.

    Args:
        value: The value from the wire.
        name: The name of the field, for the error.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return ""
    try:
        return json.loads(value.encode("utf-8", "replace"))
    except DecodeError as error:
        raise error.within(name) from None


def as_text(value: JsonValue) -> str:
    """Write a value as JSON inside text."""
    return json.dumps(value).decode()

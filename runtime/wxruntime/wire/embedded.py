"""JSON inside of text, where the platform promises an object and sends, or wants, its text."""

from __future__ import annotations

from wxruntime.errors import DecodeError
from wxruntime.wire import json
from wxruntime.wire.types import JsonValue

__all__ = ["as_text", "from_text"]


def from_text(value: JsonValue, name: str) -> JsonValue:
    """Read JSON that may stand inside of text; what is no text already stays as it is.

    Args:
        value: What came.
        name: Its name, for the error.
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
    """Write a value as JSON inside of text."""
    return json.dumps(value).decode()

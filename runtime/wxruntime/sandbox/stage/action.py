"""The type of an action, and reading its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wxruntime.errors import EncodeError
from wxruntime.wire import JsonObject, model, text, xml

__all__ = ["Action", "Actions", "fields", "named"]

Action: TypeAlias = "Callable[[JsonObject], JsonObject | None]"
Actions: TypeAlias = "dict[str, Action]"
"""Name → action."""


def named(given: JsonObject, name: str) -> str:
    """Read a name, such as an openid.

    Raises:
        DecodeError: If the name is missing or no text.
        ValueError: If the name is empty, or XML cannot hold it.
    """
    value = text(given.get(name), name)
    if not value:
        raise ValueError(f"$.{name}: expected a name, got empty text")
    try:
        # Every name at the desk is read here, and pushes in XML must be able to hold it.
        xml.dumps({name: value})
    except EncodeError as error:
        raise ValueError(str(error)) from None
    return value


def fields(given: JsonObject) -> JsonObject:
    """Read the fields of a push."""
    return model(given.get("fields", {}), "fields", dict)

"""An action, and reading what it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wxruntime.errors import EncodeError
from wxruntime.wire import JsonObject, model, text, xml

__all__ = ["Action", "Actions", "fields", "named"]

Action: TypeAlias = "Callable[[JsonObject], JsonObject | None]"
Actions: TypeAlias = "dict[str, Action]"
"""Name → what is done."""


def named(given: JsonObject, name: str) -> str:
    """Read a name, which must be there and fit into a push."""
    value = text(given.get(name), name)
    if not value:
        raise ValueError(f"$.{name}: expected a name, got empty text")
    try:
        # Every name the desk knows comes through here, and its pushes are XML.
        xml.dumps({name: value})
    except EncodeError as error:
        raise ValueError(str(error)) from None
    return value


def fields(given: JsonObject) -> JsonObject:
    """Read the fields of a push."""
    return model(given.get("fields", {}), "fields", dict)

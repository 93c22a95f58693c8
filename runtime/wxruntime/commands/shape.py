"""Typed values as plain ones, by their names in Python, and nothing secret in them."""

from __future__ import annotations

from collections.abc import Container
from typing import cast

import attrs

from wxruntime.redact import MASK
from wxruntime.wire import JsonObject, JsonValue

__all__ = ["fields_of", "masked", "plain"]

_UNDESCRIBED = "unknown"
"""Where a model keeps what nobody described."""


def plain(value: object, *, reveal: bool = False) -> JsonValue:
    """Return a value as objects, lists and scalars.

    Moments stay a `Timestamp` and enumerations their members, which are numbers and texts
    that know what they mean.

    Args:
        value: What a call returned, or a push.
        reveal: Whether secrets are shown.
    """
    if isinstance(value, (list, tuple)):
        return [plain(item, reveal=reveal) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {str(name): plain(item, reveal=reveal) for name, item in pairs}
    if attrs.has(type(value)):
        return fields_of(value, reveal=reveal)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)


def fields_of(model: object, *, reveal: bool = False) -> JsonObject:
    """Return the fields of a model; those nobody described are left out where there are none."""
    shown: JsonObject = {}
    for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(model))):
        name, value = field.name, getattr(model, field.name)
        if name == _UNDESCRIBED and not value:
            continue
        # What is secret is kept out of the repr, and nothing else that was described is.
        hidden = field.repr is False and name != _UNDESCRIBED and not reveal
        shown[name] = MASK if hidden and value is not None else plain(value, reveal=reveal)
    return shown


def masked(value: JsonValue, names: Container[str]) -> JsonValue:
    """Return a value as it is on the wire, without what stands behind some names."""
    if isinstance(value, list):
        return [masked(item, names) for item in value]
    if isinstance(value, dict):
        return {k: MASK if k in names else masked(item, names) for k, item in value.items()}
    return value

"""Typed values as plain ones, by their names in Python, and nothing secret in them."""

from __future__ import annotations

from collections.abc import Container
from itertools import chain
from typing import cast

import attrs
from attrs import frozen

from wxruntime.catalog import Catalog
from wxruntime.redact import MASK
from wxruntime.wire import JsonObject, JsonValue

__all__ = ["Plain", "masked", "secret_names"]

_UNDESCRIBED = "unknown"
"""The attribute of a model that holds its unknown fields."""


def secret_names(catalog: Catalog) -> frozenset[str]:
    """Return the names on the wire of everything that is secret in a request or an answer."""
    fields = chain(
        *(model.fields for model in catalog.models.values()),
        *(endpoint.parameters for endpoint in catalog.endpoints.values()),
    )
    return frozenset(field.wire for field in fields if field.secret)


@frozen
class Plain:
    """Makes typed values plain, and shows nothing secret unless it is asked to."""

    secrets: frozenset[str]
    """The wire names of secrets, which are not shown among unknown fields either."""
    reveal: bool = False

    @classmethod
    def of(cls, catalog: Catalog, *, reveal: bool = False) -> Plain:
        """Make one that knows what is secret.

        Args:
            catalog: Says what is.
            reveal: Whether it is shown.
        """
        return cls(frozenset() if reveal else secret_names(catalog), reveal)

    def value(self, value: object) -> JsonValue:
        """Return a value as objects, lists and scalars.

        Moments stay a `Timestamp` and enumerations their members, which are numbers and texts
        that know what they mean.

        Args:
            value: What a call returned, or a push.
        """
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in cast("list[object]", value)]
        if isinstance(value, dict):
            pairs = cast("dict[object, object]", value).items()
            return masked({str(name): self.value(item) for name, item in pairs}, self.secrets)
        if attrs.has(type(value)):
            return self.fields(value)
        if value is None or isinstance(value, (str, int, float)):
            return value
        return str(value)

    def fields(self, model: object) -> JsonObject:
        """Return the fields of a model; the unknown ones are left out if there are none."""
        shown: JsonObject = {}
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(model))):
            name, value = field.name, getattr(model, field.name)
            if name == _UNDESCRIBED and not value:
                continue
            # What is secret is kept out of the repr, and nothing else that was described is.
            hidden = field.repr is False and name != _UNDESCRIBED and not self.reveal
            shown[name] = MASK if hidden and value is not None else self.value(value)
        return shown


def masked(value: JsonValue, names: Container[str]) -> JsonValue:
    """Return a value as it is on the wire, without what stands behind some names."""
    if isinstance(value, list):
        return [masked(item, names) for item in value]
    if isinstance(value, dict):
        return {k: MASK if k in names else masked(item, names) for k, item in value.items()}
    return value

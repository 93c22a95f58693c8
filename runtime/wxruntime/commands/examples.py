"""Plausible values, made up of what the catalog says."""

from __future__ import annotations

from collections.abc import Iterable

from wxruntime.catalog import Catalog, Field
from wxruntime.wire import JsonObject, JsonValue

__all__ = ["example"]

_SCALARS: dict[str, JsonValue] = {
    "integer": 1,
    "number": 1.5,
    "timestamp": 1714112445,
    "boolean": True,
    "flag": 1,
    "any": {},
}


def example(catalog: Catalog, field: Field) -> JsonValue:
    """Return a value that a field may have, as JSON has it; of a list, a single item."""
    if field.type.of in catalog.enums:
        return next(iter(catalog.enums[field.type.of].values.values()))
    if field.type.of in catalog.unions:
        return _variant(catalog, field.type.of)
    if field.type.of in catalog.models:
        return _object(catalog, catalog.models[field.type.of].fields)
    return _SCALARS.get(field.type.name, f"some {field.name.replace('_', ' ')}")


def _variant(catalog: Catalog, union: str) -> JsonObject:
    """Return the first of those that a union may be."""
    described = catalog.unions[union]
    tag, model = next(iter(described.variants.items()))
    fields = _object(catalog, catalog.models[model].fields)
    return {described.tag: tag, **(fields if described.inline else {tag: fields})}


def _object(catalog: Catalog, fields: Iterable[Field]) -> JsonObject:
    """Return a model of which only that is there which has to be."""
    written: JsonObject = {}
    for field in fields:
        if not field.required or field.count:
            continue
        value: JsonValue = example(catalog, field)
        if field.type.of in catalog.unions and isinstance(value, dict):
            written |= value  # its tag stands among the fields around it
            continue
        if field.type.many:
            items: JsonValue = [value]
            value = {field.item: items} if field.item else items
        if field.within:
            inside = written.setdefault(field.within, {})
            assert isinstance(inside, dict)  # a name is a field's or an element's, never both
            inside[field.wire] = value
        else:
            written[field.wire] = value
    return written

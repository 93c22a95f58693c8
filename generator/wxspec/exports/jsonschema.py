"""The language as a JSON Schema, for editors: made of the classes that read it."""

from __future__ import annotations

import json
import types
from typing import Union, get_args, get_origin, get_type_hints

import attrs

from wxspec import schema
from wxspec.reader import FILE_KINDS
from wxspec.values import Float, Int, Text

__all__ = ["json_schema"]

_SCALARS: dict[object, str] = {Text: "string", Int: "integer", Float: "number", bool: "boolean"}


def json_schema() -> str:
    """Return the JSON Schema of a specification's file, as text."""
    definitions: dict[str, object] = {}
    files = [_construct(kind, definitions) for kind in FILE_KINDS.values()]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a wxspec specification",
        "oneOf": files,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _construct(kind: type, definitions: dict[str, object]) -> dict[str, object]:
    """Describe a construct once, and return a reference to it."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # a construct may lead to itself
        hints = get_type_hints(kind)
        fields = attrs.fields(kind)
        definitions[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").split("\n")[0],
            "properties": {
                field.name: {
                    "description": schema.doc_of(field.metadata),
                    **_described(hints[field.name], definitions),
                }
                for field in fields
            },
            "required": [field.name for field in fields if field.default is attrs.NOTHING],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}


def _described(kind: object, definitions: dict[str, object]) -> dict[str, object]:
    """Describe the type of a key."""
    if kind in _SCALARS:
        return {"type": _SCALARS[kind]}
    for expression in schema.EXPRESSIONS:
        if kind is expression:
            return dict(expression.SCHEMA)
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        choices = [_described(item, definitions) for item in inside if item is not type(None)]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if origin is list:
        return {"type": "array", "items": _described(inside[0], definitions)}
    if origin is dict:
        names = {"propertyNames": {"pattern": "^-?[0-9]+$"}} if inside[0] is Int else {}
        values = _described(inside[1], definitions)
        return {"type": "object", **names, "additionalProperties": values}
    if isinstance(kind, type) and attrs.has(kind):
        return _construct(kind, definitions)
    raise AssertionError(f"the language has no JSON Schema for {kind!r}")

"""The wire format: from bytes to values, and from values to bytes.

Generated modules import from here.
"""

from wxruntime.wire.containers import (
    beside,
    element,
    fill,
    given,
    inline_variant,
    keep,
    model,
    models,
    no_fields,
    pop_first,
    present,
    required,
    scalars,
    unknown_variant,
    variant,
    wrapped,
)
from wxruntime.wire.embedded import as_text, from_text
from wxruntime.wire.enums import OpenEnum, OpenIntEnum
from wxruntime.wire.scalars import (
    Timestamp,
    anything,
    boolean,
    integer,
    number,
    optional,
    or_default,
    query_flag,
    text,
)
from wxruntime.wire.types import Codecs, JsonObject, JsonValue

__all__ = [
    "Codecs",
    "JsonObject",
    "JsonValue",
    "OpenEnum",
    "OpenIntEnum",
    "Timestamp",
    "anything",
    "as_text",
    "beside",
    "boolean",
    "element",
    "fill",
    "from_text",
    "given",
    "inline_variant",
    "integer",
    "keep",
    "model",
    "models",
    "no_fields",
    "number",
    "optional",
    "or_default",
    "pop_first",
    "present",
    "query_flag",
    "required",
    "scalars",
    "text",
    "unknown_variant",
    "variant",
    "wrapped",
]

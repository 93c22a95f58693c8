"""A whole document in XML or JSON; its first character decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import json, xml
from wxruntime.wire.types import JsonObject

__all__ = ["Form", "form_of", "parse", "write"]

Form: TypeAlias = Literal["xml", "json"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"
_FORMS: Mapping[bytes, Form] = {b"{": "json", b"<": "xml"}


def parse(body: bytes, what: str = "a push") -> JsonObject:
    """Read a document in XML or JSON into an object.

    Args:
        body: The document.
        what: What the document should be, for the error.

    Raises:
        DecodeError: If it is neither XML nor JSON, or is not well-formed.
    """
    form = form_of(body)
    if form == "json":
        return json.loads_object(body)
    if form == "xml":
        return xml.loads(body)
    raise DecodeError(f"expected {what} in XML or JSON, got neither")


def form_of(body: bytes) -> Form | None:
    """Return the form of a document by its first character; None if it is neither form."""
    start = body.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)[:1]
    return _FORMS.get(start)


def write(wire: JsonObject, form: Form) -> bytes:
    """Write an object as XML or JSON.

    Raises:
        EncodeError: If the form cannot hold a value, or there is no such form.
    """
    if form == "xml":
        return xml.dumps(wire)
    if form == "json":
        return json.dumps(wire)
    raise EncodeError(f"expected the form 'xml' or 'json', got {form!r}")

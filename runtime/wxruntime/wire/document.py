"""A whole document, in either of its forms: XML or JSON, told apart by how it begins."""

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
    """Read a document into an object, whichever of the two forms it has.

    Args:
        body: The document.
        what: What it should be, for the error.

    Raises:
        DecodeError: If it has neither form, or is not well-formed.
    """
    form = form_of(body)
    if form == "json":
        return json.loads_object(body)
    if form == "xml":
        return xml.loads(body)
    raise DecodeError(f"expected {what} in XML or JSON, got neither")


def form_of(body: bytes) -> Form | None:
    """Say which form a document has, by how it begins; None when it has neither."""
    start = body.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)[:1]
    return _FORMS.get(start)


def write(wire: JsonObject, form: Form) -> bytes:
    """Write an object in one of the two forms.

    Raises:
        EncodeError: If it holds what the form cannot, or there is no such form.
    """
    if form == "xml":
        return xml.dumps(wire)
    if form == "json":
        return json.dumps(wire)
    raise EncodeError(f"expected the form 'xml' or 'json', got {form!r}")

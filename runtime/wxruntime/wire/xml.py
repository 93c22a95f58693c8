"""The platform's XML: `<xml>` around elements that hold text or elements, never both.

A repeated element becomes a list. Attributes, mixed content and document types are refused,
because they could not be written back unchanged.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import NoReturn, cast
from xml.parsers import expat

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire.scalars import typename
from wxruntime.wire.types import JsonObject, JsonValue

__all__ = ["MAX_DEPTH", "dumps", "loads"]

MAX_DEPTH = 32
"""The nesting limit of elements."""

_ROOT = "xml"
_LAYOUT = " \t\r\n"


class _Tree:
    """The handlers of one parse, and the tree that they build."""

    __slots__ = ("_open", "_section", "_text", "root")

    def __init__(self) -> None:
        self.root: JsonObject = {}
        # The open elements, innermost last; None for an element without children so far.
        self._open: list[JsonObject | None] = []
        self._text: list[str] = []
        # The number of pieces of text when the last CDATA section ended.
        self._section: int | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes:
            raise DecodeError(
                f"expected elements without attributes, got <{tag} {min(attributes)}=…>"
            )
        stack = self._open
        if not stack:
            if tag != _ROOT:
                raise DecodeError(f"expected <{_ROOT}> around the document, got <{tag}>")
            stack.append(self.root)
            return
        if len(stack) >= MAX_DEPTH:
            raise DecodeError(f"expected at most {MAX_DEPTH} nested elements, got more")
        self._between_elements()
        if stack[-1] is None:
            stack[-1] = {}
        stack.append(None)

    def text(self, text: str) -> None:
        self._text.append(text)

    def start_section(self) -> None:
        # The platform may put a section on its own line; the white space around it is layout.
        if self._section is None and not "".join(self._text).strip(_LAYOUT):
            self._text.clear()

    def end_section(self) -> None:
        self._section = len(self._text)

    def _content(self) -> str:
        """Return the text of the element that ends here."""
        if self._section is not None and not "".join(self._text[self._section :]).strip(_LAYOUT):
            del self._text[self._section :]
        content = "".join(self._text)
        self._forget_text()
        return content

    def _forget_text(self) -> None:
        self._text.clear()
        self._section = None

    def end(self, tag: str) -> None:
        stack = self._open
        value: JsonValue = stack.pop()
        if value is None:
            value = self._content()
        else:
            self._between_elements()
        if not stack:
            return
        parent = stack[-1]
        assert parent is not None  # start() made it an object when this child opened
        if tag not in parent:
            parent[tag] = value
            return
        # Elements hold text or objects, so a list here comes from a repeated element.
        earlier = parent[tag]
        if isinstance(earlier, list):
            earlier.append(value)
        else:
            parent[tag] = [earlier, value]

    def _between_elements(self) -> None:
        """Drop the white space between elements; refuse any other text there."""
        if self._text or self._section is not None:
            between = "".join(self._text).strip(_LAYOUT)
            self._forget_text()
            if between:
                raise DecodeError("expected text or elements in an element, got both")


def _refuse(*_: object) -> NoReturn:
    raise DecodeError("expected no document type and no entities: neither belongs in a push")


def loads(body: bytes) -> JsonObject:
    """Read the platform's XML.

    Raises:
        DecodeError: If the bytes are not well-formed UTF-8 XML of the shape described above.
    """
    if b"\0" in body:
        # expat would detect UTF-16, in spite of the encoding passed to it.
        raise DecodeError("expected UTF-8 text, got a zero byte")
    tree = _Tree()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartCdataSectionHandler = tree.start_section
    parser.EndCdataSectionHandler = tree.end_section
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise DecodeError(f"expected XML: {error}") from None
    return tree.root


_ASCII_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_TROUBLE = re.compile("]]>|\r|[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _is_name(name: str) -> bool:
    """Return whether an element can have this name; expat decides on names beyond ASCII."""
    if not isinstance(cast("object", name), str):
        return False
    if _ASCII_NAME.fullmatch(name):
        return True
    if any(character in name for character in " \t\r\n<>/&'\"=\0"):
        return False
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(f"<{name}/>".encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True


def _in_cdata(trouble: re.Match[str]) -> str:
    """Escape, within a CDATA section, what would end it or change in it."""
    found = trouble[0]
    if found == "]]>":
        return "]]]]><![CDATA[>"
    if found == "\r":
        return "]]>&#13;<![CDATA["  # a parser reads a bare CR as LF
    raise EncodeError(f"expected text that XML can hold, got {found!r}")


def _bare(value: float) -> str:
    """Write a number or a boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        if isfinite(value):
            return int.__repr__(value) if isinstance(value, int) else repr(value)
    except (OverflowError, ValueError, TypeError):  # beyond a double, too many digits, no number
        pass
    raise EncodeError(f"expected a number of the platform's size, got {typename(value)}")


def _write(name: str, value: JsonValue, out: list[str], depth: int) -> None:
    """Write one element, or one element per item of a list."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, list):
                raise EncodeError("expected elements that repeat, got a list of lists", (name,))
            _write(name, item, out, depth)
        return
    if value is None:
        return
    if not _is_name(name):
        raise EncodeError(f"expected a name an XML element can have, got {name!r}")
    if depth > MAX_DEPTH:
        raise EncodeError(f"expected at most {MAX_DEPTH} nested elements, got more")
    out.append(f"<{name}>")
    if isinstance(value, str):
        out.append(f"<![CDATA[{_TROUBLE.sub(_in_cdata, value)}]]>")
    elif isinstance(value, dict):
        for key, item in value.items():
            _write(key, item, out, depth + 1)
    else:
        out.append(_bare(value))
    out.append(f"</{name}>")


def dumps(value: JsonObject) -> bytes:
    """Write an object as the platform's XML: text in CDATA sections, numbers without.

    Raises:
        EncodeError: If XML cannot hold a value.
    """
    out: list[str] = []
    _write(_ROOT, value, out, 1)
    return "".join(out).encode()

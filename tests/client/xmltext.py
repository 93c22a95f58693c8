"""The text of XML: one tree in any of its spellings, and the tree that a document becomes."""

from __future__ import annotations

from random import Random

from wxruntime.wire import JsonObject, JsonValue

__all__ = ["in_xml", "spelled_in_xml"]

GAPS = ("", " ", "\n\t", "\r\n", "<!-- > -->", "<?note x?>", " <!--\n--> ")
OPENINGS = ("", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- -->")

# Beside a section, white space counts as layout even where a reference stands for it.
RETURN = "<![CDATA[]]>&#13;<![CDATA[]]>"


def spelled_in_xml(random: Random, wire: JsonObject) -> bytes:
    """Write a document: plain text for CDATA, white space, comments, references."""
    written = [random.choice(GAPS)]
    for name, value in wire.items():
        written += [_spelled(random, name, value), random.choice(GAPS)]
    inside = "".join(written)
    return f"{random.choice(OPENINGS)}<xml>{inside}</xml>{random.choice(GAPS)}".encode()


def _spelled(random: Random, name: str, value: JsonValue) -> str:
    """Write an element, or one per item of a list."""
    if isinstance(value, list):
        return "".join(_spelled(random, name, item) for item in value)
    space = random.choice(("", " ", "\n"))
    if isinstance(value, dict):
        inside = "".join(_spelled(random, key, item) for key, item in value.items())
    else:
        inside = _text(random, _digits(value))
    return f"<{name}{space}>{inside}</{name}{space}>"


def _text(random: Random, text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    spellings = (
        escaped.replace("\r", "&#xD;"),
        "".join(f"&#{ord(c)};" for c in text),
        "".join(f"<![CDATA[{c}]]>" if c != "\r" else RETURN for c in text) or "<![CDATA[]]>",
    )
    return random.choice(spellings)


def _digits(value: JsonValue) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def in_xml(value: JsonValue) -> JsonValue:
    """Return what a tree is once it was written in XML and read again.

    Everything is text, an element that does not repeat is no list, an empty one is empty text.
    """
    if isinstance(value, list):
        items = [in_xml(item) for item in value]
        return items[0] if len(items) == 1 else items
    if isinstance(value, dict):
        inside = {name: in_xml(item) for name, item in value.items() if item != []}
        return inside or ""
    return _digits(value)

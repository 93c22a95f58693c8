"""Documents that are made to harm whoever reads them."""

from __future__ import annotations

import gzip
from collections.abc import Callable

__all__ = ["BOMBS", "external"]

DEPTH = 50_000
LONG = 700_000
"""Encrypted and in base64, this is still no larger than allowed."""


def _laughs() -> bytes:
    """Ten entities, each of ten of the one before: a gigabyte of text."""
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE xml [{''.join(lines)}]><xml><Content>&a9;</Content></xml>".encode()


def _quadratic() -> bytes:
    """One long entity many times: 25 GB of text of a body that is no larger than allowed."""
    long, uses = "a" * 500_000, "&a;" * 50_000
    return f'<!DOCTYPE xml [<!ENTITY a "{long}">]><xml><Content>{uses}</Content></xml>'.encode()


def _parameter_entities() -> bytes:
    """Entities that are made while the document type is read."""
    return (
        b"<!DOCTYPE xml [<!ENTITY % a \"<!ENTITY b 'hidden'>\"> %a;]>"
        b"<xml><MsgType>text</MsgType><Content>&b;</Content></xml>"
    )


def _encoded(name: str, encoding: str) -> bytes:
    """Hide a document type in another encoding."""
    text = (
        f'<?xml version="1.0" encoding="{name}"?>'
        '<!DOCTYPE xml [<!ENTITY a "hidden">]>'
        "<xml><MsgType>text</MsgType><Content>&a;</Content></xml>"
    )
    return text.encode(encoding)


BOMBS: dict[str, Callable[[], bytes]] = {
    "billion laughs": _laughs,
    "quadratic blow-up": _quadratic,
    "parameter entities": _parameter_entities,
    "UTF-16 with a mark": lambda: _encoded("utf-16", "utf-16"),
    "UTF-16, little end first": lambda: _encoded("utf-16", "utf-16-le"),
    "UTF-16, big end first": lambda: _encoded("utf-16", "utf-16-be"),
    "UTF-32": lambda: _encoded("utf-32", "utf-32"),
    "UTF-7": lambda: _encoded("utf-7", "utf-7"),
    "UTF-7, undeclared": lambda: b"+ADw-xml+AD4APA-Content+AD4-a+ADw-/Content+AD4APA-/xml+AD4-",
    "EBCDIC": lambda: _encoded("cp037", "cp037"),
    "declared as UTF-16": lambda: _encoded("utf-16", "ascii"),
    "a document type and nothing in it": lambda: (
        b"<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>"
    ),
    "elements 50,000 deep": lambda: b"<xml>" + b"<a>" * DEPTH + b"</a>" * DEPTH + b"</xml>",
    "elements that never end": lambda: b"<xml>" + b"<a>" * DEPTH,
    "lists 50,000 deep": lambda: b'{"a":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "objects 50,000 deep": lambda: b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    "lists that never end": lambda: b'{"a":' + b"[" * DEPTH,
    "a number of 700,000 digits": lambda: b'{"CreateTime":' + b"9" * LONG + b"}",
    "60,000 attributes": lambda: (
        b"<xml " + b" ".join(b'a%d=""' % n for n in range(60_000)) + b"></xml>"
    ),
    "a name of 700,000 letters": lambda: b"<xml><" + b"a" * LONG + b">",
    "a comment that never ends": lambda: b"<xml><!--" + b"-" * LONG,
    "a CDATA section that never ends": lambda: b"<xml><Content><![CDATA[" + b"]" * LONG,
    "zero bytes": lambda: b"<xml><Content>" + b"\0" * 1000 + b"</Content></xml>",
    "nothing but zero bytes": lambda: b"\0" * LONG,
    "invalid UTF-8": lambda: b"<xml><Content>\xff\xfe\xc0\x80\xed\xa0\x80</Content></xml>",
    "a compressed document": lambda: gzip.compress(b"<xml>" + b"a" * (20 << 20) + b"</xml>"),
    "another document behind": lambda: b"<xml></xml><xml></xml>",
    "neither XML nor JSON": lambda: b"signature=1&" * 1000,
}
"""Documents of which nothing may be read: name → what makes it."""


def external(port: int) -> dict[str, bytes]:
    """Return documents that want something of somebody else.

    Args:
        port: Where that would be, on loopback.
    """
    there = f"http://127.0.0.1:{port}/"
    uses = "<xml><MsgType>text</MsgType><Content>&a;</Content></xml>"
    documents = {
        "an entity of the network": f'<!DOCTYPE xml [<!ENTITY a SYSTEM "{there}">]>{uses}',
        "an entity of the disk": f'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>{uses}',
        "a document type elsewhere": f'<!DOCTYPE xml SYSTEM "{there}">{uses}',
        "a parameter elsewhere": f'<!DOCTYPE xml [<!ENTITY % b SYSTEM "{there}"> %b;]>{uses}',
        "an inclusion": (
            '<xml xmlns:xi="http://www.w3.org/2001/XInclude">'
            f'<xi:include href="{there}" parse="text"/></xml>'
        ),
    }
    return {name: text.encode() for name, text in documents.items()}

"""Pushes as the platform writes them, and all the ways to spoil one."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.client.described import is_scanned, marks_of, pushes
from wxoa.catalog import CATALOG
from wxruntime.catalog import Document, Field

Fields = list[tuple[bytes, bytes]]
"""The elements of a push: name and raw content, in order."""

HEADER = ("ToUserName", "FromUserName", "CreateTime")


def described(name: str) -> Document:
    """Find an event or a message by the name of its class."""
    return next(push for push in pushes() if push.class_name == name)


def fields_of(name: str, *, optional: bool = True) -> Fields:
    """Write the elements of an event or a message as the platform does."""
    push = described(name)
    elements: Fields = [
        (field.wire.encode(), _content(field))
        for field in push.fields
        if field.required or optional
    ]
    marks = [(tag.encode(), f"<![CDATA[{said}]]>".encode()) for tag, said in marks_of(push).items()]
    return elements[: len(HEADER)] + marks + elements[len(HEADER) :]


def _content(field: Field) -> bytes:
    numbers = CATALOG.enums[field.type.of].values.values() if field.type.of in CATALOG.enums else ()
    if field.type.name in ("timestamp", "integer") or any(
        isinstance(said, int) for said in numbers
    ):
        return b"1714037059"
    if field.type.name == "number":
        return b"23.134521"
    return f"<![CDATA[{field.wire} 客服 of sara@acme]]>".encode()


def document(fields: Fields, between: bytes = b"\n") -> bytes:
    """Put elements into a document."""
    inside = between.join(b"<%b>%b</%b>" % (name, content, name) for name, content in fields)
    return b"<xml>" + between + inside + between + b"</xml>"


def names() -> list[str]:
    """List the events and messages that have a scanner, by the names of their classes."""
    return [push.class_name for push in pushes() if is_scanned(push)]


PIECES: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\x01",
    b"\x08",
    b"\x0b",
    b"\x0c",
    b"\x1f",
    b"\x7f",
    b"\xc2\x80",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xef\xbf\xbe",
    b"\xef\xbf\xbf",
    b"\xef\xbf\xbd",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\xbf\xbe",
    b"\xf0\x9f\x98\x80",
    b"\xf4\x90\x80\x80",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xff",
    b"\xfe\xff",
    b"]",
    b"]]",
    b"]]>",
    b"]]]]><![CDATA[>",
    b"<![CDATA[",
    b"<![CDATA[]]>",
    b"<![CDATA[a]]><![CDATA[b]]>",
    b"<![cdata[a]]>",
    b"<!-- c -->",
    b"<!-- <Event><![CDATA[x]]></Event> -->",
    b"<?pi x?>",
    b"<?xml version='1.0'?>",
    b'<?xml version="1.0" encoding="GBK"?>',
    b'<?xml version="1.0" encoding="UTF-16"?>',
    b"<!DOCTYPE xml>",
    b'<!DOCTYPE xml [<!ENTITY e "x">]>',
    b"&amp;",
    b"&lt;",
    b"&#13;",
    b"&#0;",
    b"&#65534;",
    b"&#x4e2d;",
    b"&e;",
    b"&",
    b"<",
    b">",
    b"/",
    b"<a>x</a>",
    b"<a/>",
    b"<KfAccount/>",
    b"<Event>other</Event>",
    b"<Event><![CDATA[kf_close_session]]></Event>",
    b"<MsgType><![CDATA[text]]></MsgType>",
    b"<MsgType><![CDATA[event]]></MsgType>",
    b"<MsgId>2</MsgId>",
    b"<KfAccount><![CDATA[second]]></KfAccount>",
    b"</xml>",
    b"<xml>",
    b"1_2",
    b" 12 ",
    b"+5",
    b"-5",
    b"-0",
    b"007",
    b"1e3",
    b"1.0",
    b"0x1f",
    "１２".encode(),
    "٣".encode(),
    b"1.",
    b".5",
    b"-0.0",
    b"0.1234567890123456789",
    b"nan",
    b"inf",
    b"9" * 15,
    b"9" * 16,
    b"9" * 18,
    b"9" * 19,
    b"9" * 20,
    b"9" * 5000,
)
"""What is put into documents: each is one way a careless reader goes wrong."""

WHOLE: tuple[Callable[[bytes], bytes], ...] = (
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body.decode("utf-8", "replace").encode("utf-16"),
    lambda body: body.decode("utf-8", "replace").encode("utf-16-le"),
    lambda body: body.decode("utf-8", "replace").encode("utf-16-be"),
    lambda body: body.decode("utf-8", "replace").encode("gbk", "replace"),
    lambda body: b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body,
    lambda body: b'<?xml version="1.0" encoding="UTF-8"?>\n' + body,
    lambda body: body + b"\0",
    lambda body: body + b" \r\n",
    lambda body: body + b"trailing",
    lambda body: body + b"<!-- -->",
    lambda body: body + body,
    lambda body: body.replace(b"\n", b"\r\n"),
    lambda body: body.replace(b"<xml>", b"<xml a='b'>"),
    lambda body: body.replace(b"<xml>", b"<xml >"),
    lambda body: body.replace(b"<xml>", b"<XML>").replace(b"</xml>", b"</XML>"),
    lambda body: body.replace(b"</Event>", b"</Event >"),
    lambda body: body.replace(b"<Event>", b"<Event x=''>"),
    lambda body: body.replace(b"<Event>", b"<Event\n>"),
    lambda body: body.replace(b"<Event>", b"<a:Event>").replace(b"</Event>", b"</a:Event>"),
    lambda body: body.replace(b"<![CDATA[", b"").replace(b"]]>", b""),
    lambda body: body.replace(b"<xml>", b"").replace(b"</xml>", b""),
)
"""Changes of a whole document."""

ORDINARY: tuple[bytes, ...] = (
    b"<![CDATA[]]>",
    b"<![CDATA[a\n\tb]]>",
    "<![CDATA[客服 & <b>😀]]>".encode(),
    b"<![CDATA[ ]]>",
    b"0",
    b"-1",
    b"1714037059",
    b"6054768590064713728",
)
"""Contents that the platform could write."""


def _change_field(random: Random, fields: Fields) -> None:
    """Spoil one element, or the shape of the whole."""
    at = random.randrange(len(fields))
    name, content = fields[at]
    piece = random.choice(PIECES + ORDINARY)
    match random.randrange(9):
        case 0:
            fields[at] = name, piece
        case 1:
            fields[at] = name, b"<![CDATA[" + piece + b"]]>"
        case 2:
            cut = random.randrange(len(content) + 1)
            fields[at] = name, content[:cut] + piece + content[cut:]
        case 3:
            fields.insert(
                random.randrange(len(fields) + 1), (name, random.choice((piece, content)))
            )
        case 4:
            del fields[at]
        case 5:
            other = random.randrange(len(fields))
            fields[at], fields[other] = fields[other], fields[at]
        case 6:
            fields[at] = name, b"<%b>%b</%b>" % (name, content, name)
        case 7:
            fields[at] = random.choice(fields)[0], content
        case _:
            fields.insert(at, (b"Unknown" + bytes([random.randrange(65, 91)]), piece))


def _change_bytes(random: Random, body: bytes) -> bytes:
    at, end = sorted((random.randrange(len(body) + 1), random.randrange(len(body) + 1)))
    match random.randrange(6):
        case 0:
            return body[:at] + random.choice(PIECES) + body[at:]
        case 1:
            return body[:at] + random.choice(PIECES) + body[at + 1 :]
        case 2:
            return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
        case 3:
            return body[:at] + body[end:] if random.randrange(4) else body[:at]
        case 4:
            return body[:end] + body[at:]
        case _:
            return random.choice(WHOLE)(body)


def mutated(random: Random, name: str) -> bytes:
    """Make a push that is spoiled in a few places, or in none."""
    fields = fields_of(name, optional=bool(random.randrange(2)))
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        if fields:
            _change_field(random, fields)
    body = document(fields, random.choice((b"", b"\n", b" \t\n", b"\n\n")))
    return spoiled(random, body, random.choice((0, 0, 0, 1, 1, 2)))


def spoiled(random: Random, body: bytes, times: int) -> bytes:
    """Change a document byte by byte, or as a whole."""
    for _ in range(times):
        body = _change_bytes(random, body)
    return body

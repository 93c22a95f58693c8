"""Pushes: bytes → typed event, and back.

The reference decoder reads the whole document (XML by expat, JSON by the JSON room) and looks
the event up in a table. Above it stand scanners, one per event whose fields are all single
values: a pattern over the document exactly as the platform writes it. A scanner accepts only
what it fully understands, and then gives what the reference would give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

from attrs import Factory, field, frozen

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import json, xml
from wxruntime.wire.types import JsonObject

__all__ = ["MAX_SIZE", "PushFormat", "Scanner"]

MAX_SIZE = 1 << 20
"""How large a push may be, in bytes."""

E = TypeVar("E")

# U+FFFE and U+FFFF, which XML forbids, begin with these bytes in UTF-8; so do a few allowed
# characters, which the reference then reads.
_NEAR_NONCHARACTERS = b"\xef\xbf"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"


class Scanner(Generic[E]):
    """One event's pattern, compiled on first use, and what builds the event from its groups."""

    __slots__ = ("_build", "_match", "_pattern")

    def __init__(self, pattern: bytes, build: Callable[..., E]) -> None:
        self._pattern = pattern
        self._build = build
        self._match: Callable[[bytes], re.Match[bytes] | None] | None = None

    def scan(self, body: bytes) -> E | None:
        """Return the event, or None for a document the reference has to read."""
        match = self._match
        if match is None:
            match = self._match = re.compile(self._pattern).fullmatch
        found = match(body)
        if found is None or _NEAR_NONCHARACTERS in body:
            return None
        try:
            return self._build(*found.groups())
        except UnicodeDecodeError:
            return None


@frozen
class PushFormat(Generic[E]):
    """How one service's pushes look, and the table of its events."""

    kind: str
    """The tag that says what kind of push it is: `MsgType`."""
    event_kind: str
    """The kind whose pushes are events: `event`."""
    event: str
    """The tag that names the event: `Event`."""
    decoders: Mapping[str, Callable[[JsonObject], E]]
    """Event name → what reads it."""
    unknown: Callable[[JsonObject], E]
    """Keeps a push that nobody described."""
    scanners: Mapping[bytes, Scanner[E]] = field(factory=dict[bytes, Scanner[E]])
    """Event name, as bytes → its scanner."""
    _mark: bytes = field(
        init=False,
        default=Factory(lambda self: f"<{self.event}><![CDATA[".encode(), takes_self=True),
    )

    def decode(self, body: bytes, max_size: int = MAX_SIZE) -> E:
        """Read a push, XML or JSON."""
        if len(body) > max_size:
            raise DecodeError(f"expected a push of at most {max_size} bytes, got {len(body)}")
        event = self.scan(body)
        return self.decode_reference(body) if event is None else event

    def scan(self, body: bytes) -> E | None:
        """Read a push as the platform writes it; None for anything unusual."""
        start = body.find(self._mark) + len(self._mark)
        scanner = self.scanners.get(body[start : body.find(b"]", start)])
        return None if scanner is None else scanner.scan(body)

    def decode_reference(self, body: bytes) -> E:
        """Read a push of any shape."""
        wire = self.parse(body)
        if wire.get(self.kind) == self.event_kind:
            name = wire.get(self.event)
            decode = self.decoders.get(name) if isinstance(name, str) else None
            if decode is not None:
                return decode(wire)
        return self.unknown(wire)

    @staticmethod
    def parse(body: bytes) -> JsonObject:
        """Read a push into an object, whichever of the two forms it has."""
        start = body.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)[:1]
        if start == b"{":
            return json.loads_object(body)
        if start == b"<":
            return xml.loads(body)
        raise DecodeError("expected a push in XML or JSON, got neither")

    @staticmethod
    def write(wire: JsonObject, form: Literal["xml", "json"]) -> bytes:
        """Write an object in one of the two forms of a push."""
        if form == "xml":
            return xml.dumps(wire)
        if form == "json":
            return json.dumps(wire)
        raise EncodeError(f"expected the form 'xml' or 'json', got {form!r}")

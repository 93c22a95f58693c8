"""Pushes: bytes → typed event or message, and back.

The reference decoder reads the whole document (XML by expat, JSON by the JSON room) and looks
its class up in a table. Above it stand scanners, one per class whose fields are all single
values: a pattern over the document exactly as the platform writes it. A scanner accepts only
what it fully understands, and then gives what the reference would give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from attrs import Factory, field, frozen

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import document
from wxruntime.wire.containers import taken_out
from wxruntime.wire.document import Form
from wxruntime.wire.types import Codecs, JsonObject

__all__ = ["MAX_SIZE", "PushFormat", "Scanner"]

MAX_SIZE = 1 << 20
"""How large a push may be, in bytes."""

E = TypeVar("E")

# U+FFFE and U+FFFF, which XML forbids, begin with these bytes in UTF-8; so do a few allowed
# characters, which the reference then reads.
_NEAR_NONCHARACTERS = b"\xef\xbf"


class Scanner(Generic[E]):
    """One class's pattern, compiled on first use, and what builds the event from its groups."""

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
    """How one service's pushes look, and the tables of its events and messages."""

    kind: str
    """The tag that says what kind of push it is: `MsgType`."""
    event_kind: str
    """The kind whose pushes are events: `event`."""
    event: str
    """The tag that names the event: `Event`."""
    decoders: Mapping[str, Mapping[str, Callable[[JsonObject], E]]]
    """Kind of push → name of an event of that kind → what reads it."""
    unknown: Callable[[JsonObject], E]
    """Keeps a push that nobody described."""
    scanners: Mapping[bytes, Mapping[bytes, Scanner[E]]] = field(
        factory=dict[bytes, Mapping[bytes, Scanner[E]]]
    )
    """Kind of push → name of an event of that kind → its scanner, both as bytes."""
    message_decoders: Mapping[str, Callable[[JsonObject], E]] = field(
        factory=dict[str, Callable[[JsonObject], E]]
    )
    """Kind of message → what reads it."""
    message_scanners: Mapping[bytes, Scanner[E]] = field(factory=dict[bytes, Scanner[E]])
    """Kind of message, as bytes → its scanner."""
    bare: Mapping[type, Mapping[str, tuple[str, ...]]] = field(
        factory=dict[type, Mapping[str, tuple[str, ...]]]
    )
    """Class → element → the fields that stand outside of it in JSON."""
    codecs: Codecs = field(factory=Codecs)
    """Class → what writes it."""
    receiver: str = "ToUserName"
    """The tag that says which account a push is for; empty when there is none."""
    sender: str = "FromUserName"
    """The tag that says which customer it comes from; empty when there is none."""
    time: str = "CreateTime"
    """The tag that says when it was sent; empty when there is none."""
    message_id: str = "MsgId"
    """The tag that tells a message from all others of its sender; empty when there is none."""
    _kind_mark: bytes = field(
        init=False, default=Factory(lambda self: _opening(self.kind), takes_self=True)
    )
    _event_mark: bytes = field(
        init=False, default=Factory(lambda self: _opening(self.event), takes_self=True)
    )

    def decode(self, body: bytes, max_size: int = MAX_SIZE) -> E:
        """Read a push, XML or JSON."""
        body = bytes(body)  # a bytearray cannot be looked up in a table
        if len(body) > max_size:
            raise DecodeError(f"expected a push of at most {max_size} bytes, got {len(body)}")
        event = self.scan(body)
        return self.decode_reference(body) if event is None else event

    def scan(self, body: bytes) -> E | None:
        """Read a push as the platform writes it; None for anything unusual."""
        # What these finds come upon only chooses a pattern; the pattern decides.
        start = body.find(self._kind_mark) + len(self._kind_mark)
        kind = body[start : body.find(b"]", start)]
        scanner = None
        events = self.scanners.get(kind)
        if events is not None:
            start = body.find(self._event_mark, start) + len(self._event_mark)
            scanner = events.get(body[start : body.find(b"]", start)])
        scanner = scanner or self.message_scanners.get(kind)
        return None if scanner is None else scanner.scan(body)

    def decode_reference(self, body: bytes) -> E:
        """Read a push of any shape."""
        return self.read(self.parse(body))

    def read(self, wire: JsonObject) -> E:
        """Read a push that is an object already, taking it apart."""
        return (self._decoder(wire) or self.unknown)(wire)

    def _decoder(self, wire: JsonObject) -> Callable[[JsonObject], E] | None:
        """Find what reads a push: as an event, or else as a message of its kind."""
        kind, name = wire.get(self.kind), wire.get(self.event)
        if not isinstance(kind, str):
            return None
        events = self.decoders.get(kind)
        decode = None if events is None or not isinstance(name, str) else events.get(name)
        return decode or self.message_decoders.get(kind)

    def encode(self, event: E, form: Form = "xml") -> bytes:
        """Write a push in one of its two forms.

        Raises:
            EncodeError: If it is no push of this service, or holds what the form cannot.
        """
        wire = self.fields(event)
        if form == "json":
            for element, names in self.bare.get(type(event), {}).items():
                wire = taken_out(wire, element, names)
        return document.write(wire, form)

    def fields(self, event: E) -> JsonObject:
        """Return a push as the object that goes over the wire.

        Raises:
            EncodeError: If it is none of the classes of this service's pushes.
        """
        kind = type(event)
        if kind in self.codecs:
            wire = self.codecs[kind].encode(event)
            # A model that only stands inside of pushes has a codec too, and is of no kind.
            if kind is self.unknown or self._decoder(wire) is not None:
                return wire
        raise EncodeError(f"expected an event or a message, got {kind.__name__}")

    @staticmethod
    def parse(body: bytes) -> JsonObject:
        """Read a push into an object, whichever of the two forms it has."""
        return document.parse(body)


def _opening(tag: str) -> bytes:
    """Write how an element begins whose text stands in a CDATA section."""
    return f"<{tag}><![CDATA[".encode()

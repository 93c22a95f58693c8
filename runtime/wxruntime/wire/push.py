"""Pushes: bytes → typed event or message, and back.

The reference decoder reads the whole document (XML by expat, JSON by `wire.json`) and looks up the
decoder of its class in a table. For speed, each class whose fields are all single values also has a
scanner: a pattern over the document exactly as the platform writes it. A scanner accepts only
documents that it matches completely, and returns what the reference decoder would return.
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
"""The size limit of a push, in bytes."""

E = TypeVar("E")

# U+FFFE and U+FFFF, which XML forbids, begin with these bytes in UTF-8. So do a few allowed
# characters; documents with those go to the reference decoder.
_NEAR_NONCHARACTERS = b"\xef\xbf"


class Scanner(Generic[E]):
    """The pattern of one class, compiled on first use, and the function that builds the event."""

    __slots__ = ("_build", "_match", "_pattern")

    def __init__(self, pattern: bytes, build: Callable[..., E]) -> None:
        self._pattern = pattern
        self._build = build
        self._match: Callable[[bytes], re.Match[bytes] | None] | None = None

    def scan(self, body: bytes) -> E | None:
        """Return the event; None if the reference decoder has to read the document."""
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
    """The format of a service's pushes, with the tables of its events and messages."""

    kind: str
    """The tag with the kind of a push: `MsgType`."""
    event_kind: str
    """The kind of pushes that are events: `event`."""
    event: str
    """The tag with the name of an event: `Event`."""
    decoders: Mapping[str, Mapping[str, Callable[[JsonObject], E]]]
    """Kind of push → name of an event of that kind → its decoder."""
    unknown: Callable[[JsonObject], E]
    """Keeps an unknown event or an unknown kind of message."""
    scanners: Mapping[bytes, Mapping[bytes, Scanner[E]]] = field(
        factory=dict[bytes, Mapping[bytes, Scanner[E]]]
    )
    """Kind of push → name of an event of that kind → its scanner, both as bytes."""
    message_decoders: Mapping[str, Callable[[JsonObject], E]] = field(
        factory=dict[str, Callable[[JsonObject], E]]
    )
    """Kind of message → its decoder."""
    message_scanners: Mapping[bytes, Scanner[E]] = field(factory=dict[bytes, Scanner[E]])
    """Kind of message, as bytes → its scanner."""
    bare: Mapping[type, Mapping[str, tuple[str, ...]]] = field(
        factory=dict[type, Mapping[str, tuple[str, ...]]]
    )
    """Class → element → those of its fields that stand outside of it in JSON."""
    codecs: Codecs = field(factory=Codecs)
    """Class → its codec."""
    receiver: str = "ToUserName"
    """The tag with the account that a push is for; empty if there is none."""
    sender: str = "FromUserName"
    """The tag with the customer that a push comes from; empty if there is none."""
    time: str = "CreateTime"
    """The tag with the time of a push; empty if there is none."""
    message_id: str = "MsgId"
    """The tag with the id of a message; empty if there is none."""
    _kind_mark: bytes = field(
        init=False, default=Factory(lambda self: _opening(self.kind), takes_self=True)
    )
    _event_mark: bytes = field(
        init=False, default=Factory(lambda self: _opening(self.event), takes_self=True)
    )

    def decode(self, body: bytes, max_size: int = MAX_SIZE) -> E:
        """Read a push in XML or JSON.

        Args:
            body: The document.
            max_size: The size limit, in bytes.

        Raises:
            DecodeError: If it is too large, not well-formed, or does not match the specification.
        """
        body = bytes(body)  # a slice of a bytearray is no key of a table
        if len(body) > max_size:
            raise DecodeError(f"expected a push of at most {max_size} bytes, got {len(body)}")
        event = self.scan(body)
        return self.decode_reference(body) if event is None else event

    def scan(self, body: bytes) -> E | None:
        """Read a push by its scanner; None if it is written in any unusual way."""
        # A wrong match here can only choose a pattern, which then does not match.
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
        """Read a push by the reference decoder."""
        return self.read(self.parse(body))

    def read(self, wire: JsonObject) -> E:
        """Read a push from an object, which the decoder consumes."""
        return (self._decoder(wire) or self.unknown)(wire)

    def _decoder(self, wire: JsonObject) -> Callable[[JsonObject], E] | None:
        """Return the decoder of a push: by its event, or else by its kind of message."""
        kind, name = wire.get(self.kind), wire.get(self.event)
        if not isinstance(kind, str):
            return None
        events = self.decoders.get(kind)
        decode = None if events is None or not isinstance(name, str) else events.get(name)
        return decode or self.message_decoders.get(kind)

    def encode(self, event: E, form: Form = "xml") -> bytes:
        """Write a push as XML or JSON.

        Raises:
            EncodeError: If it is no push of this service, or the form cannot hold a value.
        """
        wire = self.fields(event)
        if form == "json":
            for element, names in self.bare.get(type(event), {}).items():
                wire = taken_out(wire, element, names)
        return document.write(wire, form)

    def fields(self, event: E) -> JsonObject:
        """Return a push as an object with wire names.

        Raises:
            EncodeError: If its class is no push of this service.
        """
        kind = type(event)
        if kind in self.codecs:
            wire = self.codecs[kind].encode(event)
            # A model that is only part of pushes also has a codec, but no kind.
            if kind is self.unknown or self._decoder(wire) is not None:
                return wire
        raise EncodeError(f"expected an event or a message, got {kind.__name__}")

    @staticmethod
    def parse(body: bytes) -> JsonObject:
        """Read a push in XML or JSON into an object with wire names."""
        return document.parse(body)


def _opening(tag: str) -> bytes:
    """Return the beginning of an element with a CDATA section."""
    return f"<{tag}><![CDATA[".encode()

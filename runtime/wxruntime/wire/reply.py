"""Replies to pushes: typed reply → bytes, and back.

A reply is sent in the answer to a push. Its decoder is strict: a reply is written by your program,
so an unknown kind is a mistake and not a new feature of the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from attrs import frozen

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import document
from wxruntime.wire.document import Form
from wxruntime.wire.scalars import typename
from wxruntime.wire.types import Codecs, JsonObject

__all__ = ["ReplyFormat"]

R = TypeVar("R")


@frozen
class ReplyFormat(Generic[R]):
    """The format of a service's replies, with the table of their kinds."""

    kind: str
    """The tag with the kind of a reply: `MsgType`."""
    receiver: str
    """The tag with the customer who gets the reply: `ToUserName`; empty if there is none."""
    sender: str
    """The tag with the account that sends the reply: `FromUserName`; empty if there is none."""
    time: str
    """The tag with the time of the reply: `CreateTime`; empty if there is none."""
    decoders: Mapping[str, Callable[[JsonObject], R]]
    """Kind of reply → its decoder."""
    codecs: Codecs
    """Class → its codec."""

    def fields(self, reply: R) -> JsonObject:
        """Return a reply as an object with wire names.

        Raises:
            EncodeError: If its class is no reply of this service.
        """
        kind = type(reply)
        if kind in self.codecs:
            wire = self.codecs[kind].encode(reply)
            # A model that is only part of replies also has a codec, but no kind.
            if wire.get(self.kind) in self.decoders:
                return wire
        raise EncodeError(f"expected a reply ({self._kinds()}), got {kind.__name__}")

    def read(self, wire: JsonObject) -> R:
        """Read a reply from an object, which the decoder consumes.

        Raises:
            DecodeError: If its kind is unknown, or it lacks a required field.
        """
        name = wire.get(self.kind)
        decode = self.decoders.get(name) if isinstance(name, str) else None
        if decode is None:
            came = typename(name)
            raise DecodeError(f"expected a reply ({self._kinds()}), got {came}", (self.kind,))
        return decode(wire)

    def decode(self, body: bytes) -> R:
        """Read a reply in XML or JSON.

        Raises:
            DecodeError: If it is no reply of this service.
        """
        return self.read(document.parse(body, "a reply"))

    @staticmethod
    def write(wire: JsonObject, form: Form) -> bytes:
        """Write a reply's object as XML or JSON.

        Raises:
            EncodeError: If the form cannot hold a value.
        """
        return document.write(wire, form)

    def _kinds(self) -> str:
        return ", ".join(self.decoders) or "of no kind at all"

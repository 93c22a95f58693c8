"""Replies to pushes: typed reply → bytes, and back.

A reply is written into the answer to a push. Its reader is strict, because what is read here
was written by a program: a reply of an unknown kind is a mistake and no news.
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
    """How one service's replies look, and the table of their kinds."""

    kind: str
    """The tag that says what kind of reply it is: `MsgType`."""
    receiver: str
    """The tag that says who gets it: `ToUserName`; empty when there is none."""
    sender: str
    """The tag that says which account it comes from: `FromUserName`; empty when there is none."""
    time: str
    """The tag that says when it was made: `CreateTime`; empty when there is none."""
    decoders: Mapping[str, Callable[[JsonObject], R]]
    """Kind of reply → what reads it."""
    codecs: Codecs
    """Class → what writes it."""

    def fields(self, reply: R) -> JsonObject:
        """Return a reply as the object that goes over the wire.

        Raises:
            EncodeError: If it is none of the classes of this service's replies.
        """
        kind = type(reply)
        if kind in self.codecs:
            wire = self.codecs[kind].encode(reply)
            # A model that only stands inside of replies has a codec too, and no kind.
            if wire.get(self.kind) in self.decoders:
                return wire
        raise EncodeError(f"expected a reply ({self._kinds()}), got {kind.__name__}")

    def read(self, wire: JsonObject) -> R:
        """Read a reply that is an object already, taking it apart.

        Raises:
            DecodeError: If it is of no described kind, or lacks what it must have.
        """
        name = wire.get(self.kind)
        decode = self.decoders.get(name) if isinstance(name, str) else None
        if decode is None:
            came = typename(name)
            raise DecodeError(f"expected a reply ({self._kinds()}), got {came}", (self.kind,))
        return decode(wire)

    def decode(self, body: bytes) -> R:
        """Read a reply, XML or JSON.

        Raises:
            DecodeError: If it is none.
        """
        return self.read(document.parse(body, "a reply"))

    @staticmethod
    def write(wire: JsonObject, form: Form) -> bytes:
        """Write an object in one of the two forms of a reply.

        Raises:
            EncodeError: If it holds what the form cannot.
        """
        return document.write(wire, form)

    def _kinds(self) -> str:
        return ", ".join(self.decoders) or "of no kind at all"

"""The types of JSON values, which pushed XML is read into as well, and the codecs of models."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Generic, TypeAlias, TypeVar, cast, get_args

from attrs import frozen

__all__ = ["Codec", "Codecs", "JsonObject", "JsonValue", "codec_of", "codec_of_union"]

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

T = TypeVar("T")


@frozen
class Codec(Generic[T]):
    """Reads a model from the wire and writes it."""

    decode: Callable[[JsonObject], T]
    """Reads a model. It removes fields from the object; pass a copy if you still need the object.
    """
    encode: Callable[[T], JsonObject]
    """Writes a model, including its unknown fields."""


class Codecs:
    """The codecs of one generated module, by class."""

    def __init__(self) -> None:
        self._codecs: dict[type, object] = {}
        self._unions: dict[object, object] = {}

    def add(
        self, model: type[T], decode: Callable[[JsonObject], T], encode: Callable[[T], JsonObject]
    ) -> None:
        """Register the decoder and the encoder of a class."""
        self._codecs[model] = Codec(decode, encode)

    def add_union(
        self, union: object, decode: Callable[[JsonObject], T], encode: Callable[[T], JsonObject]
    ) -> None:
        """Register the decoder and the encoder of a union."""
        self._unions[union] = Codec(decode, encode)

    def union(self, union: object) -> Codec[object] | None:
        """Return the codec of a union; None if it is not registered."""
        # Only add_union() fills this table.
        return cast("Codec[object] | None", self._unions.get(union))

    def __contains__(self, model: type) -> bool:
        return model in self._codecs

    def __iter__(self) -> Iterator[type]:
        return iter(self._codecs)

    def __getitem__(self, model: type[T]) -> Codec[T]:
        # Only add() fills this table, so the codec fits its class.
        return cast("Codec[T]", self._codecs[model])


def codec_of_union(union: object) -> Codec[object] | None:
    """Return the codec of a generated union; None for any other type."""
    members: tuple[object, ...] = get_args(union)
    home = getattr(members[0], "__module__", "") if members else ""
    codecs = getattr(sys.modules.get(home), "CODECS", None)
    return codecs.union(union) if isinstance(codecs, Codecs) else None


def codec_of(model: type[T]) -> Codec[T] | None:
    """Return the codec of a generated class; None for any other class."""
    codecs = getattr(sys.modules.get(model.__module__), "CODECS", None)
    return codecs[model] if isinstance(codecs, Codecs) and model in codecs else None

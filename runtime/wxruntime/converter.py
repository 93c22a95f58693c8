"""A cattrs converter for the generated models, so that your own models can contain them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import cast

from cattrs import Converter

from wxruntime.errors import DecodeError
from wxruntime.wire.scalars import Timestamp, integer, typename
from wxruntime.wire.types import Codec, JsonObject, JsonValue, codec_of, codec_of_union

__all__ = ["make_converter"]


def make_converter() -> Converter:
    """Return a converter that reads and writes generated models by the generated codecs.

    The codecs of a module are looked up when the converter first meets one of its classes, so
    making a converter imports no module.
    """
    converter = Converter()
    converter.register_structure_hook_factory(_is_generated, _structure_hook)
    converter.register_unstructure_hook_factory(_is_generated, _unstructure_hook)
    converter.register_structure_hook_factory(_is_union, _union_hook)
    converter.register_structure_hook(Timestamp, _timestamp)
    return converter


def _timestamp(value: JsonValue, _: object) -> Timestamp:
    return Timestamp(integer(value, ""))


def _is_union(annotation: object) -> bool:
    return codec_of_union(annotation) is not None


def _union_hook(union: object) -> Callable[[JsonValue, object], object]:
    codec = codec_of_union(union)
    assert codec is not None  # the predicate found it
    return _structuring(codec)


def _is_generated(model: object) -> bool:
    return isinstance(model, type) and codec_of(cast("type[object]", model)) is not None


def _structure_hook(model: type[object]) -> Callable[[JsonValue, object], object]:
    codec = codec_of(model)
    assert codec is not None  # the predicate found it
    return _structuring(codec)


def _structuring(codec: Codec[object]) -> Callable[[JsonValue, object], object]:
    def structure(value: JsonValue, _: object) -> object:
        if not isinstance(value, dict):
            raise DecodeError(f"expected an object, got {typename(value)}")
        return codec.decode(deepcopy(value))  # a decoder pops fields from the object

    return structure


def _unstructure_hook(model: type[object]) -> Callable[[object], JsonObject]:
    codec = codec_of(model)
    assert codec is not None  # the predicate found it
    return codec.encode

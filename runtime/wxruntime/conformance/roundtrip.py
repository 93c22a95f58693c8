"""Sends a payload through the client: what goes in has to come out again.

An answer, a push and a reply are read and written again. A request is taken apart into arguments;
the call made with these arguments has to carry what the payload has, and nothing else but what such
a call always carries.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from wxruntime.call import Call
from wxruntime.catalog import Document, Endpoint, Field
from wxruntime.conformance.difference import first_loss
from wxruntime.conformance.samples import Sample
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.surface import Surface
from wxruntime.wire import JsonObject, JsonValue, document, json
from wxruntime.wire.document import Form
from wxruntime.wire.types import codec_of, codec_of_union

__all__ = ["loss_of"]

_FORMS: tuple[Form, ...] = ("xml", "json")


class _Format(Protocol):
    """How pushes or replies look."""

    def fields(self, value: object, /) -> JsonObject:
        """Return the object that goes over the wire."""
        ...


class _Room(Protocol):
    """Where pushes or replies are read and written."""

    FORMAT: _Format

    def decode(self, body: bytes) -> object:
        """Read a document."""
        ...

    def encode(self, value: object, form: Form) -> bytes:
        """Write a document."""
        ...


def loss_of(surface: Surface, sample: Sample) -> str:
    """Return what was lost of a payload on its way through the client; empty if nothing was.

    Args:
        surface: The generated package.
        sample: The payload.
    """
    try:
        if isinstance(sample.of, Document):
            return _lost_of_document(surface, sample, sample.of)
        if sample.direction == "request":
            return _lost_of_request(surface, sample.of, json.loads_object(sample.body))
        return _lost_of_answer(surface, sample.of, sample.body)
    except WeChatError as error:
        return str(error)


def _lost_of_document(surface: Surface, sample: Sample, described: Document) -> str:
    """Read a push or a reply, and write it in both forms."""
    name = "replies" if sample.direction == "reply" else "events"
    room = cast("_Room", importlib.import_module(f"{surface.name}.{name}"))
    value = room.decode(sample.body)
    if type(value).__name__ != described.class_name:
        return f"expected a {described.class_name}, got a {type(value).__name__}"
    for form in _FORMS:
        if room.decode(room.encode(value, form)) != value:
            return f"differs once it was written as {form}"
    # All is text in XML; before it is written, a number can be told from the text that spells it.
    in_json = document.form_of(sample.body) == "json"
    back = document.parse(room.encode(value, "json")) if in_json else room.FORMAT.fields(value)
    return first_loss(_as_called_today(document.parse(sample.body), described), back)


def _as_called_today(sent: JsonObject, described: Document) -> JsonObject:
    """Give fields that have an older name the one under which they are written."""
    older = {name: f.wire for f in described.fields for name in f.also if f.wire not in sent}
    return {older.get(name, name): value for name, value in sent.items()}


def _lost_of_answer(surface: Surface, endpoint: Endpoint, body: bytes) -> str:
    """Read an answer and write it again: as the whole, or under the key that holds it."""
    answer = json.loads_object(body)
    content = {k: v for k, v in answer.items() if k not in ("errcode", "errmsg")}
    asked = {f.name: _nothing_of(f) for f in endpoint.parameters if f.required}
    decoded = surface.call(endpoint.operation, **asked).decode(json.loads_object(body))
    if decoded is None:
        return first_loss(content, {})
    written = _written(decoded)
    holding = [key for key, value in content.items() if not first_loss(value, written)]
    if not holding and isinstance(written, dict):
        return first_loss(content, written)
    return first_loss(content, dict.fromkeys([*holding, *content][:1], written))


def _nothing_of(parameter: Field) -> object:
    nothing: dict[str, object] = {"integer": 0, "timestamp": 0, "file": b""}
    return nothing.get(parameter.type.name, "")


def _written(value: object) -> JsonValue:
    """Write what a call gives back."""
    if isinstance(value, list):
        return [_written(item) for item in cast("list[object]", value)]
    if isinstance(value, (str, int, float)):
        return value
    codec = codec_of(type(value))
    if codec is None:
        raise DecodeError(f"expected a model of the package, got {type(value).__name__}")
    return codec.encode(value)


def _lost_of_request(surface: Surface, endpoint: Endpoint, sent: JsonObject) -> str:
    """Build the call with the payload's values, and compare what it would send."""
    left = json.loads_object(json.dumps(sent))
    given = {f.name: _argument(surface, f, left) for f in endpoint.parameters}
    for constant in (*endpoint.query, *endpoint.body):
        left.pop(constant.wire, None)
    asked = {name: value for name, value in given.items() if value is not None}
    missing = [f.wire for f in endpoint.parameters if f.required and f.name not in asked]
    if missing:
        return f"the call asks for {', '.join(missing)}, which is not there"
    carried = _carried(surface.call(endpoint.operation, **asked))
    always = {
        f.wire: f.default if f.const is None else f.const
        for f in (*endpoint.query, *endpoint.body)
        if not f.within
    }
    expected: JsonObject = {name: value for name, value in always.items() if value is not None}
    expected |= sent
    return first_loss(expected, carried) or first_loss(carried, expected)


def _argument(surface: Surface, parameter: Field, left: JsonObject) -> object:
    """Take a parameter's value out of a payload; None where it is not there."""
    if parameter.type.of in surface.catalog.unions:
        module, _, name = parameter.type.of.partition(".")
        codec = codec_of_union(getattr(importlib.import_module(f"{surface.name}.{module}"), name))
        return None if codec is None else codec.decode(left)
    inside = left.get(parameter.within) if parameter.within else left
    if not isinstance(inside, dict):
        return None
    value = inside.pop(parameter.wire, None)
    if parameter.within and not inside:
        del left[parameter.within]
    return value


def _carried(call: Call[object]) -> JsonObject:
    return {**call.query, **(call.body if isinstance(call.body, dict) else {})}

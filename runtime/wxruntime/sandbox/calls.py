"""What a call brings to its handler, and what the handler answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import field, frozen

from wxruntime.catalog import Endpoint, Field, Type
from wxruntime.errors import DecodeError
from wxruntime.httpd import Incoming, Outgoing
from wxruntime.sandbox.multipart import File, read_form
from wxruntime.sandbox.refusal import Refusal
from wxruntime.wire import JsonObject, JsonValue, element, json, text

__all__ = ["DONE", "Given", "Handler", "Handlers", "as_json", "read"]

MEDIA_DATA_MISSING = 41005
EMPTY_FILE = 44001
EMPTY_BODY = 44002
NOT_JSON = 47001


@frozen
class Given:
    """What came with a call, by the names of the catalog."""

    texts: Mapping[str, str] = field(repr=False)
    """Every parameter that is no file; an absent one is empty."""
    files: Mapping[str, File]
    """The files that came, be it in a form or as the whole body."""
    body: JsonObject = field(factory=dict[str, JsonValue], repr=False)
    """The JSON body as it is on the wire; empty where there is none."""

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def file(self, name: str) -> File:
        """Return a file that has to be there."""
        file = self.files.get(name)
        if file is None:
            raise Refusal(MEDIA_DATA_MISSING)
        if not file.content:
            raise Refusal(EMPTY_FILE)
        return file


Handler: TypeAlias = "Callable[[Given], Outgoing]"
Handlers: TypeAlias = "dict[str, Handler]"
"""Operation → what answers it."""


def as_json(content: JsonObject) -> Outgoing:
    """Answer with an object."""
    return Outgoing(200, "application/json; encoding=utf-8", json.dumps(content))


DONE = as_json({"errcode": 0, "errmsg": "ok"})
"""The answer of a call that returns nothing."""


def read(endpoint: Endpoint, incoming: Incoming) -> Given:
    """Take from a request what the catalog describes.

    Raises:
        Refusal: If there is no body where one is described, or none that can be read.
        DecodeError: If a parameter is of another type.
    """
    texts = {field.name: incoming.query.get(field.wire, "") for field in endpoint.query}
    files: dict[str, File] = {}
    sent: JsonObject = {}
    if (endpoint.body or endpoint.raw) and not incoming.body:
        raise Refusal(EMPTY_BODY)
    if endpoint.body:
        sent = _object(incoming.body)
        texts |= {f.name: _text(sent, f) for f in endpoint.body}
    if endpoint.form:
        form = read_form(incoming.content_type, incoming.body)
        texts |= {
            f.name: form.texts.get(f.wire, "") for f in endpoint.form if f.type != Type("file")
        }
        files |= {f.name: form.files[f.wire] for f in endpoint.form if f.wire in form.files}
    files |= {f.name: File("", incoming.body) for f in endpoint.raw}
    return Given(texts, files, sent)


def _object(body: bytes) -> JsonObject:
    try:
        return json.loads_object(body)
    except DecodeError:
        raise Refusal(NOT_JSON) from None


def _text(sent: JsonObject, field: Field) -> str:
    outer = element(sent.get(field.within), field.within) if field.within else sent
    value = outer.get(field.wire)
    return text(int(value) if isinstance(value, bool) else value, field.wire, "")

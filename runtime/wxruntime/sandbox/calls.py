"""The arguments that a handler gets from a request, and the answers it gives."""

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
    """The arguments of a call, by their names in the catalog."""

    texts: Mapping[str, str] = field(repr=False)
    """Every parameter except files; an absent parameter is empty text."""
    files: Mapping[str, File]
    """The files of a form, or the one file that is the whole body."""
    body: JsonObject = field(factory=dict[str, JsonValue], repr=False)
    """The JSON body as it came; empty if the call has none."""

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    def file(self, name: str) -> File:
        """Return a required file.

        Raises:
            Refusal: If the file is missing or empty.
        """
        file = self.files.get(name)
        if file is None:
            raise Refusal(MEDIA_DATA_MISSING)
        if not file.content:
            raise Refusal(EMPTY_FILE)
        return file


Handler: TypeAlias = "Callable[[Given], Outgoing]"
Handlers: TypeAlias = "dict[str, Handler]"
"""Operation → the function that answers it."""


def as_json(content: JsonObject) -> Outgoing:
    """Return an answer with a JSON body."""
    return Outgoing(200, "application/json; encoding=utf-8", json.dumps(content))


DONE = as_json({"errcode": 0, "errmsg": "ok"})
"""The answer of a call without a result."""


def read(endpoint: Endpoint, incoming: Incoming) -> Given:
    """Read the arguments of a call from its request.

    Raises:
        Refusal: If the endpoint takes a body and the request has none, or no valid JSON.
        DecodeError: If an argument has the wrong type.
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

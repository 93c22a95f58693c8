"""Whatever comes over a wire, nothing but the one error root comes of it."""

from __future__ import annotations

import copy
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from attrs import astuple
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.client.calls import answer_of, plain_call
from tests.client.described import class_of_id, codec, marks_of, pushes
from tests.client.mutations import PIECES, document, fields_of, mutated, names, spoiled
from tests.client.spelling import Spelling
from tests.client.wires import meanings, meanings_of
from tests.client.xmltext import spelled_in_xml
from wxoa import Client, events, replies
from wxoa.catalog import CATALOG
from wxruntime.catalog import Document
from wxruntime.client import BaseClient
from wxruntime.envelope import AnswerReader
from wxruntime.errors import EncodeError, WeChatError
from wxruntime.redact import Secret
from wxruntime.strategies import json_values
from wxruntime.transport import HttpResponse
from wxruntime.wire import JsonObject, JsonValue
from wxruntime.wire import json as wire_json
from wxruntime.wire.document import Form
from wxruntime.wire.types import codec_of

FEW = settings(max_examples=settings().max_examples // 10)
"""For what is proved for each of many classes: enough together, and in reasonable time."""

CALLS = [plain_call(endpoint) for endpoint in CATALOG.endpoints.values()]
VALUES = json_values()
FORMS: tuple[Form, ...] = ("xml", "json")


def title(push: Document) -> str:
    """Name a document for a test's id."""
    return push.class_name


def items_of(value: Any) -> list[Any]:
    """Take a single value as a list of one."""
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def class_of(value: Any) -> Any:
    """Take the class of a value."""
    return value.__class__


def sound(value: Any) -> None:
    """Show, compare, copy and write a value; only an EncodeError may come of it."""
    shown = repr(value)
    models_met = [item for item in items_of(value) if codec_of(class_of(item)) is not None]
    shown += repr([astuple(item, recurse=False) for item in models_met])

    # A NaN is not equal to itself, and JSON's forgiving reader lets it in.
    assert value == copy.deepcopy(value) or "nan" in shown
    for item in models_met:
        with suppress(EncodeError):
            wire_json.dumps(codec(class_of(item)).encode(item))


def read_as_answers(body: bytes) -> None:
    """Read bytes as every kind of answer."""
    secrets = (Secret("s"),)
    for call in CALLS:
        response = HttpResponse(200, {"content-type": "application/json"}, body)
        answers = AnswerReader(Client.service, call.operation, secrets, private=False)
        content = answers.content(call, response)
        if isinstance(content, WeChatError):
            str(content)
        else:
            sound(content)
        try:
            sound(call.decode(wire_json.loads_object(body)))
        except WeChatError as error:
            str(error)


def read_as_push(body: bytes) -> None:
    """Read bytes as a push, and write it again."""
    try:
        event = events.decode(body)
    except WeChatError as error:
        str(error)
        return
    sound(event)
    assert event.create_time == int(event.create_time)
    for form in FORMS:
        try:
            written = events.encode(event, form)
        except EncodeError:
            continue
        events.decode(written)
    try:
        _ = event.create_time.utc
    except WeChatError as error:
        str(error)


def read_as_reply(body: bytes) -> None:
    """Read bytes as a reply."""
    try:
        reply = replies.decode(body)
    except WeChatError as error:
        str(error)
        return
    sound(reply)


def read(body: bytes) -> None:
    """Read bytes as anything that comes over a wire."""
    read_as_answers(body)
    read_as_push(body)
    read_as_reply(body)


def test_the_client_has_the_service_of_these_tests() -> None:
    """What is read here is read as the client reads it."""
    assert issubclass(Client, BaseClient)


@given(st.binary(max_size=400))
@example(b"[" * 200_000)
@example(b'{"a":' * 200_000)
@example(b'{"a":' * 500 + b"1" + b"}" * 500)
@example(b'{"a":' * 1000 + b"1" + b"}" * 1000)
@example(b'{"a":' * 900 + b'"\\udc00"' + b"}" * 900)
@example(b'{"a":[' * 120 + b"1" + b"]}" * 120)
@example(b'{"createtime":1e308,"openid":""}')
@example(b'{"openid":1e999,"kf_account":NaN}')
@example(b'{"expires_in":-1e400,"access_token":0}')
@example(b'{"CreateTime":' + b"9" * 4000 + b"}")
@example(b"<xml>" + b"<a>" * 50_000)
@example(b"\xef\xbb\xbf{}")
def test_arbitrary_bytes_property(body: bytes) -> None:
    """Nothing that comes over a wire raises anything but the one error root."""
    read(body)


def names_of_models() -> list[str]:
    """List every name on the wire that an answer has, at any depth."""
    fields = [field for model in CATALOG.models.values() for field in model.fields]
    keys = {answer_of(endpoint).key for endpoint in CATALOG.endpoints.values()}
    return sorted({field.wire for field in fields} | keys | {"errcode", "errmsg"})


@FEW
@given(
    json_values(), st.dictionaries(st.sampled_from(names_of_models()), json_values(), max_size=6)
)
def test_arbitrary_json_property(value: JsonValue, named: JsonObject) -> None:
    """Neither does JSON of any shape, nor described names with values of any type."""
    read(wire_json.dumps(value))
    read(wire_json.dumps({**named, "x": value}))


@pytest.mark.parametrize("id", CATALOG.models)
@FEW
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_spoiled_models_property(id: str, data: st.DataObject, seed: int) -> None:
    """Neither do models a field of which is replaced by a value of any type."""
    random = Random(seed)
    wire = Spelling(random).document(data.draw(meanings_of(id)))
    names = [name for field in CATALOG.models[id].fields for name in (field.wire, *field.also)]
    try:
        sound(codec(class_of_id(id)).decode({**wire, random.choice(names): data.draw(VALUES)}))
    except WeChatError as error:
        str(error)


@FEW
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_spoiled_answers_property(data: st.DataObject, seed: int) -> None:
    """Neither do valid documents that were cut, spliced or changed."""
    id = data.draw(st.sampled_from([*CATALOG.models]))
    body = wire_json.dumps(Spelling(Random(seed)).document(data.draw(meanings_of(id))))
    at, end = sorted(data.draw(st.tuples(*[st.integers(0, len(body))] * 2)))
    piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    for changed in (body[:at], body[:at] + piece + body[end:], body[:end] + body[at:]):
        read(changed)


@pytest.mark.parametrize("push", pushes(), ids=title)
class TestPushes:
    @FEW
    @given(data=st.data(), seed=st.integers(0, 2**64))
    def test_spoiled_pushes_property(self, push: Document, data: st.DataObject, seed: int) -> None:
        """Neither do pushes in either form that were changed byte by byte, or as a whole."""
        random = Random(seed)
        meaning = data.draw(meanings(push.fields, "elements"))
        for form in FORMS:
            wire = {**Spelling(random, form).document(meaning), **marks_of(push)}
            body = spelled_in_xml(random, wire) if form == "xml" else wire_json.dumps(wire)
            for times in (1, 1, 2, 3):
                read_as_push(spoiled(random, body, times))

    @FEW
    @given(data=st.data())
    def test_pushes_of_any_shape_property(self, push: Document, data: st.DataObject) -> None:
        """Neither do JSON pushes whose fields and elements have values of any type."""
        wire = data.draw(any_shape(push))
        read_as_push(wire_json.dumps(wire))
        read_as_push(wire_json.dumps({**wire, **marks_of(push)}))


@pytest.mark.parametrize("name", names())
@FEW
@given(seed=st.integers(0, 2**64))
def test_mutated_pushes_property(name: str, seed: int) -> None:
    """Neither do pushes that were spoiled field by field."""
    read_as_push(mutated(Random(seed), name))


@pytest.mark.parametrize("name", names())
def test_a_push_that_nobody_spoiled_is_read(name: str) -> None:
    """The documents that are spoiled above are valid before, where all values are single ones."""
    assert type(events.decode(document(fields_of(name)))).__name__ == name


@pytest.mark.parametrize("kind", CATALOG.replies)
@FEW
@given(data=st.data())
def test_replies_of_any_shape_property(kind: str, data: st.DataObject) -> None:
    """Neither do replies whose fields and elements have values of any type."""
    wire = data.draw(any_shape(CATALOG.replies[kind]))
    read_as_reply(wire_json.dumps({**wire, "MsgType": kind}))


def any_shape(push: Document) -> st.SearchStrategy[JsonObject]:
    """Make documents of described names, with values of any type and any of them inside others."""
    tags = {tag for f in push.fields for tag in (f.wire, *f.also, f.within, f.item) if tag}
    names = st.sampled_from(sorted(tags | {"MsgType", "Event"}))
    inside = st.dictionaries(names, json_values(), max_size=4)
    value: st.SearchStrategy[Any] = json_values() | inside | st.lists(inside, max_size=2)
    return st.dictionaries(names, value, max_size=6)

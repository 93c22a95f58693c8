"""What holds for every model and every push, whatever is in it."""

from __future__ import annotations

import copy
import importlib
import pickle
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any, Literal, TypeAlias

import pytest
from attrs import astuple, fields
from hypothesis import example, given
from hypothesis import strategies as st

from tests.client import mutations
from tests.client.mutations import PIECES, document, mutated, names
from wxoa import base, events, kf_session, media, replies, strategies, voice
from wxoa.catalog import CATALOG
from wxruntime.call import Call
from wxruntime.client import BaseClient
from wxruntime.envelope import Reading
from wxruntime.errors import DecodeError, EncodeError, WeChatError
from wxruntime.redact import Secret
from wxruntime.strategies import json_values, texts, unknown_elements, unknown_fields
from wxruntime.transport import HttpResponse
from wxruntime.wire import JsonObject, JsonValue, Timestamp
from wxruntime.wire import json as wire_json
from wxruntime.wire import xml as wire_xml
from wxruntime.wire.types import Codecs, codec_of

Model: TypeAlias = Any
"""A generated class or a value of one; the tests take them all alike."""


def modules() -> list[str]:
    """List the generated modules that have models."""
    return ["base", "events", "kf_session", "media", "replies", "voice"]


def models() -> Iterator[Model]:
    """List every model, found through the codecs of its module."""
    for name in modules():
        module = importlib.import_module(f"wxoa.{name}")
        codecs = module.CODECS

        assert isinstance(codecs, Codecs)
        yield from codecs


def values_of(model: type) -> st.SearchStrategy[Model]:
    """Take the generated strategy of a model."""
    module = importlib.import_module(model.__module__.replace("wxoa.", "wxoa.strategies."))
    made: st.SearchStrategy[Model] = getattr(module, _snake(model.__name__))()
    return made


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")


def class_of(value: Any) -> Model:
    """Take the class of a value."""
    return value.__class__


def items_of(value: Any) -> list[Any]:
    """Take a single value as a list of one."""
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def plain_models() -> list[Model]:
    """List the models of answers."""
    return [model for model in models() if model.__module__ not in ("wxoa.events", "wxoa.replies")]


def event_models() -> list[Model]:
    """List the classes of pushes."""
    return [model for model in models() if model.__module__ == "wxoa.events"]


def reply_models() -> list[Model]:
    """List the classes of replies."""
    described = [reply.class_name for reply in CATALOG.replies.values()]
    return [getattr(replies, name) for name in described]


def title(model: type) -> str:
    """Name a class for a test's id."""
    return model.__name__


def test_every_module_with_models_is_in_these_tests() -> None:
    """A new family is tested as soon as it is there."""
    offered = [
        name
        for name in dir(importlib.import_module("wxoa"))
        if hasattr(importlib.import_module("wxoa"), name)
        and hasattr(getattr(importlib.import_module("wxoa"), name), "CODECS")
    ]

    assert offered == modules()
    assert dir(strategies) == sorted({*vars(strategies), *modules()})


@pytest.mark.parametrize("model", list(models()), ids=title)
class TestRoundTrip:
    @given(data=st.data())
    def test_decode_after_encode_property(self, model: Model, data: st.DataObject) -> None:
        """What is written is read again as it was, through the bytes of JSON."""
        value = data.draw(values_of(model))
        codec = codec_of(model)

        assert codec is not None

        wire = wire_json.loads_object(wire_json.dumps(codec.encode(value)))

        assert codec.decode(wire) == value

    @given(data=st.data())
    def test_encoding_changes_nothing_property(self, model: Model, data: st.DataObject) -> None:
        """A value is the same after it was written, and so are its unknown fields."""
        value = data.draw(values_of(model))
        before = copy.deepcopy(value)
        codec = codec_of(model)

        assert codec is not None

        codec.encode(value)

        assert value == before

    @given(data=st.data())
    def test_values_are_values_property(self, model: Model, data: st.DataObject) -> None:
        """A copy and a pickle of a value are equal to it, and all of them can be shown."""
        value = data.draw(values_of(model))

        assert copy.copy(value) == value
        assert copy.deepcopy(value) == value
        assert pickle.loads(pickle.dumps(value)) == value
        assert repr(value).startswith(f"{model.__name__}(")


def integers_on_the_wire(number: int) -> st.SearchStrategy[JsonValue]:
    """Write a number in one of the ways the platform does."""
    exact: list[JsonValue] = [number, str(number)]
    return st.sampled_from([*exact, float(number)] if abs(number) < 2**53 else exact)


INT64 = st.integers(-(2**63), 2**63 - 1)
LIMITS = {"daily_limit", "used", "remain", "call_count", "refresh_second"}
TIMES = {"createtime", "latest_time", "CreateTime", "created_at", "invoke_time"}
NUMERIC = {"expires_in", "count", "cost_in_ms"} | LIMITS | TIMES
REQUIRED = {"access_token", "expires_in", "openid", "type", "to_content", "quota"} | LIMITS
NESTED: dict[str, Model] = {
    "quota": base.Quota,
    "rate_limit": base.RateLimit,
    "component_rate_limit": base.RateLimit,
}
DEFAULTS: dict[tuple[str, str], JsonValue] = {
    ("Session", "kf_account"): "",
    ("Session", "createtime"): 0,
    ("WaitCase", "latest_time"): 0,
    ("WaitCaseListResult", "count"): 0,
    ("WaitCaseListResult", "waitcaselist"): [],
    ("UploadedMedia", "media_id"): "",
    ("UploadedMedia", "thumb_media_id"): "",
    ("UploadedMedia", "created_at"): 0,
    ("RequestRecord", "invoke_time"): 0,
    ("RequestRecord", "cost_in_ms"): 0,
    ("RequestRecord", "request_url"): "",
    ("RequestRecord", "request_body"): "",
    ("RequestRecord", "response_body"): "",
    ("RequestRecord", "client_ip"): "",
    ("Translation", "from_content"): "",
}
DESCRIBED: dict[type, tuple[str, ...]] = {
    base.AccessToken: ("access_token", "expires_in"),
    kf_session.Session: ("openid", "kf_account", "createtime"),
    kf_session.WaitCase: ("openid", "latest_time", "kf_account", "createtime"),
    kf_session.WaitCaseListResult: ("count", "waitcaselist"),
    media.UploadedMedia: ("type", "media_id", "thumb_media_id", "created_at"),
    base.Quota: ("daily_limit", "used", "remain"),
    base.RateLimit: ("call_count", "refresh_second"),
    base.QuotaResult: ("quota", "rate_limit", "component_rate_limit"),
    base.RequestRecord: (
        *("invoke_time", "cost_in_ms", "request_url"),
        *("request_body", "response_body", "client_ip"),
    ),
    voice.Translation: ("to_content", "from_content"),
}
"""The wire as its documentation has it, written down here a second time."""


@st.composite
def wires(draw: st.DrawFn, model: Model) -> JsonObject:
    """Make a document of a model without its codec: fields there, absent or null, and others."""
    wire: JsonObject = draw(unknown_fields())
    for name in draw(st.permutations(DESCRIBED[model])):
        given_as = draw(st.sampled_from(["value", "value", "value", "absent", "null"]))
        if name in REQUIRED or given_as == "value":
            wire[name] = draw(_values_on_the_wire(name))
        elif given_as == "null":
            wire[name] = None
    return wire


def _values_on_the_wire(name: str) -> st.SearchStrategy[Any]:
    if name == "waitcaselist":
        items = wires(kf_session.WaitCase)
        nothing: list[JsonValue] = ["", {}]
        return st.lists(items, max_size=3) | items | st.sampled_from(nothing)
    if name in NESTED:
        return wires(NESTED[name])
    if name in NUMERIC:
        return INT64.flatmap(integers_on_the_wire)
    return texts() | st.one_of(INT64, st.floats(allow_nan=False, allow_infinity=False))


def canonical(model: Model, wire: JsonObject) -> JsonObject:
    """Reduce a document to what it means; two are equivalent when this is equal.

    An absent field and a null are the default, or nothing where there is none; digits are the
    number; a number where text belongs is its digits; a list of one may stand bare; empty text
    and `{}` are the empty list. Fields nobody described stay as they are.
    """
    meaning: dict[str, Any] = dict(wire)
    for name in DESCRIBED[model]:
        value: Any = wire.get(name)
        if value is None:
            value = DEFAULTS.get((model.__name__, name))
        elif name == "waitcaselist":
            items = items_of(value) if value else []
            value = [canonical(kf_session.WaitCase, item) for item in items]
        elif name in NESTED:
            value = canonical(NESTED[name], value)
        elif name in NUMERIC and isinstance(value, (int, float, str)):
            value = int(value)
        elif isinstance(value, (int, float)):
            value = str(value)
        meaning[name] = value
    return {name: value for name, value in meaning.items() if not _left_out(model, name, value)}


def _left_out(model: Model, name: str, value: JsonValue) -> bool:
    return value is None and name in DESCRIBED[model]


@pytest.mark.parametrize("model", plain_models(), ids=title)
@given(data=st.data())
def test_encode_after_decode_property(model: Model, data: st.DataObject) -> None:
    """A document made without the codec comes back as an equivalent one, nothing lost."""
    wire = data.draw(wires(model))
    codec = codec_of(model)

    assert codec is not None

    written = codec.encode(codec.decode(copy.deepcopy(wire)))

    assert canonical(model, written) == canonical(model, wire)
    assert canonical(model, written) == written


@pytest.mark.parametrize("model", plain_models(), ids=title)
@given(data=st.data())
def test_a_required_field_is_missed_property(model: Model, data: st.DataObject) -> None:
    """Without it there is no value; the error names the field."""
    wire = data.draw(wires(model))
    codec = codec_of(model)

    assert codec is not None

    for name in REQUIRED & set(DESCRIBED[model]):
        without = {key: value for key, value in copy.deepcopy(wire).items() if key != name}
        with pytest.raises(DecodeError, match=r"required|an object, got nothing") as failure:
            codec.decode(without)

        assert failure.value.path == (name,)


@pytest.mark.parametrize("model", event_models(), ids=title)
class TestEvents:
    @given(data=st.data())
    def test_both_forms_of_a_push_property(self, model: Model, data: st.DataObject) -> None:
        """XML and JSON bring the same event."""
        event = data.draw(values_of(model))

        assert events.decode(events.encode(event, "xml")) == event
        assert events.decode(events.encode(event, "json")) == event

    @given(data=st.data())
    def test_other_spellings_of_a_push_property(self, model: Model, data: st.DataObject) -> None:
        """Plain text for CDATA, another order, white space, comments: the same event."""
        event = data.draw(values_of(model))
        codec = codec_of(model)

        assert codec is not None

        wire = codec.encode(event)
        order = data.draw(st.permutations(list(wire)))
        gaps = st.sampled_from(["", " ", "\n\t", "\r\n", "<!-- > -->", "<?note x?>", " <!--\n--> "])
        written = [data.draw(gaps)]
        for name in order:
            written += [_spelled(data, name, wire[name]), data.draw(gaps)]
        opening = data.draw(
            st.sampled_from(["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- -->"])
        )
        body = f"{opening}<xml>{''.join(written)}</xml>{data.draw(gaps)}"

        assert events.decode(body.encode()) == event


INJECTED = (
    "]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[",
    "]]></MediaId></Image><MsgType>transfer_customer_service</MsgType><Image><MediaId><![CDATA[",
    "]]>", "]]]]><![CDATA[>", "<![CDATA[", "]]", "&", "<", "\r",
)  # fmt: skip


def hostile_texts() -> st.SearchStrategy[str]:
    """Make texts that would end their section and go on with elements of their own."""
    return st.lists(st.sampled_from(INJECTED) | texts(), min_size=1, max_size=3).map("".join)


@pytest.mark.parametrize("model", reply_models(), ids=title)
class TestReplies:
    @given(data=st.data())
    def test_both_forms_of_a_reply_property(self, model: Model, data: st.DataObject) -> None:
        """XML and JSON bring the same reply, whatever is in it."""
        reply = data.draw(values_of(model))

        assert replies.decode(replies.encode(reply, "xml")) == reply
        assert replies.decode(replies.encode(reply, "json")) == reply

    @given(data=st.data())
    def test_no_text_adds_an_element_property(self, model: Model, data: st.DataObject) -> None:
        """The tree of a reply is the same, whatever its texts hold; each comes back as it was."""
        reply = data.draw(values_of(model))
        harmless, hostile = copy.deepcopy(reply), copy.deepcopy(reply)
        for value, strategy in ((harmless, st.just("a")), (hostile, hostile_texts())):
            for item in (value, *getattr(value, "articles", ())):
                for field in fields(item.__class__):
                    if isinstance(getattr(item, field.name), str):
                        setattr(item, field.name, data.draw(strategy))

        written = wire_xml.loads(replies.encode(hostile))

        assert replies.decode(replies.encode(hostile)) == hostile
        assert shape(written) == shape(wire_xml.loads(replies.encode(harmless)))
        assert written["MsgType"] == model.reply_type

    @given(data=st.data())
    def test_what_nobody_described_stays_where_it_was_property(
        self, model: Model, data: st.DataObject
    ) -> None:
        """Inside of the elements that fields share, too."""
        reply = data.draw(values_of(model))
        wire = replies.FORMAT.fields(reply)
        for value in wire.values():
            if isinstance(value, dict):
                value.update(data.draw(unknown_elements()))
        body = data.draw(st.sampled_from([wire_xml.dumps, wire_json.dumps]))(wire)

        assert replies.FORMAT.fields(replies.decode(body)) == wire


def shape(value: JsonValue) -> JsonValue:
    """Blank out the texts of a document."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else ""


def _spelled(data: st.DataObject, name: str, value: JsonValue) -> str:
    """Write an element in one of the ways XML has."""
    if isinstance(value, list):
        return "".join(_spelled(data, name, item) for item in value)
    if isinstance(value, dict):
        inside = "".join(_spelled(data, key, item) for key, item in value.items())
        return f"<{name}>{inside}</{name}>"
    text = str(value)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    spellings = [
        escaped.replace("\r", "&#xD;"),
        "".join(f"&#{ord(c)};" for c in text),
        "".join(f"<![CDATA[{c}]]>" if c != "\r" else "&#13;" for c in text) or "<![CDATA[]]>",
    ]
    space = data.draw(st.sampled_from(["", " ", "\n"]))
    return f"<{name}{space}>{data.draw(st.sampled_from(spellings))}</{name}{space}>"


def calls() -> list[Call[Any]]:
    """Make one call of each kind."""
    return [
        base.stable_token("wx1", "s"),
        base.token("wx1", "s"),
        base.get_callback_ip(),
        kf_session.create("o", "a@b", "t"),
        kf_session.close("o", "a@b"),
        kf_session.get("o"),
        kf_session.list("a@b"),
        kf_session.wait_case_list(),
        media.upload(media.MediaType.IMAGE, b"i"),
        media.get("m"),
        media.upload_image(b"i"),
        base.get_quota("/p"),
        base.clear_quota("wx1"),
        base.get_rid("r"),
        voice.add("v", b"r"),
        voice.result("v"),
        voice.translate(voice.Language.CHINESE, voice.Language.ENGLISH, b"t"),
    ]


def test_every_endpoint_has_a_call_in_these_tests() -> None:
    """A new endpoint is tested as soon as it is there."""
    assert {call.operation for call in calls()} == set(CATALOG.endpoints)


def sound(value: Any) -> None:
    """Show, compare, copy and write a value; only an EncodeError may come of it."""
    shown = repr(value)
    models_met = [item for item in items_of(value) if codec_of(class_of(item)) is not None]
    shown += repr([astuple(item, recurse=False) for item in models_met])

    # A NaN is not equal to itself, and JSON's forgiving reader lets it in.
    assert value == copy.deepcopy(value) or "nan" in shown
    for item in models_met:
        codec = codec_of(class_of(item))

        assert codec is not None
        with suppress(EncodeError):
            wire_json.dumps(codec.encode(item))


def read(body: bytes) -> None:
    """Read bytes as every kind of answer and as a push; only the one error root may come of it."""
    secrets = (Secret("s"),)
    for call in calls():
        response = HttpResponse(200, {"content-type": "application/json"}, body)
        content = Reading(_SERVICE, call.operation, secrets, False).content(call, response)
        if isinstance(content, WeChatError):
            str(content)
        else:
            sound(content)
        try:
            sound(call.decode(wire_json.loads_object(body)))
        except WeChatError as error:
            str(error)
    try:
        event = events.decode(body)
    except WeChatError as error:
        str(error)
        return
    sound(event)
    assert event.create_time == int(event.create_time)
    forms: tuple[Literal["xml"], Literal["json"]] = ("xml", "json")
    for form in forms:
        try:
            written = events.encode(event, form)
        except EncodeError:
            continue
        events.decode(written)
    try:
        _ = event.create_time.utc
    except WeChatError as error:
        str(error)


_SERVICE = importlib.import_module("wxoa.client").Client.service


class TestAnyBytes:
    def test_the_client_has_the_service_of_these_tests(self) -> None:
        """What is read below is read as the client reads it."""
        assert issubclass(importlib.import_module("wxoa").Client, BaseClient)

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
    def test_arbitrary_bytes_property(self, body: bytes) -> None:
        """Nothing that comes over a wire raises anything but the one error root."""
        read(body)

    @given(json_values(), st.data())
    def test_arbitrary_json_property(self, value: JsonValue, data: st.DataObject) -> None:
        """Neither does JSON of any shape, nor described names with values of any type."""
        described = sorted({name for model in DESCRIBED.values() for name in model} | {"errcode"})
        named = data.draw(st.dictionaries(st.sampled_from(described), json_values(), max_size=6))
        read(wire_json.dumps(value))
        read(wire_json.dumps({**named, "x": value}))

    @given(data=st.data())
    def test_spoiled_documents_property(self, data: st.DataObject) -> None:
        """Neither do valid documents that were cut, spliced or changed."""
        model = data.draw(st.sampled_from(plain_models()))
        codec = codec_of(model)

        assert codec is not None

        body = wire_json.dumps(codec.encode(data.draw(values_of(model))))
        at, end = sorted(data.draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        for spoiled in (body[:at], body[:at] + piece + body[end:], body[:end] + body[at:]):
            read(spoiled)

    @pytest.mark.parametrize("name", names())
    @given(seed=st.integers(0, 2**64))
    def test_spoiled_pushes_property(self, name: str, seed: int) -> None:
        """Neither do pushes that were spoiled field by field and byte by byte."""
        read(mutated(Random(seed), name))

    @pytest.mark.parametrize("name", names())
    @given(data=st.data())
    def test_pushes_of_any_shape_property(self, name: str, data: st.DataObject) -> None:
        """Neither do JSON pushes whose fields have values of any type."""
        push = mutations.described(name)
        tags = [*(field.wire for field in push.fields), "MsgType", "Event"]
        shapes = st.dictionaries(st.sampled_from(tags), json_values(), max_size=8)
        read(wire_json.dumps(data.draw(shapes)))
        read(wire_json.dumps({**data.draw(shapes), **dict(mutations.marks_of(push))}))

    @pytest.mark.parametrize("kind", CATALOG.replies)
    @given(data=st.data())
    def test_replies_of_any_shape_property(self, kind: str, data: st.DataObject) -> None:
        """Neither do replies whose fields and elements have values of any type."""
        described = CATALOG.replies[kind].fields
        tags = sorted({tag for f in described for tag in (f.wire, f.within, f.item) if tag})
        inside = st.dictionaries(st.sampled_from(tags), json_values(), max_size=4)
        value: st.SearchStrategy[Any] = json_values() | inside | st.lists(inside, max_size=2)
        wire: JsonObject = data.draw(st.dictionaries(st.sampled_from(tags), value, max_size=6))
        try:
            reply = replies.decode(wire_json.dumps({**wire, "MsgType": kind}))
        except WeChatError as error:
            str(error)
            return
        sound(reply)

    def test_a_push_that_nobody_spoiled_is_read(self) -> None:
        """The documents that are spoiled above are valid before."""
        for name in names():
            assert isinstance(
                events.decode(document(mutations.fields_of(name))), tuple(event_models())
            )


@given(st.integers() | st.integers(-(10**15), 10**15))
@example(10**5000)
@example(-(10**5000))
@example(253402300799)
@example(253402300800)
@example(-62135596800)
@example(-62135596801)
def test_the_moment_of_any_timestamp_property(seconds: int) -> None:
    """Within the years 1 to 9999 it is exact; beyond them it is an error of the one root."""
    if -62135596800 <= seconds <= 253402300799:
        assert Timestamp.of(Timestamp(seconds).utc) == seconds
    else:
        with pytest.raises(WeChatError, match="years 1 to 9999"):
            _ = Timestamp(seconds).utc

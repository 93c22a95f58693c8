"""Whatever comes, signed or not: an answer, or one kind of error, and nothing else."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.callback.gate.receiving import Receiver, gate_for, receiving
from tests.callback.gate.scheme import Request, Sender
from wxruntime.callback.answer import HANDLED, REFUSED
from wxruntime.callback.gate import Delivery
from wxruntime.callback.query import read_query
from wxruntime.errors import SignatureError
from wxruntime.wire import json as wire_json

SENDER = Sender()
GATES = {True: gate_for(SENDER), False: gate_for(SENDER, encrypted=False)}
ENCRYPTED = st.booleans()
"""Whether a key is configured."""

NAMES = ("signature", "msg_signature", "timestamp", "nonce", "echostr", "encrypt_type", "openid")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
"""With halves of surrogate pairs, which some servers hand over."""
ANY_QUERY = st.dictionaries(st.one_of(st.sampled_from(NAMES), ANY_TEXT), ANY_TEXT, max_size=8)

VALUES: st.SearchStrategy[object] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.text(max_size=6), inside, max_size=3)
    ),
    max_leaves=8,
)
TAGS = st.sampled_from(
    ["Encrypt", "MsgType", "Event", "ToUserName", "FromUserName", "CreateTime", "MsgId", "Content"]
)
# With NaN and infinities, as no JSON has them and Python's writes them.
JSON_BODIES = st.dictionaries(st.one_of(TAGS, st.text(max_size=6)), VALUES, max_size=6).map(
    lambda members: json.dumps(members).encode()
)
XML_BODIES = st.lists(st.tuples(TAGS, st.text(max_size=10)), max_size=6).map(
    lambda members: (
        "<xml>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in members) + "</xml>"
    ).encode()
)
ODD = st.sampled_from(
    [
        b"",
        b"{",
        b"[]",
        b'{"Encrypt":1e999,"A":1,"B":2}',
        b'{"Encrypt":1,"A":' + b"9" * 400 + b',"B":2}',
        b'{"Encrypt":1,"A":' + b"9" * 5000 + b',"B":2}',
        b'{"Encrypt":"\\ud800","A":"\\udc00","B":2}',
        b'{"Encrypt":1,"A":' + b"[" * 5000 + b"}",
        b'{"Encrypt":1,"A":' + b"[" * 127 + b"]" * 127 + b',"B":2}',
        b"<xml><Encrypt>" + b"<a>" * 31 + b"</a>" * 31 + b"</Encrypt><b/><c/></xml>",
        b"<xml>" + b"<a>" * 50_000,
        b"\xff\xfe<\x00x\x00m\x00l\x00>\x00",
        b"\xef\xbb\xbf<xml><Encrypt/><a/><b/></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt><c/><d/></xml>",
        "<xml><Encrypt/><é>\ufffd&#x85;&#13;</é><a:b/></xml>".encode(),
        b"<!DOCTYPE xml [<!ENTITY Encrypt 'e'>]><xml>&Encrypt;</xml>",
        b'<?xml version="1.1"?><xml><Encrypt>&#1;</Encrypt></xml>',
        b"<Encrypt><![CDATA[AAAA]]></Encrypt>",
    ]
)
BODIES = st.one_of(st.binary(max_size=200), JSON_BODIES, XML_BODIES, ODD)


@pytest.fixture(autouse=True, params=["with orjson", "without orjson"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read JSON by each of the two libraries that may do so."""
    if request.param == "without orjson":
        monkeypatch.setattr(wire_json, "loads", vars(wire_json)["_loads_standard"])


@pytest.fixture(scope="module", params=[True, False], ids=["a key", "no key"])
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    """A callback that takes all that these tests deliver."""
    with receiving(SENDER, encrypted=bool(request.param)) as receiver:
        yield receiver


NONCES = map(str, itertools.count(1))
"""Each used once: with another content it would be a replay."""


def _renewed() -> Sender:
    return evolve(SENDER, nonce=next(NONCES))


def _admitted(request: Request, encrypted: bool) -> Delivery | None:
    """Return what a gate lets in; any error but one fails the test."""
    try:
        return GATES[encrypted].admit(request.query, request.body)
    except SignatureError:
        return None


@given(ANY_QUERY, BODIES, ENCRYPTED)
def test_property_an_unsigned_query_is_refused(
    query: dict[str, str], body: bytes, encrypted: bool
) -> None:
    """Any names and any text in the query, with any body: one error."""
    assert _admitted(Request(query, body), encrypted) is None


@given(BODIES, ANY_QUERY)
def test_property_any_body_under_a_right_plain_signature(body: bytes, more: dict[str, str]) -> None:
    """Without a key it is content, or one error; with a key it is no content at all."""
    request = Request({**more, **SENDER.signed()}, body).without("echostr")

    _admitted(request, encrypted=False)
    assert _admitted(request, encrypted=True) is None


@given(st.one_of(BODIES, st.just(b"")), ANY_TEXT)
def test_property_any_echo_under_a_right_signature(body: bytes, echo: str) -> None:
    """It is given back as it came if there is no body; what no UTF-8 holds becomes a mark."""
    for encrypted in (True, False):
        delivery = _admitted(Request({**SENDER.signed(), "echostr": echo}, body), encrypted)
        if not body:
            assert delivery is not None
            assert delivery.check().body == echo.encode("utf-8", "replace")


@given(st.binary(max_size=100), st.dictionaries(st.sampled_from(NAMES), ANY_TEXT, max_size=4))
def test_property_any_encrypted_content_under_right_signatures(
    sealed: bytes, more: dict[str, str]
) -> None:
    """Bytes that nobody encrypted are one error, whatever else the query says."""
    request = SENDER.carrying(base64.b64encode(sealed).decode())

    assert _admitted(Request({**more, **request.query}, request.body), encrypted=True) is None


@given(st.one_of(ANY_TEXT, st.binary(max_size=100), ANY_QUERY))
def test_property_any_query_is_taken_apart_or_refused(query: str | bytes | dict[str, str]) -> None:
    """Whatever stands behind the question mark: names and values, or one error."""
    try:
        names = read_query(query)
    except SignatureError:
        return
    assert all(isinstance(text, str) for pair in names.items() for text in pair)


@given(st.one_of(ANY_TEXT, st.binary(max_size=100), ANY_QUERY), BODIES)
def test_property_the_callback_refuses_what_is_not_signed(
    receiver: Receiver, query: str | bytes | dict[str, str], body: bytes
) -> None:
    """Any query and any body: the same answer, and no handler is asked."""
    assert receiver.callback.handle(query, body) is REFUSED
    assert not receiver.handled


@given(BODIES)
def test_property_the_callback_answers_whatever_is_signed(receiver: Receiver, body: bytes) -> None:
    """A right signature over any body, plain or encrypted: handled or refused, never an error."""
    request = _renewed().plain(body)
    plain = receiver.callback.handle(request.encoded, request.body)
    request = _renewed().safe(body)
    safe = receiver.callback.handle(request.encoded, request.body)

    assert plain in (HANDLED, REFUSED)
    assert safe in (HANDLED, REFUSED)
    receiver.handled.clear()

"""JSON both ways, and by both readers."""

from __future__ import annotations

import importlib.util
import json as standard
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.strategies import json_values
from wxruntime.wire import JsonValue, json
from wxruntime.wire.json import MAX_DEPTH, dumps, loads, loads_object

_loads_standard = json._loads_standard  # pyright: ignore[reportPrivateUsage]
"""The reader of the standard library, which stands behind orjson or alone."""

Reader: TypeAlias = Callable[[bytes], JsonValue]
READERS = [pytest.param(loads, id="installed"), pytest.param(_loads_standard, id="standard")]
both = pytest.mark.parametrize("read", READERS)


def test_one_of_the_readers_is_orjson() -> None:
    """The tests below compare two readers, so there have to be two."""
    assert "orjson" in sys.modules
    assert loads is not _loads_standard


def test_without_orjson_the_standard_reader_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an option that nobody has to install."""
    monkeypatch.setitem(sys.modules, "orjson", None)
    specification = importlib.util.find_spec("wxruntime.wire.json")

    assert specification is not None
    assert specification.loader is not None

    alone = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(alone)

    assert alone.loads is alone._loads_standard
    assert alone.loads_object(b'{"a":"\x01"}') == {"a": "\x01"}


@both
class TestRead:
    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b'"a\x00\x01\x1f\t\n\r\x7fb"', "a\x00\x01\x1f\t\n\r\x7fb"),
            (b'"a\xffb\xc3"', "a\ufffdb\ufffd"),
            (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
            (b'"\\ud800"', "\ufffd"),
            (b'"\\uDC00x"', "\ufffdx"),
            (b'"\\ud83d\\ude00"', "\U0001f600"),
            (b'{"\\uD800":["\\udfff"]}', {"\ufffd": ["\ufffd"]}),
            (b'"\\\\ud800"', "\\ud800"),
            (b'"\\u0000"', "\0"),
            (b"\xef\xbb\xbf[]", []),
            (b" \t\r\n[ ] \n", []),
            (b'{"a":1,"a":2,"b":{"a":3,"a":4}}', {"a": 2, "b": {"a": 4}}),
            (b"9223372036854775807", 2**63 - 1),
            (b"-9223372036854775808", -(2**63)),
            (b"-0", 0),
            (b"1e3", 1000.0),
            ('"客服😀"'.encode(), "客服😀"),
        ],
    )
    def test_what_the_platform_sends_is_read(
        self, read: Reader, body: bytes, value: JsonValue
    ) -> None:
        """Raw control characters, broken UTF-8, halves of emoji, marks; the last name wins."""
        assert read(body) == value

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b" ",
            b"\xef\xbb\xbf",
            b"{",
            b"[1,]",
            b"{'a':1}",
            b'{"a"}',
            b"[1]x",
            b"[1][2]",
            b"01",
            b"+1",
            b".5",
            b"1_0",
            b"0x1",
            b'"',
            b'"\\x41"',
            b'"\\u12"',
            b"nul",
            b"// c\n1",
            b"<xml/>",
            b"\0",
            "[１]".encode(),
            "[1]".encode("utf-16"),
            b"9" * 5000,
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"[" * 100_000 + b"]" * 100_000,
        ],
        ids=lambda body: str(body[:12]),
    )
    def test_what_is_no_json_is_refused(self, read: Reader, body: bytes) -> None:
        """With the one error, however deep, long or odd it is."""
        with pytest.raises(DecodeError):
            read(body)

    @pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
    @pytest.mark.parametrize("inside", [b"1", b"[]", b"{}", b'"\\ud800"'])
    def test_the_bound_on_levels_is_exact(
        self, read: Reader, start: bytes, end: bytes, inside: bytes
    ) -> None:
        """What is as deep as the bound can be shown, compared and written; deeper is refused."""
        each = start.count(b"[") + start.count(b"{")
        levels = (MAX_DEPTH - (inside in (b"[]", b"{}"))) // each
        value = read(start * levels + inside + end * levels)

        assert value == _loads_standard(dumps(value))
        assert repr(value)
        with pytest.raises(DecodeError, match=f"at most {MAX_DEPTH} deep"):
            read(start * (levels + 1) + inside + end * (levels + 1))

    def test_many_lists_side_by_side_are_not_deep(self, read: Reader) -> None:
        """Only what is nested counts, and brackets in text do not."""
        many: JsonValue = [[{"a": "[{" * 200}] for _ in range(300)]

        assert read(dumps(many)) == many

    @given(value=json_values())
    def test_what_is_written_is_read_property(self, read: Reader, value: JsonValue) -> None:
        """Every value comes back."""
        assert read(dumps(value)) == value


def outcome(read: Reader, body: bytes) -> str:
    """Show what a reader makes of a body, in a way that tells types and NaN apart."""
    try:
        return repr(read(body))
    except DecodeError:
        return "refused"


class TestReadersAgree:
    @given(st.binary(max_size=60) | json_values().map(dumps))
    @example(b'"\\ud800"')
    @example(b"[1e400]")
    @example(b"[NaN]")
    @example(b"-Infinity")
    @example(b'"\x00"')
    @example(b"18446744073709551615")
    def test_both_readers_give_the_same_property(self, body: bytes) -> None:
        """What one refuses the other refuses, and what they read is equal, to the type."""
        assert outcome(loads, body) == outcome(_loads_standard, body)

    @given(
        st.integers()
        | st.integers(2**63 - 2, 2**64 + 2)
        | st.integers(-(2**63) - 2, 2 - 2**63)
        | st.integers(-(10**600), 10**600)
    )
    def test_integers_are_exact_property(self, number: int) -> None:
        """Beyond 64 bits as well, by both readers."""
        read = loads(b'{"id":%d}' % number)
        assert read == _loads_standard(b'{"id":%d}' % number) == {"id": number}
        assert type(loads(b"%d" % number)) is int

    @given(value=json_values(), data=st.data())
    def test_spoiled_documents_are_read_alike_property(
        self, value: JsonValue, data: st.DataObject
    ) -> None:
        """Cut, spliced and changed documents as well."""
        body = dumps(value)
        at, end = sorted(data.draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        piece = data.draw(st.sampled_from([b"", b"\xff", b"\x01", b"\\", b"\\ud8ab", b"]", b'"']))
        for spoiled in (body[:at] + piece, body[:at] + piece + body[end:]):
            assert outcome(loads, spoiled) == outcome(_loads_standard, spoiled)


WRITTEN: list[tuple[JsonValue, bytes]] = [
    ({"a": "客服 😀 \u2028", "b": None}, '{"a":"客服 😀 \u2028","b":null}'.encode()),
    ('"\\/\x01\x7f', b'"\\"\\\\/\\u0001\x7f"'),
    ([True, 1, 1.5, []], b"[true,1,1.5,[]]"),
]


class TestWritten:
    @pytest.mark.parametrize(("value", "body"), WRITTEN)
    def test_it_is_raw_utf8_without_white_space(self, value: JsonValue, body: bytes) -> None:
        """Only what JSON itself forbids is escaped."""
        assert dumps(value) == body

    @pytest.mark.parametrize(
        "value",
        [
            float("nan"),
            float("inf"),
            "\ud800",
            {"\udfff": 1},
            10**5000,
            {"a": object()},
            b"x",
            {1, 2},
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_json_cannot_hold_is_refused(self, value: JsonValue) -> None:
        """Before anything is sent."""
        with pytest.raises(EncodeError):
            dumps(value)

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (
                {"a": [{}, {"b": "x\udc00"}]},
                "$.a[1].b: expected text that UTF-8 can hold, got '\\udc00'",
            ),
            ({"a": {"b\ud800": 1}}, "$.a: expected text that UTF-8 can hold, got '\\ud800'"),
            ({"a": "b", "c": [1, float("inf")]}, "$.c[1]: expected a value that JSON can hold: "),
            ({"a": {"b": ("c", object())}}, "$.a.b[1]: expected a value that JSON can hold: "),
            ({"a": {("b",): 1}}, "$.a: expected a value that JSON can hold: "),
        ],
        ids=["text", "name", "number", "object", "key"],
    )
    def test_what_is_refused_is_named(self, value: JsonValue, shown: str) -> None:
        """By the way to it, from the outside in."""
        with pytest.raises(EncodeError) as failure:
            dumps(value)

        assert str(failure.value).startswith(shown)

    def test_what_is_nested_without_end_is_refused(self) -> None:
        """A list that holds itself is no JSON, and neither is one of a hundred thousand levels."""
        endless: list[JsonValue] = []
        endless.append(endless)
        deep: JsonValue = []
        for _ in range(100_000):
            deep = [deep]

        for value in (endless, deep):
            with pytest.raises(EncodeError):
                dumps(value)

    @given(json_values())
    def test_any_json_reader_reads_it_property(self, value: JsonValue) -> None:
        """It is plain JSON."""
        assert standard.loads(dumps(value)) == value


@pytest.mark.parametrize("body", [b"[]", b'"a"', b"1", b"null", b"true"])
def test_an_object_is_asked_for_by_name(body: bytes) -> None:
    """Another kind of JSON is named in the error."""
    with pytest.raises(DecodeError, match="expected a JSON object, got"):
        loads_object(body)


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b'{"a": -1e400}'])
def test_a_number_that_could_not_be_written_again_is_not_read(body: bytes) -> None:
    """Whichever reader has it, infinity and NaN are no JSON."""
    with pytest.raises(DecodeError):
        json.loads(body)

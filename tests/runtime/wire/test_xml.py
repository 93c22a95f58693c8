"""The platform's XML: what is refused, and that nothing written can break out."""

from __future__ import annotations

import re
from xml.parsers import expat

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.strategies import texts, unknown_elements
from wxruntime.wire import JsonObject, JsonValue
from wxruntime.wire.push import MAX_SIZE, PushFormat
from wxruntime.wire.xml import MAX_DEPTH, dumps, loads

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE xml [
 <!ENTITY a "aaaaaaaaaa">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
 <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
]>
<xml><a>&d;</a></xml>"""


class TestRefused:
    @pytest.mark.parametrize(
        "body",
        [
            BOMB,
            b"<!DOCTYPE xml><xml/>",
            b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
            b'<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml>&x;</xml>',
            b'<!DOCTYPE xml [<!ENTITY % x "y">]><xml/>',
            b'\xef\xbb\xbf<!DOCTYPE xml [<!ENTITY x "y">]><xml>&x;</xml>',
        ],
        ids=["bomb", "empty", "external", "external entity", "parameter entity", "after a mark"],
    )
    def test_a_document_type(self, body: bytes) -> None:
        """No push has one, and most attacks begin with one."""
        with pytest.raises(DecodeError, match="document type"):
            loads(body)

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    @pytest.mark.parametrize("text", ["<xml><a>b</a></xml>", "<!DOCTYPE xml><xml><a>b</a></xml>"])
    def test_another_encoding_than_utf8(self, encoding: str, text: str) -> None:
        """A parser reads UTF-16 whatever it is told, and sees what a scan of bytes does not."""
        with pytest.raises(DecodeError):
            loads(text.encode(encoding))

    def test_another_encoding_in_the_declaration_changes_nothing(self) -> None:
        """The bytes are UTF-8 whatever the declaration says."""
        for name in ("GBK", "UTF-16", "ISO-8859-1", "no-such-encoding"):
            body = f'<?xml version="1.0" encoding="{name}"?><xml><a>客服</a></xml>'.encode()

            assert loads(body) == {"a": "客服"}

        with pytest.raises(DecodeError):
            loads('<?xml version="1.0" encoding="GBK"?><xml><a>客服</a></xml>'.encode("gbk"))

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<",
            b"<xml",
            b"<xml>",
            b"<xml></xml",
            b"<xml></xml><xml></xml>",
            b"<xml></xml>x",
            b"x<xml></xml>",
            b" <?xml version='1.0'?><xml></xml>",
            b"<xml><a></b></xml>",
            b"<xml><a>]]></a></xml>",
            b"<xml><a><![CDATA[x</a></xml>",
            b"<xml><a>&nbsp;</a></xml>",
            b"<xml><a>&#0;</a></xml>",
            b"<xml><a>&#xFFFE;</a></xml>",
            b"<xml><a>&#xD800;</a></xml>",
            b"<xml><a>\x01</a></xml>",
            b"<xml><a>\xff</a></xml>",
            b"<xml><a>\xed\xa0\x80</a></xml>",
            b"<xml><a>\xef\xbf\xbf</a></xml>",
            b"<xml><1/></xml>",
        ],
    )
    def test_what_is_not_well_formed(self, body: bytes) -> None:
        """Whatever expat says against it becomes the one error."""
        with pytest.raises(DecodeError):
            loads(body)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"<xml a='b'/>", "<xml a=…>"),
            (b"<xml><b z='1' c='2'/></xml>", "<b c=…>"),
            (b"<xml xmlns='urn:x'/>", "xmlns"),
            (b"<xml><a>b<c/></a></xml>", "both"),
            (b"<xml><a><c/>b</a></xml>", "both"),
            (b"<xml>b<a/></xml>", "both"),
            (b"<xml><a/>&#160;<b/></xml>", "both"),
            (b"<html/>", "<xml> around the document, got <html>"),
            (b"<XML/>", "got <XML>"),
        ],
    )
    def test_a_shape_that_could_not_be_given_back(self, body: bytes, words: str) -> None:
        """Attributes, mixed content and another root; the error shows which."""
        with pytest.raises(DecodeError, match=re.escape(words)):
            loads(body)

    @pytest.mark.parametrize(
        ("inside", "text"),
        [
            (" <![CDATA[a]]> ", "a"),
            ("\n    <![CDATA[ a ]]>\n  ", " a "),
            (" <![CDATA[]]> ", ""),
            ("<![CDATA[a]]> <![CDATA[b]]>", "a b"),
            ("<![CDATA[]]>&#13;<![CDATA[]]>", "\r"),
            (" <![CDATA[a]]>b ", "ab "),
            (" b<![CDATA[a]]> ", " ba"),
            ("  ", "  "),
        ],
    )
    def test_white_space_around_a_section_is_layout(self, inside: str, text: str) -> None:
        """The platform puts sections on lines of their own; white space alone is content."""
        body = f"<xml><a>{inside}</a><b>  </b></xml>".encode()

        assert loads(body) == {"a": text, "b": "  "}

    def test_a_section_between_elements_leaves_no_trace(self) -> None:
        """An empty one there is layout, and changes nothing of what comes behind it."""
        assert loads(b"<xml><![CDATA[]]><a>  </a><![CDATA[ ]]></xml>") == {"a": "  "}

    def test_fifty_thousand_levels(self) -> None:
        """They end at the bound, with an error and not with the stack."""
        deep = b"<a>" * 50_000 + b"</a>" * 50_000

        with pytest.raises(DecodeError, match=str(MAX_DEPTH)):
            loads(b"<xml>" + deep + b"</xml>")

    def test_the_bound_on_levels_is_exact(self) -> None:
        """As deep as the bound is read and written; one deeper is refused both ways."""
        inside = MAX_DEPTH - 1
        allowed = b"<xml>" + b"<a>" * inside + b"</a>" * inside + b"</xml>"
        wire = loads(allowed)
        deeper: JsonObject = {"a": wire}

        assert loads(dumps(wire)) == wire
        with pytest.raises(EncodeError, match=str(MAX_DEPTH)):
            dumps(deeper)
        with pytest.raises(DecodeError, match=str(MAX_DEPTH)):
            loads(allowed.replace(b"<xml>", b"<xml><a>").replace(b"</xml>", b"</a></xml>"))

    def test_a_body_above_the_bound_is_refused_before_it_is_read(self) -> None:
        """A push has at most a megabyte, whatever is in it."""
        pushes: PushFormat[JsonObject] = PushFormat("MsgType", "event", "Event", {}, dict)
        head, tail = b"<xml><a>", b"</a></xml>"
        largest = head + b"x" * (MAX_SIZE - len(head) - len(tail)) + tail

        assert len(str(pushes.decode(largest)["a"])) == MAX_SIZE - len(head) - len(tail)
        with pytest.raises(DecodeError, match=f"at most {MAX_SIZE} bytes"):
            pushes.decode(largest + b" ")
        with pytest.raises(DecodeError, match="at most 10 bytes"):
            pushes.decode(largest, max_size=10)


class TestRead:
    @pytest.mark.parametrize(
        ("body", "wire"),
        [
            (b"<xml/>", {}),
            (b"<xml> \r\n\t</xml>", {}),
            (b"<xml><a/></xml>", {"a": ""}),
            (b"<xml><a> </a></xml>", {"a": " "}),
            (b"<xml><a>1</a><a>2</a><a>3</a></xml>", {"a": ["1", "2", "3"]}),
            (b"<xml><a><b>1</b></a><a/></xml>", {"a": [{"b": "1"}, ""]}),
            (b"<xml><a>x<!-- c -->y<?p?>z<![CDATA[&]]>&amp;</a></xml>", {"a": "xyz&&"}),
            (b"<xml><a>1\r\n2\r3&#13;</a></xml>", {"a": "1\n2\n3\r"}),
            (b"<xml><a><!-- only --></a></xml>", {"a": ""}),
            ("<xml><客>服</客></xml>".encode(), {"客": "服"}),
        ],
    )
    def test_elements_become_text_objects_and_lists(self, body: bytes, wire: JsonObject) -> None:
        """Repetition makes a list, children make an object, everything else is text."""
        assert loads(body) == wire

    def test_ten_thousand_repetitions_are_read(self) -> None:
        """In time that grows with their number and no faster."""
        assert loads(b"<xml>" + b"<a/>" * 100_000 + b"</xml>") == {"a": [""] * 100_000}


class TestWritten:
    @pytest.mark.parametrize(
        "text",
        [
            "]]>",
            "]]]]>>",
            "]]",
            "]]]",
            ">",
            "]]></a><Event><![CDATA[x]]></Event><a>",
            "]]><![CDATA[",
            "]]]]><![CDATA[>",
            "<b>&amp;</b>",
            "]\r]>",
            "]]\r>",
            "\r\n\t \n",
            "\x7f\x85\u2028",
            "\U0001f600\U0001fffe",
            "",
        ],
    )
    def test_a_text_cannot_leave_its_element(self, text: str) -> None:
        """`]]>` and what follows it stay text: no element is added, none is changed."""
        wire: JsonObject = {"a": text, "b": {"c": text}, "d": [text, "x"]}

        assert loads(dumps(wire)) == wire

    @given(st.text(st.sampled_from("]]]>><[!CDATA&;\r\n\ta/"), max_size=40))
    @example("]]>" * 20)
    def test_no_text_leaves_its_element_property(self, text: str) -> None:
        """Whatever the pieces of the syntax are put together to."""
        written = dumps({"a": text, "z": "1"})
        starts: list[str] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, _: starts.append(tag)
        parser.Parse(written, True)

        assert starts == ["xml", "a", "z"]
        assert loads(written) == {"a": text, "z": "1"}

    @given(unknown_elements())
    def test_what_is_written_is_read_property(self, wire: JsonObject) -> None:
        """Text, objects and repetition come back as they were."""
        assert loads(dumps(wire)) == wire

    @given(st.text(st.characters(exclude_categories=()), max_size=10))
    @example("\ud800")
    @example("\x00")
    @example("\ufffe")
    def test_any_text_is_written_whole_or_refused_property(self, text: str) -> None:
        """What XML cannot hold is an error before it is sent, never a changed text."""
        try:
            written = dumps({"a": text})
        except EncodeError:
            written = b""

        assert loads(written) == {"a": text} if written else _XML_CANNOT.search(text)

    @pytest.mark.parametrize(
        "name",
        [
            "",
            " ",
            "a b",
            "1",
            "-a",
            "a>",
            "<a",
            "a/",
            "a&",
            "?xml",
            "!--",
            "a=",
            "a'",
            "\0",
            "\ud800",
        ],
    )
    def test_a_name_that_no_element_can_have_is_refused(self, name: str) -> None:
        """It could add an attribute or an element."""
        with pytest.raises(EncodeError, match="name"):
            dumps({name: "x"})

    @given(st.text(max_size=6))
    @example("a:b")
    @example("x\u00b7")
    def test_a_name_is_kept_or_refused_property(self, name: str) -> None:
        """Whatever name is accepted is read again as it was."""
        try:
            written = dumps({name: "x"})
        except EncodeError:
            return

        assert loads(written) == {name: "x"}

    @pytest.mark.parametrize(
        ("value", "content"),
        [
            ("5", b"<![CDATA[5]]>"),
            (5, b"5"),
            (-(2**63), b"-9223372036854775808"),
            (True, b"true"),
            (False, b"false"),
            (1.5, b"1.5"),
        ],
    )
    def test_text_goes_into_cdata_and_numbers_stand_bare(
        self, value: JsonValue, content: bytes
    ) -> None:
        """As the platform writes them."""
        assert dumps({"a": value}) == b"<xml><a>" + content + b"</a></xml>"

    def test_what_is_absent_is_not_written(self) -> None:
        """The platform has no null and no empty list."""
        assert dumps({"a": None, "b": [], "c": [None, "x"]}) == (b"<xml><c><![CDATA[x]]></c></xml>")

    @pytest.mark.parametrize(
        "value",
        [[["a"]], float("nan"), float("inf"), -float("inf"), 10**400, 10**5000],
        ids=["lists", "nan", "inf", "-inf", "large", "larger"],
    )
    def test_what_elements_cannot_hold_is_refused(self, value: JsonValue) -> None:
        """Lists of lists, and numbers that are none or of no sensible size."""
        with pytest.raises(EncodeError):
            dumps({"a": value})


_XML_CANNOT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@given(st.binary(max_size=200), texts())
def test_any_bytes_are_read_or_refused_property(body: bytes, text: str) -> None:
    """Bytes alone, and inside an otherwise valid document: an object or the one error."""
    for document in (body, b"<xml><a>" + body + b"</a></xml>", text.encode() + body):
        try:
            wire = loads(document)
        except DecodeError:
            continue

        assert loads(dumps(wire)) == wire

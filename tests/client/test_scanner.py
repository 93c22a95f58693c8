"""The scanner against the reference: whatever it accepts, it reads as the reference does."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from attrs import astuple
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.client.described import is_scanned, marks_of, pushes
from tests.client.mutations import (
    ORDINARY,
    PIECES,
    WHOLE,
    Fields,
    described,
    document,
    fields_of,
    mutated,
    names,
)
from wxoa import events
from wxoa.events import FORMAT, Event
from wxruntime.wire import Timestamp


def types_of(event: Event) -> list[type]:
    """List the exact types of an event's values: `Timestamp` and `int` are equal, and differ."""
    return [type(value) for value in astuple(event, recurse=False)]


def agree(body: bytes) -> Event | None:
    """Scan a document; what the scanner accepts, the reference has to read and read the same."""
    scanned = FORMAT.scan(body)
    if scanned is not None:
        read = FORMAT.decode_reference(body)

        assert scanned == read
        assert types_of(scanned) == types_of(read)
    return scanned


def test_what_is_single_has_a_scanner() -> None:
    """Single values have one; models, lists and flags are the reference's."""
    scanned = {(kind.decode(), name.decode()) for kind, n in FORMAT.scanners.items() for name in n}
    messages = {(kind.decode(),) for kind in FORMAT.message_scanners}

    assert scanned | messages == {
        tuple(marks_of(push).values()) for push in pushes() if is_scanned(push)
    }
    assert {*names()} < {push.class_name for push in pushes()}


@pytest.mark.parametrize("name", names())
class TestAccepted:
    def test_what_the_platform_writes_is_scanned(self, name: str) -> None:
        """The fast way is really taken, for documents with any spacing, optional fields or not."""
        for between in (b"", b"\n", b"\n  ", b"\t"):
            for optional in (True, False):
                event = agree(document(fields_of(name, optional=optional), between) + between)

                assert type(event).__name__ == name

    def test_what_encode_writes_is_scanned(self, name: str) -> None:
        """Our own pushes look like the platform's."""
        event = FORMAT.decode_reference(document(fields_of(name)))

        scanned = agree(events.encode(event))

        assert scanned == event

    def test_ordinary_content_is_scanned(self, name: str) -> None:
        """Text of any script, white space, nothing at all: each where its kind belongs."""
        changed: set[bytes] = set()
        marks = {tag.encode() for tag in marks_of(described(name))}
        for content in ORDINARY:
            for at, (field, former) in enumerate(fields_of(name)):
                cdata = content.startswith(b"<![CDATA[")
                if former.startswith(b"<![CDATA[") != cdata or field in marks:
                    continue
                if b"." in former and len(content) > 15:
                    continue  # more digits than a double holds
                fields = fields_of(name)
                fields[at] = field, content
                changed.add(content)

                assert agree(document(fields)) is not None, (field, content)

        assert changed == {*ORDINARY}


SHAPES = ("KfCreateSessionEvent", "TextMessage", "LocationMessage", "DeviceSubscribeStatusEvent")
"""Pushes that differ in what their patterns are made of: marks, optional fields, numbers."""


@pytest.mark.parametrize("name", SHAPES)
class TestShapes:
    def test_every_piece_in_every_field(self, name: str) -> None:
        """As its whole content, in a CDATA section, before and after the section."""
        original = fields_of(name)
        for piece, (at, (field, former)) in product(PIECES, enumerate(original)):
            for content in (
                piece,
                b"<![CDATA[" + piece + b"]]>",
                b"<![CDATA[a" + piece + b"b]]>",
                piece + former,
                former + piece,
            ):
                agree(document([*original[:at], (field, content), *original[at + 1 :]]))

    def test_every_piece_between_all_fields(self, name: str) -> None:
        """Between two elements, before the first and after the last, around the document."""
        whole = document(fields_of(name))
        marks = [at for at in range(len(whole) + 1) if whole[at : at + 1] in (b"<", b"\n", b"")]
        for piece, at in product(PIECES, marks):
            agree(whole[:at] + piece + whole[at:])

    def test_every_change_of_the_whole(self, name: str) -> None:
        """Byte order marks, other encodings, attributes, other roots."""
        for change, between in product(WHOLE, (b"", b"\n")):
            agree(change(document(fields_of(name), between)))

    def test_every_field_repeated_removed_moved_and_nested(self, name: str) -> None:
        """With its own value and with another one: which one wins is the reference's to say."""
        original = fields_of(name)
        for at, (field, former) in enumerate(original):
            others: list[Fields] = [original[:at] + original[at + 1 :]]
            for content in (former, b"<![CDATA[another]]>", b"5", b"", b"<a>x</a>"):
                others += [
                    [*original[:to], (field, content), *original[to:]]
                    for to in range(len(original) + 1)
                ]
            moved = original[:at] + original[at + 1 :]
            others += [[*moved[:to], (field, former), *moved[to:]] for to in range(len(original))]
            others.append([*moved, (b"a", b"<%b>%b</%b>" % (field, former, field))])
            for fields in others:
                agree(document(fields))

    def test_a_document_cut_anywhere_is_not_scanned(self, name: str) -> None:
        """Every beginning and every end of a push is refused, and so is every other byte in it."""
        whole = document(fields_of(name))

        for at in range(1, len(whole)):
            assert agree(whole[:at]) is None
            assert agree(whole[at:]) is None


@pytest.mark.parametrize("name", names())
@settings(max_examples=settings().max_examples // 5)
@given(seed=st.integers(0, 2**64))
def test_mutated_pushes_property(name: str, seed: int) -> None:
    """Spoiled fields, shapes and bytes together: None, or what the reference reads."""
    random = Random(seed)
    for _ in range(100 if name in SHAPES else 15):
        agree(mutated(random, name))


@given(st.binary())
@example(b"")
@example(b"<Event><![CDATA[")
@example(b"<MsgType><![CDATA[text]]>")
@example(b"<MsgType><![CDATA[event]]>")
@example(b"<MsgType><![CDATA[event]]><Event><![CDATA[")
@example(b"<MsgType><![CDATA[event]]><Event><![CDATA[kf_create_session]]>")
@example(b"<Event><![CDATA[kf_create_session")
@example(b"<Event><![CDATA[kf_create_session]")
def test_arbitrary_bytes_property(body: bytes) -> None:
    """What is no push at all is not scanned."""
    assert agree(body) is None


@given(
    st.text(
        st.characters(codec="utf-8")
        | st.sampled_from("]>&<\r\n\t\x00\x0b\x1f\x7f\x85\ufffe\uffff"),
        max_size=8,
    )
)
def test_arbitrary_text_in_a_field_property(text: str) -> None:
    """Raw text inside CDATA, as a careless sender would write it."""
    for name in SHAPES:
        fields = fields_of(name)
        fields[-1] = fields[-1][0], b"<![CDATA[" + text.encode() + b"]]>"
        agree(document(fields))


WRITTEN = (
    "<Event><![CDATA[kf_create_session",
    "<MsgType><![CDATA[event",
    "<MsgType><![CDATA[image]]></MsgType>",
    "]]></Content><MsgType><![CDATA[transfer_customer_service]]></MsgType><Content><![CDATA[",
    "]]><Event><![CDATA[kf_create_session]]></Event><![CDATA[",
    "]]>",
    "]",
    "a\rb\r\nc",
    "&lt;MsgId&gt;1&lt;/MsgId&gt;",
    "😀 客服",
    "",
)
"""What a customer may write: whatever looks like markup, and what XML changes."""


class TestTextsOfCustomers:
    @pytest.mark.parametrize("content", WRITTEN)
    def test_any_text_is_read_as_it_was_written(self, content: str) -> None:
        """Scanned or not, it is the text of a text message, and nothing else."""
        message = events.TextMessage("gh_1", "o6_a", Timestamp(1), content, 6054768590064713728)
        body = events.encode(message)

        scanned = agree(body)

        assert events.decode(body) == message
        assert (scanned is None) == ("]" in content or "\r" in content)

    @pytest.mark.parametrize("content", WRITTEN)
    def test_text_that_is_not_escaped_adds_nothing(self, content: str) -> None:
        """A sender that puts it into one section as it is: the scanner says no, or agrees."""
        fields = fields_of("TextMessage")
        at = [name for name, _ in fields].index(b"Content")
        fields[at] = b"Content", f"<![CDATA[{content}]]>".encode()

        scanned = agree(document(fields))

        if scanned is not None:
            assert isinstance(scanned, events.TextMessage)
            assert scanned.content == content

    def test_a_menu_s_answer_is_read_though_its_entry_is_bare(self) -> None:
        """The entry of a menu has no section around it."""
        body = document(fields_of("TextMessage", optional=False))
        bare = body.replace(b"</xml>", b"<bizmsgmenuid>101</bizmsgmenuid></xml>")

        assert agree(bare) is None
        message = events.decode(bare)
        assert isinstance(message, events.TextMessage)
        assert message.menu_id == "101"

    @pytest.mark.parametrize("tag", ["Event", "MsgType"])
    def test_a_second_mark_is_the_reference_s_to_judge(self, tag: str) -> None:
        """A text message that says it is an event as well."""
        fields = fields_of("TextMessage")
        for at in range(len(fields) + 1):
            for said in (b"kf_create_session", b"event", b"image"):
                more = [*fields[:at], (tag.encode(), b"<![CDATA[" + said + b"]]>"), *fields[at:]]

                assert agree(document(more)) is None

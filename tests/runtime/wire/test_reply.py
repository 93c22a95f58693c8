"""The table of a service's replies, with a service of its own."""

from __future__ import annotations

import pytest
from attrs import frozen

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import Codecs, JsonObject
from wxruntime.wire.reply import ReplyFormat


@frozen
class Said:
    """A reply."""

    words: str


@frozen
class Word:
    """What stands inside of a reply, and is none."""


def _read(wire: JsonObject) -> Said:
    return Said(str(wire.pop("Words")))


def _write(value: Said) -> JsonObject:
    return {"MsgType": "said", "Words": value.words}


def _no_word(wire: JsonObject) -> Word:
    return Word()


def _nothing(value: Word) -> JsonObject:
    return {}


CODECS = Codecs()
CODECS.add(Said, _read, _write)
CODECS.add(Word, _no_word, _nothing)
FORMAT: ReplyFormat[Said] = ReplyFormat("MsgType", "To", "From", "At", {"said": _read}, CODECS)
EMPTY: ReplyFormat[Said] = ReplyFormat("MsgType", "", "", "", {}, Codecs())


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_reply_comes_back_as_it_went(form: str) -> None:
    """In both forms."""
    reply = Said("]]> & \r")
    body = FORMAT.write(FORMAT.fields(reply), "xml" if form == "xml" else "json")

    assert FORMAT.decode(body) == reply


def test_what_is_no_reply_is_named() -> None:
    """Whatever was returned by mistake, its class is said and its content is not."""
    for wrong, name in ((Word(), "Word"), ("a secret text", "str"), (None, "NoneType")):
        with pytest.raises(EncodeError, match=rf"expected a reply \(said\), got {name}$"):
            FORMAT.fields(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_reply_of_another_kind_is_refused() -> None:
    """The error says which there are."""
    with pytest.raises(DecodeError, match=r"^\$\.MsgType: expected a reply \(said\), got .*'sung'"):
        FORMAT.decode(b'{"MsgType": "sung"}')
    with pytest.raises(DecodeError, match="got a list"):
        FORMAT.decode(b'{"MsgType": ["said"]}')
    with pytest.raises(DecodeError, match="expected a reply in XML or JSON"):
        FORMAT.decode(b"")


def test_a_service_may_have_no_replies() -> None:
    """Then nothing is one."""
    with pytest.raises(EncodeError, match="of no kind at all"):
        EMPTY.fields(Said(""))
    with pytest.raises(DecodeError, match="of no kind at all"):
        EMPTY.read({"MsgType": "said"})


def test_there_are_two_forms() -> None:
    """Any other is an error that says so."""
    with pytest.raises(EncodeError, match="expected the form 'xml' or 'json', got 'yaml'"):
        FORMAT.write({}, "yaml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

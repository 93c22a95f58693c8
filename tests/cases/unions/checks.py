"""Objects that are one of several models: beside the tag, or under what the tag says."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire import Timestamp


def test_a_call_sends_what_it_was_given(package: ModuleType) -> None:
    """The parts stand among the other fields, and an element of its own holds what shares it."""
    chat = package.chat
    call = chat.say("o6", chat.Text("hi"), 7, [1, 2], account="sara", since=9)

    assert call.body == {
        "touser": "o6",
        "msgtype": "text",
        "text": {"content": "hi"},
        "size": 1,
        "since": 9,
        "customservice": {"kf_account": "sara"},
        "filter": {"scope": 7, "ids": {"id": [1, 2]}},
    }
    assert "customservice" not in chat.say("o6", chat.Text("hi"), 7, []).body


def test_what_nobody_described_can_be_sent(package: ModuleType) -> None:
    """As it stands on the wire; what is none of them at all is refused by name."""
    chat = package.chat
    call = chat.say("o6", chat.UnknownSaid({"msgtype": "dance", "dance": {"steps": 3}}), 7, [])

    assert (call.body["msgtype"], call.body["dance"]) == ("dance", {"steps": 3})
    with pytest.raises(EncodeError, match="expected one of Said, got str"):
        chat.say("o6", "hi", 7, [])
    with pytest.raises(EncodeError, match="expected msgtype and dance, got touser as well"):
        chat.say("o6", chat.UnknownSaid({"msgtype": "dance", "touser": "o7"}), 7, [])
    with pytest.raises(EncodeError, match=r"\$\.msgtype: expected a text, got nothing"):
        chat.say("o6", chat.UnknownSaid({}), 7, [])


def test_an_unknown_variant_replaces_no_other_field(package: ModuleType) -> None:
    """Neither a parameter, nor an element, nor a field of a model that holds the union."""
    chat = package.chat
    codec = chat.CODECS[chat.Kept]

    for name in ("touser", "filter", "customservice"):
        unknown = chat.UnknownSaid({"msgtype": name, name: {}})
        with pytest.raises(EncodeError, match=rf"^\$\.{name}: .* replaces no other field"):
            chat.say("o6", unknown, 1, [])
    with pytest.raises(EncodeError, match=r"^\$\.at: .* replaces no other field"):
        codec.encode(chat.Kept(chat.UnknownSaid({"msgtype": "at", "at": {}}), Timestamp(1)))


def test_an_enumeration_may_be_given_as_its_value(package: ModuleType) -> None:
    """One that nobody described as well: enumerations are open."""
    chat = package.chat

    assert chat.say("o6", chat.Text("hi"), 7, [], size=chat.Size.LARGE).body["size"] == 2
    assert chat.say("o6", chat.Text("hi"), 7, [], size=9).body["size"] == 9
    assert chat.show([], size=2).query == {"size": "2"}


def test_a_tag_says_how_the_rest_is_read(package: ModuleType) -> None:
    """Buttons hold their fields beside the tag, and may hold other buttons."""
    chat = package.chat
    listed = {"buttons": [{"type": "click", "key": "a"}, {"type": "group"}, {"type": "x", "y": 1}]}

    assert chat.show([]).decode(listed) == [
        chat.Click("a"),
        chat.Group(),
        chat.UnknownButton({"type": "x", "y": 1}),
    ]
    assert chat.one().decode({"button": {"type": "click", "key": "a"}}) == chat.Click("a")
    assert chat.show([chat.Click("a"), chat.UnknownButton({"type": "x"})]).body == {
        "button": [{"type": "click", "key": "a"}, {"type": "x"}]
    }


def test_an_object_without_its_tag_is_an_error(package: ModuleType) -> None:
    """The error names the place."""
    chat = package.chat
    with pytest.raises(DecodeError, match=r"\$\.buttons\[1\]\.type: expected a string, got noth"):
        chat.show([]).decode({"buttons": [{"type": "group"}, {"key": "a"}]})
    with pytest.raises(DecodeError, match=r"\$\.text\.content"):
        chat.CODECS[chat.Kept].decode({"msgtype": "text", "text": {}, "at": 1})
    with pytest.raises(DecodeError, match=r"\$\.text: expected an object, got the text 'x'"):
        chat.CODECS[chat.Kept].decode({"msgtype": "text", "text": "x", "at": 1})


def test_secrets_inside_are_secrets(package: ModuleType) -> None:
    """Whichever of the models holds them."""
    chat = package.chat
    call = chat.say("o6", chat.Secretive("swordfish-word"), 7, [])

    assert call.secrets == ("word",)
    assert "swordfish-word" not in repr(call)


def test_the_converter_knows_a_union(package: ModuleType) -> None:
    """As it knows the models, and a timestamp."""
    chat = package.chat
    converter = package.converter

    assert converter.structure({"type": "click", "key": "a"}, chat.Button) == chat.Click("a")
    assert converter.structure({"msgtype": "no"}, chat.Said) == chat.UnknownSaid({"msgtype": "no"})
    assert converter.structure("7", Timestamp) == Timestamp(7)
    with pytest.raises(DecodeError, match="expected an object"):
        converter.structure(7, chat.Button)


def test_the_catalog_lists_the_union(package: ModuleType) -> None:
    """For whoever writes documents without the classes."""
    catalog = package.catalog.CATALOG
    said = catalog.unions["chat.Said"]

    assert (said.tag, said.inline) == ("msgtype", False)
    assert dict(said.variants) == {"text": "chat.Text", "secret": "chat.Secretive"}
    assert catalog.unions["chat.Button"].inline
    named = {
        field.name: field.type.of for field in catalog.endpoints["chat.say"].body if field.type.of
    }
    assert named == {"said": "chat.Said", "size": "chat.Size"}
    assert catalog.models["chat.Kept"].fields[0].type.of == "chat.Said"
    assert dict(catalog.enums["chat.Size"].values) == {"SMALL": 1, "LARGE": 2}

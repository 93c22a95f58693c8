"""Models and lists that are written as JSON inside of text."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError
from wxruntime.upload import Form


def test_a_call_sends_text(package: ModuleType) -> None:
    """In a query, in a body and in an element of it; what is absent is not sent."""
    chat = package.chat
    point = chat.Point(1, 2)
    call = chat.put(point, [point], point, [7, 8], far=chat.UnknownButton({"type": "x"}))

    assert call.query == {
        "where": '{"x":1,"y":2}',
        "near": '[{"x":1,"y":2}]',
        "far": '{"type":"x"}',
    }
    assert call.body == {"point": '{"x":1,"y":2}', "filter": {"ids": "[7,8]"}}
    assert chat.put(point, [], point, [], chat.Click("a")).query["near"] == "[]"


def test_a_form_holds_text(package: ModuleType) -> None:
    """Beside its files; a text beyond ASCII stays as it is."""
    chat = package.chat
    form = chat.upload(b"video", [chat.Point(1)], chat.Point(2)).body

    assert isinstance(form, Form)
    assert form.fields == {"points": '[{"x":1,"y":0}]', "description": '{"x":2,"y":0}'}
    bare = chat.upload(b"video", []).body
    assert isinstance(bare, Form)
    assert bare.fields == {"points": "[]"}


def test_what_is_no_json_is_an_error(package: ModuleType) -> None:
    """It says where; what the text holds is read like anything else."""
    place = package.chat.CODECS[package.chat.Place]
    button = {"type": "click", "key": "a"}

    with pytest.raises(DecodeError, match=r"\$\.point"):
        place.decode({"point": "{x}", "button": button})
    with pytest.raises(DecodeError, match=r"\$\.point\.x: expected a whole number, got noth"):
        place.decode({"point": "{}", "button": button})
    with pytest.raises(DecodeError, match=r"\$\.point: expected an object, got the number 5"):
        place.decode({"point": "5", "button": button})
    with pytest.raises(DecodeError, match=r"Words"):
        place.decode({"point": {"x": 1}, "button": button, "More": {"Words": "[["}})


def test_an_answer_is_filled_with_the_object(package: ModuleType) -> None:
    """Where it does not say it itself; what nobody gave fills nothing."""
    chat = package.chat
    get = chat.get(chat.Point(1), inner=chat.Point(3))

    assert get.decode({}) == chat.Place2(chat.Point(1), None, chat.Point(3))
    assert chat.get(chat.Point(1), chat.Level.LOW).decode({"point": '{"x":9}'}) == chat.Place2(
        chat.Point(9), chat.Level.LOW
    )


def test_text_that_holds_a_secret_is_one(package: ModuleType) -> None:
    """However deep it lies, and however often its model is sent."""
    chat = package.chat
    inner = chat.Secretive("swordfish-inner")
    secret = chat.Secretive("swordfish-word", inner)
    call = chat.hide(secret, secret, secret, [chat.Open(secret)])

    assert set(call.secrets) == {"word", "inner", "text", "again", "open"}
    assert "swordfish" not in repr(call)
    assert "swordfish" not in repr(chat.Secretive("swordfish-word"))


def test_the_catalog_says_so(package: ModuleType) -> None:
    """For whoever writes documents without the classes."""
    fields = {field.name: field for field in package.catalog.CATALOG.models["chat.Place"].fields}

    assert fields["point"].as_text
    assert fields["points"].type.of == "chat.Point"

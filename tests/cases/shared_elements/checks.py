"""Elements that several fields share, and elements around the items of a list."""

from types import ModuleType

import pytest

from wxruntime.errors import DecodeError


def test_fields_of_an_element_are_fields_like_others(package: ModuleType) -> None:
    """Whoever uses them does not see where they lie on the wire."""
    things = package.things
    page = things.page(7).decode({"page": {"size": 2, "ids": {"id": "1"}}, "more": {"cursor": "c"}})

    assert page == things.Page(2, 7, [1], "c")
    assert (page.ids_here, page.spot_count) == (1, 0)


def test_nothing_optional_is_no_element(package: ModuleType) -> None:
    """An element that came empty goes out as none."""
    codec = package.things.CODECS[package.things.Page]
    page = codec.decode({"page": {"size": 2}, "total": 5, "more": ""})

    assert page.unknown == {}
    assert "more" not in codec.encode(page)


def test_a_described_field_wins_inside_of_an_element(package: ModuleType) -> None:
    """As it does outside; what nobody described is kept beside it, and stays as it was."""
    things = package.things
    unknown = {"page": {"size": 9, "new": 1, "ids": {"id": [9], "x": 2}}, "total": 9}
    before = {"page": {"size": 9, "new": 1, "ids": {"id": [9], "x": 2}}, "total": 9}
    written = things.CODECS[things.Page].encode(things.Page(2, 7, [1], unknown=unknown))

    assert written["page"] == {"size": 2, "new": 1, "ids": {"id": [1], "x": 2}, "count": 1}
    assert written["total"] == 7
    assert unknown == before


def test_what_cannot_be_merged_is_the_described_one(package: ModuleType) -> None:
    """A text that somebody put where an element belongs is lost to it."""
    things = package.things
    page = things.Page(2, 7, unknown={"page": "text"})

    assert things.CODECS[things.Page].encode(page)["page"] == {
        "size": 2,
        "ids": {"id": []},
        "count": 0,
    }


def test_an_error_names_the_item_of_a_wrapped_list(package: ModuleType) -> None:
    """By the name of the list, whatever its items are called."""
    decode = package.things.page(7).decode

    with pytest.raises(DecodeError, match=r"^\$\.spots\[1\]\.name: expected a string"):
        decode({"page": {"size": 1}, "spots": {"spot": [{"name": "a"}, {}]}})
    with pytest.raises(DecodeError, match=r"^\$\.page\.ids\[0\]: expected a whole number"):
        decode({"page": {"size": 1, "ids": {"id": ["x"]}}})
    with pytest.raises(DecodeError, match=r"^\$\.spots: expected an object, got the number 7"):
        decode({"page": {"size": 1}, "spots": 7})
    with pytest.raises(DecodeError, match=r"^\$\.page\.ids: expected an object, got the text 'x'"):
        decode({"page": {"size": 1, "ids": "x"}})


def test_elements_have_no_scanner(package: ModuleType) -> None:
    """A pattern matches single values that stand for themselves."""
    assert package.events.FORMAT.scanners == {b"event": {}}


def test_the_catalog_says_where_fields_lie(package: ModuleType) -> None:
    """For whoever writes documents without the classes."""
    fields = package.catalog.CATALOG.events["pic_weixin"].fields[4:]

    assert [(field.name, field.within, field.item, field.count) for field in fields] == [
        ("count", "SendPicsInfo", "", "pictures"),
        ("pictures", "SendPicsInfo", "item", ""),
    ]

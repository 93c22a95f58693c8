"""What may be absent, what its absence means, and what is always sent."""

from types import ModuleType


def test_what_is_absent_is_left_out(package: ModuleType) -> None:
    """The platform has no null."""
    call = package.notes.add(1, [])

    assert call.query == {}
    assert call.body == {"id": 1, "tags": [], "kind": "note", "title": "untitled"}


def test_what_is_given_is_sent(package: ModuleType) -> None:
    """Every optional parameter goes out as its type says."""
    notes = package.notes
    call = notes.add(
        1,
        ["a"],
        draft=True,
        author="a",
        colour=notes.Colour.RED,
        deleted=5,
        origin=notes.Origin("u"),
        extra={"x": [1]},
    )

    assert call.query == {"draft": "1"}
    assert call.body == {
        "id": 1,
        "kind": "note",
        "title": "untitled",
        "author": "a",
        "colour": "red",
        "deleted": 5,
        "origin": {"url": "u"},
        "tags": ["a"],
        "extra": {"x": [1]},
    }


def test_defaults_are_those_of_the_constructor(package: ModuleType) -> None:
    """An object made here and one read of an empty answer are equal."""
    note = package.notes.CODECS[package.notes.Note].decode({"id": 1})

    assert note == package.notes.Note(1)
    assert (note.title, note.edited, note.author) == ('untitled \\ "new"', -1, None)

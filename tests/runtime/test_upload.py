"""Files on their way out: as bytes, from a path, from an open file, each as often as needed."""

from __future__ import annotations

import io
import os
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxruntime.errors import EncodeError
from wxruntime.transport import Body
from wxruntime.upload import Form, Upload, Uploadable

CONTENT = bytes(range(256)) * 1000


def sent(body: Body) -> bytes:
    """What goes over the wire, after a look at its length."""
    content = b"".join(body.chunks())

    assert len(content) == body.length
    return content


def parts(form: Form) -> list[Message]:
    """Read a form with the standard library's parser."""
    body = form.body()
    whole = b"Content-Type: " + body.content_type.encode() + b"\r\n\r\n" + sent(body)
    payload = message_from_bytes(whole).get_payload()

    assert isinstance(payload, list)
    return cast("list[Message]", payload)


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "str", "path", "file", "memory file"])
def test_a_form_carries_a_file_however_it_is_given(kind: str, tmp_path: Path) -> None:
    """The same bytes arrive, and a second time as well."""
    path = tmp_path / "a photo.jpg"
    path.write_bytes(CONTENT)
    with path.open("rb") as opened:
        given: dict[str, Uploadable] = {
            "bytes": CONTENT,
            "bytearray": bytearray(CONTENT),
            "str": str(path),
            "path": path,
            "file": opened,
            "memory file": io.BytesIO(CONTENT),
        }
        form = Form({"title": "名字"}, {"media": given[kind]})
        for _ in range(2):
            title, media = parts(form)

            assert title.get_payload(decode=True) == "名字".encode()
            assert media.get_payload(decode=True) == CONTENT
            named = kind in ("str", "path", "file")
            assert media.get_filename() == ("a photo.jpg" if named else "file")
            assert media.get_content_type() == (
                "image/jpeg" if named else "application/octet-stream"
            )


def test_an_open_file_is_sent_from_where_it_stands_and_stays_open(tmp_path: Path) -> None:
    """Each time from the same place, whatever was read before."""
    file = io.BytesIO(b"head" + CONTENT)
    file.seek(4)
    upload = Upload.of(file)

    assert sent(upload.body()) == CONTENT
    assert sent(upload.body()) == CONTENT
    assert not file.closed


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (b"\xff\xd8\xff\xe0", "file.jpg"),
        (b"\x89PNG\r\n\x1a\n", "file.png"),
        (b"#!AMR\n", "file.amr"),
        (b"\0\0\0\x18ftypmp42", "file.mp4"),
        (b"hello", "file"),
    ],
)
def test_bytes_get_a_name_with_the_ending_of_what_they_are(beginning: bytes, name: str) -> None:
    """The platform judges a file by the ending of its name."""
    assert Upload.of(beginning).name == name
    assert Upload.of(beginning, name="a.gif").name == "a.gif"


def test_a_name_cannot_begin_a_line_or_end_its_quotes() -> None:
    """What a customer called a file is not trusted."""
    evil = 'a"\r\nContent-Type: text/evil\r\n\r\nx.jpg'
    (media,) = parts(Form({}, {"media": Upload.of(b"x", name=evil)}))

    assert media.keys() == ["Content-Disposition", "Content-Type"]
    assert media.get_payload(decode=True) == b"x"


@pytest.mark.parametrize("wrong", ["a/b\r\nX: y", "a/b\n", "a/b\0", "图/片", "a/\xe9"])
def test_a_media_type_that_no_header_can_hold_is_refused_by_name(wrong: str) -> None:
    """At once, whether the file is to go into a form or is a whole body."""
    with pytest.raises(EncodeError, match="content_type of printable ASCII"):
        Upload.of(b"x", content_type=wrong)
    with pytest.raises(EncodeError, match="content_type of printable ASCII"):
        Upload.of(Upload.of(b"x"), content_type=wrong)


def test_an_upload_is_made_of_another() -> None:
    """With the name and the type that are given, and what it had where none are."""
    photo = Upload.of(b"x", name="a.jpg")
    typed = Upload.of(b"x", name="a.jpg", content_type="image/x-own")

    assert Upload.of(photo) == photo
    assert Upload.of(photo, name="b.png") == Upload.of(b"x", name="b.png")
    assert Upload.of(photo, content_type="a/b") == Upload.of(b"x", name="a.jpg", content_type="a/b")
    assert Upload.of(typed, name="b.png").content_type == "image/x-own"


def test_what_is_none_is_left_out() -> None:
    """An optional text or file that nobody gave is no part of the form."""
    form = Form({"title": None, "x": "y"}, {"media": b"1", "thumb": None})

    assert [part.get_param("name", header="content-disposition") for part in parts(form)] == [
        "x",
        "media",
    ]


class Stream(io.RawIOBase):
    """Something that can be read once."""

    def readable(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Stream(), "to support rewinding"),
        (io.StringIO("text"), "binary mode"),
        (5, "expected bytes, a path or an open binary file"),
        (None, "expected bytes, a path or an open binary file"),
        ([b"x"], "expected bytes, a path or an open binary file"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_sent_again_is_refused_before_it_is_sent(wrong: object, said: str) -> None:
    """In words that say what to do."""
    with pytest.raises(EncodeError, match=said):
        Upload.of(cast("bytes", wrong))


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    """It names the file and the reason, when the call is sent."""
    upload = Upload.of(tmp_path / "missing.jpg")

    with pytest.raises(EncodeError, match=r"cannot read .*missing.jpg: No such file"):
        upload.body()


def test_a_file_that_vanishes_while_it_is_sent_is_an_error_of_ours(tmp_path: Path) -> None:
    """It was measured, and then it is gone."""
    path = tmp_path / "a.jpg"
    path.write_bytes(CONTENT)
    body = Upload.of(path).body()
    path.unlink()

    with pytest.raises(EncodeError, match="No such file"):
        list(body.chunks())


def test_a_closed_file_is_an_error_of_ours(tmp_path: Path) -> None:
    """Whoever closes a file too early is told which one."""
    path = tmp_path / "a.jpg"
    path.write_bytes(CONTENT)
    with path.open("rb") as opened:
        upload = Upload.of(opened)

    with pytest.raises(EncodeError, match=r"cannot read a.jpg: seek of closed file"):
        upload.body()
    with pytest.raises(EncodeError):
        Upload.of(cast(BinaryIO, opened))


def test_half_a_surrogate_pair_in_a_form_is_an_error_of_ours() -> None:
    """No wire can hold it, and the field is named."""
    with pytest.raises(EncodeError, match=r"\$\.title"):
        Form({"title": "\ud800"}, {"media": b"x"}).body()


def test_a_form_shows_names_and_no_content() -> None:
    """A log may have what it shows."""
    form = Form({"title": "t"}, {"media": Upload.of(b"content", name="a.jpg")})

    assert form.shown() == {"title": "t", "media": "<a.jpg, image/jpeg>"}
    assert "content'" not in repr(form)


@given(
    fields=st.dictionaries(st.text("abc", min_size=1), st.text(st.characters(codec="utf-8"))),
    files=st.dictionaries(st.text("xyz", min_size=1), st.binary(max_size=200), min_size=1),
)
def test_property_a_form_arrives_as_it_was_sent(
    fields: dict[str, str], files: dict[str, bytes]
) -> None:
    """Every text and every file, byte for byte, in its order."""
    arrived = {
        str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True)
        for part in parts(Form(fields, files))
    }

    assert arrived == {**{name: text.encode() for name, text in fields.items()}, **files}


def test_a_path_is_opened_only_while_it_is_sent(tmp_path: Path) -> None:
    """No descriptor is left behind, not even by a send that was broken off."""
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    chunks = Upload.of(path).body().chunks()
    next(chunks)
    del chunks

    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before

"""Files: what a call sends as a form or as it is, and what it gives back."""

import inspect
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest

from wxruntime.call import nothing
from wxruntime.catalog import Field, Type
from wxruntime.download import File, whole_file
from wxruntime.errors import DecodeError
from wxruntime.upload import Form, Upload


def test_a_form_holds_the_file_and_nothing_else(package: ModuleType) -> None:
    """What the query holds stays there, and the answer is read like any other."""
    media = package.media
    call = media.upload(media.Kind.VOICE, b"#!AMR")

    assert call.query == {"type": "voice"}
    assert call.body == Form({}, files={"media": b"#!AMR"})
    assert not call.idempotent
    assert call.decode({"media_id": "m1"}) == media.Uploaded("m1", media.Kind.VOICE)


def test_the_fields_of_a_form_are_text(package: ModuleType) -> None:
    """Written as in a query; what is absent is left out, files as well."""
    call = package.media.publish(b"1", "Tea")

    texts = {"title": "Tea", "version": "2", "visible": "1", "kind": "voice"}
    assert call.body == Form(texts, files={"media": b"1"})
    assert call.decode is nothing
    assert call.idempotent
    assert call.secrets == ("key",)


def test_all_of_a_form_may_be_given(package: ModuleType) -> None:
    """In the order of the specification, what must be given first."""
    publish = package.media.publish
    call = publish(b"1", "Tea", visible=False, since=7, key="hidden", cover=b"2")

    assert [*inspect.signature(publish).parameters] == [
        *("video", "title", "visible", "since", "key", "kind", "cover"),
    ]
    assert call.body == Form(
        {"title": "Tea", "version": "2", "visible": "0", "since": "7", "key": "hidden"}
        | {"kind": "voice"},
        files={"media": b"1", "cover": b"2"},
    )
    assert "hidden" not in repr(call)


def test_a_file_of_a_form_may_be_left_out(package: ModuleType) -> None:
    """Where the specification says so."""
    assert package.media.look("https://example.com/1.jpg").body == Form({}, files={})
    assert package.media.look(picture=b"1").body == Form({}, files={"img": b"1"})


def test_a_raw_body_is_the_file(package: ModuleType) -> None:
    """Bytes, a path or an open file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "voice.mp3"
        path.write_bytes(b"ID3")
        for voice in (b"ID3", path, str(path), io.BytesIO(b"ID3")):
            call = package.media.recognize(voice)

            assert isinstance(call.body, Upload)
            assert b"".join(call.body.body().chunks()) == b"ID3"
            assert call.query == {"format": "mp3"}
            assert call.decode({"text": "hello"}) == "hello"


def test_a_file_comes_back_whole(package: ModuleType) -> None:
    """Whatever the method; JSON is no file."""
    file = File(b"1", "1.jpg", "image/jpeg")
    for call in (package.media.get("m1"), package.media.export()):
        assert call.file is whole_file
        assert call.file(file) is file
        with pytest.raises(DecodeError, match="expected a file"):
            call.decode({})
    assert package.media.get("m1").idempotent
    assert package.media.export().body == {"since": 0}


def test_the_catalog_knows_where_a_file_stands(package: ModuleType) -> None:
    """Whoever serves a call can tell a form from a body."""
    endpoints, file = package.catalog.CATALOG.endpoints, Type("file")

    assert endpoints["media.upload"].form == (Field("media", file, "The file."),)
    assert endpoints["media.recognize"].raw == (Field("voice", file, "The recording."),)
    assert endpoints["media.get"].returns == file
    assert endpoints["media.publish"].form[0].wire == "media"
    assert endpoints["media.publish"].body == ()

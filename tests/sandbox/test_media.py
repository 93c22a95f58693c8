"""Media: uploaded files can be downloaded for three days."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.callers import Caller
from tests.sandbox.platform import StillPlatform
from tests.sandbox.scene import Scene
from wxoa import errors, media
from wxoa.media import MediaType
from wxruntime.download import File
from wxruntime.sandbox.library import KEPT, KEPT_BYTES
from wxruntime.sandbox.multipart import read_form
from wxruntime.upload import Form, Upload
from wxruntime.wire import JsonObject, json

LARGE = 3 << 20


def upload(
    platform: StillPlatform, content: bytes, name: str = "a.jpg", kind: str = "image"
) -> str:
    """Upload a file to a platform without sockets."""
    body = Form({}, {"media": Upload.of(content, name=name)}).body()
    sent = b"".join(body.chunks())
    answer = platform.call("POST", f"/cgi-bin/media/upload?type={kind}", sent, body.content_type)
    return str(answer["media_id"])


def test_a_file_comes_back_byte_for_byte(caller: Caller, tmp_path: Path) -> None:
    """A file of 3 MB is uploaded from a path and downloaded to a path, unchanged."""
    source, target = tmp_path / "照片.PNG", tmp_path / "back.png"
    source.write_bytes(os.urandom(LARGE))
    uploaded = caller.send(media.upload(MediaType.IMAGE, source))
    saved = caller.download(media.get(uploaded.media_id), target)

    assert uploaded.type is MediaType.IMAGE
    assert uploaded.created_at > 0
    assert uploaded.unknown == {}
    assert target.read_bytes() == source.read_bytes()
    assert (saved.size, saved.content_type) == (LARGE, "image/png")
    assert saved.name == f"{uploaded.media_id}.png"


@pytest.mark.parametrize("content", [b"\r\n", b"\r\n--", b"--\r\n\r\n", b"\n\r\0\x1a", b"{}", b"x"])
def test_what_looks_like_the_end_of_a_form_is_content(scene: Scene, content: bytes) -> None:
    """A file that contains line ends, dashes or JSON is kept unchanged."""
    uploaded = scene.client.media.upload(MediaType.VOICE, Upload.of(content, name="a.mp3"))

    assert scene.client.media.get(uploaded.media_id) == File(
        content, f"{uploaded.media_id}.mp3", "audio/mp3"
    )


def test_a_thumbnail_has_an_id_of_its_own(caller: Caller) -> None:
    """A thumbnail is downloaded by its thumb_media_id."""
    uploaded = caller.send(media.upload(MediaType.THUMB, Upload.of(b"small", name="a.jpg")))

    assert uploaded.media_id == ""
    assert caller.send(media.get(uploaded.thumb_media_id)).content == b"small"


def test_a_video_is_answered_with_its_address(caller: Caller) -> None:
    """The download of a video returns JSON with an address, not a file."""
    uploaded = caller.send(media.upload(MediaType.VIDEO, Upload.of(b"moving", name="a.mp4")))
    file = caller.send(media.get(uploaded.media_id))

    assert file.content_type.startswith("application/json")
    assert str(json.loads_object(file.content)["video_url"]).endswith(f"/{uploaded.media_id}.mp4")


def test_a_picture_for_an_article_has_an_address(caller: Caller) -> None:
    """Equal pictures have the same address."""
    picture, other = (Upload.of(content, name="a.png") for content in (b"a", b"b"))
    addresses = [caller.send(media.upload_image(sent)) for sent in (picture, picture, other)]

    assert addresses[0].startswith("https://")
    assert addresses[0] == addresses[1] != addresses[2]


@pytest.mark.parametrize(
    ("kind", "name", "size", "error"),
    [
        ("sticker", "a.jpg", 1, errors.InvalidMediaType),
        ("", "a.jpg", 1, errors.InvalidMediaType),
        ("image", "a.txt", 1, errors.InvalidFileType),
        ("image", "jpg", 1, errors.InvalidFileType),
        ("voice", "a.jpg", 1, errors.InvalidFileType),
        ("thumb", "a.png", 1, errors.InvalidFileType),
        ("image", "a.jpg", 0, errors.EmptyMediaFile),
        ("image", "a.jpg", (10 << 20) + 1, errors.InvalidImageSize),
        ("voice", "a.amr", (2 << 20) + 1, errors.InvalidVoiceSize),
        ("video", "a.mp4", (10 << 20) + 1, errors.InvalidVideoSize),
        ("thumb", "a.jpg", (64 << 10) + 1, errors.InvalidThumbSize),
    ],
)
def test_a_file_that_is_not_taken(
    scene: Scene, kind: str, name: str, size: int, error: type[errors.ApiError]
) -> None:
    """A wrong type, format or size is refused, each with its own code."""
    with pytest.raises(error):
        scene.client.media.upload(MediaType(kind), Upload.of(b"x" * size, name=name))


@pytest.mark.parametrize(
    ("name", "size", "error"),
    [("a.gif", 1, errors.InvalidFileType), ("a.png", 1 << 20, errors.InvalidImageSize)],
)
def test_a_picture_for_an_article_is_a_small_jpeg_or_png(
    scene: Scene, name: str, size: int, error: type[errors.ApiError]
) -> None:
    """A picture for an article is a JPEG or PNG of less than 1 MB."""
    with pytest.raises(error):
        scene.client.media.upload_image(Upload.of(b"x" * size, name=name))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("", b""),
        ("multipart/form-data", b"--x\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="media"'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="media"\r\n\r\nno file\r\n--x--\r\n',
        ),
    ],
)
def test_an_upload_without_a_file_is_refused(kind: str, body: bytes) -> None:
    """A body without the form part `media` is refused."""
    answer = StillPlatform().call("POST", "/cgi-bin/media/upload?type=image", body, kind)

    assert answer["errcode"] == 41005


@pytest.mark.parametrize(
    ("query", "code"), [("?media_id=nothing", 40007), ("?media_id=", 41006), ("", 41006)]
)
def test_an_unknown_file_is_answered_in_json(query: str, code: int) -> None:
    """The refusal of a download is JSON with status 200."""
    platform = StillPlatform()
    token = platform.plain_token()
    separator = "&" if query else "?"
    target = f"/cgi-bin/media/get{query}{separator}access_token={token}"
    outgoing = platform.answer("GET", target)

    assert (outgoing.status, outgoing.content_type.partition(";")[0]) == (200, "application/json")
    assert json.loads_object(outgoing.body)["errcode"] == code


def test_a_file_is_kept_for_three_days(caller: Caller, scene: Scene) -> None:
    """After three days the media_id is as invalid as one that never existed."""
    uploaded = caller.send(media.upload(MediaType.IMAGE, Upload.of(b"x", name="a.jpg")))
    scene.admin.advance(3 * 86_400 - 3600)

    assert caller.send(media.get(uploaded.media_id)).content == b"x"
    scene.admin.advance(3600)
    with pytest.raises(errors.InvalidMediaId):
        caller.send(media.get(uploaded.media_id))


def found(platform: StillPlatform, media_id: str) -> bool:
    """Return whether a file can be downloaded."""
    token = platform.plain_token()
    target = f"/cgi-bin/media/get?media_id={media_id}&access_token={token}"
    return platform.answer("GET", target).content_type == "image/jpeg"


def test_the_oldest_files_make_room() -> None:
    """The oldest files are dropped when there are too many, or too many bytes."""
    platform = StillPlatform()
    many = [upload(platform, b"x") for _ in range(KEPT + 1)]
    size = 10 << 20
    large = [upload(platform, bytes(size)) for _ in range(KEPT_BYTES // size + 1)]

    assert not found(platform, many[0])
    assert not found(platform, many[-1])
    assert not found(platform, large[0])
    assert all(found(platform, media_id) for media_id in large[1:])


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), st.binary()),
    st.dictionaries(st.sampled_from(["a", "b c"]), st.text(st.characters(codec="utf-8"))),
)
def test_a_form_is_read_as_it_was_written_property(
    files: dict[str, bytes], texts: dict[str, str]
) -> None:
    """Every file and every text of a form is read unchanged."""
    names = {name: f"part{number}" for number, name in enumerate(files)}
    sent = Form(
        texts,
        {part: Upload.of(files[name], name="a.bin") for name, part in names.items()},
    ).body()
    form = read_form(sent.content_type, b"".join(sent.chunks()))

    assert form.texts == texts
    assert {name: form.files[part].content for name, part in names.items()} == files


def test_a_record_of_an_upload_holds_no_file(scene: Scene) -> None:
    """The log of a refused upload has the size of its body, not the content."""
    with pytest.raises(errors.InvalidFileType) as caught:
        scene.client.media.upload(MediaType.IMAGE, Upload.of(b"private", name="a.txt"))
    record = scene.client.base.get_rid(caught.value.rid)
    shown: JsonObject = {"body": record.request_body}

    assert "bytes of multipart/form-data" in str(shown["body"])
    assert "private" not in str(shown["body"])

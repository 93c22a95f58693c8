"""Speech recognition and translation: equal input gives equal output."""

from __future__ import annotations

import pytest

from tests.runtime.callers import Caller
from tests.sandbox.platform import StillPlatform
from tests.sandbox.scene import Scene
from wxoa import errors, voice
from wxoa.voice import Language
from wxruntime.sandbox.families.voice import KEPT
from wxruntime.upload import Upload

RESULT = "/cgi-bin/media/voice/queryrecoresultfortext"
ADD = "/cgi-bin/media/voice/addvoicetorecofortext"


def recording(size: int = 1000) -> Upload:
    """Return a recording."""
    return Upload.of(b"\xff" * size, name="a.mp3")


def test_a_recording_becomes_a_text(caller: Caller) -> None:
    """The text of a recording names its size and its language."""
    caller.send(voice.add("one", recording()))
    caller.send(voice.add("two", recording(7), Language.ENGLISH))

    assert caller.send(voice.result("one")) == "1000 bytes of zh_CN"
    assert caller.send(voice.result("two")) == "7 bytes of en_US"


def add(platform: StillPlatform, voice_id: str) -> None:
    """Add a recording to a platform without sockets."""
    call = voice.add(voice_id, recording())
    assert not isinstance(call.body, (dict, Upload, type(None)))
    body = call.body.body()
    sent = b"".join(body.chunks())
    target = f"{ADD}?voice_id={voice_id}&format=mp3"
    assert platform.call("POST", target, sent, body.content_type)["errcode"] == 0


def test_the_text_is_there_for_ten_seconds() -> None:
    """After 10 s the voice_id is as unknown as one that never existed."""
    platform = StillPlatform()
    add(platform, "one")
    platform.clock.advance(9)
    in_time = platform.call("POST", f"{RESULT}?voice_id=one", b"{}")
    platform.clock.advance(1)
    late = platform.call("POST", f"{RESULT}?voice_id=one", b"{}")
    unknown = platform.call("POST", f"{RESULT}?voice_id=two", b"{}")

    assert in_time == {"result": "1000 bytes of zh_CN"}
    assert late["errcode"] == unknown["errcode"] == 40035


def test_only_the_latest_recordings_are_remembered() -> None:
    """The latest 200 recordings are kept; one that is added again becomes the latest."""
    platform = StillPlatform()
    for number in range(KEPT):
        add(platform, f"v{number}")
    add(platform, "v0")
    add(platform, "last")
    answers = [
        platform.call("POST", f"{RESULT}?voice_id={voice_id}", b"{}")
        for voice_id in ("v0", "v1", "v2", "last")
    ]

    assert ["result" in answer for answer in answers] == [True, False, True, True]


def test_a_text_is_translated(caller: Caller) -> None:
    """The answer has the original and the translated text."""
    content = "你好\r\n".encode()
    translation = caller.send(voice.translate(Language.CHINESE, Language.ENGLISH, content))

    assert translation.original == "你好\r\n"
    assert translation.translated == "en_US: 你好\r\n"


@pytest.mark.parametrize(
    ("source", "target", "content"),
    [
        ("zh_CN", "zh_CN", b"x"),
        ("zh_CN", "tlh", b"x"),
        ("", "en_US", b"x"),
        ("zh_CN", "en_US", b"x" * 601),
        ("zh_CN", "en_US", b"\xff"),
    ],
)
def test_a_text_that_is_not_translated(
    scene: Scene, source: str, target: str, content: bytes
) -> None:
    """A wrong language, length or encoding of the text is refused."""
    with pytest.raises(errors.InvalidParameter):
        scene.client.voice.translate(Language(source), Language(target), content)


def test_nothing_to_translate_is_an_empty_body(scene: Scene) -> None:
    """An empty text is refused as an empty body."""
    with pytest.raises(errors.EmptyPostBody):
        scene.client.voice.translate(Language.CHINESE, Language.ENGLISH, b"")


@pytest.mark.parametrize(
    ("voice_id", "language", "size", "error"),
    [
        ("", "zh_CN", 1, errors.InvalidParameter),
        ("a", "tlh", 1, errors.InvalidParameter),
        ("a", "zh_CN", 0, errors.EmptyMediaFile),
        ("a", "zh_CN", (1 << 20) + 1, errors.InvalidVoiceSize),
    ],
)
def test_a_recording_that_is_not_taken(
    scene: Scene, voice_id: str, language: str, size: int, error: type[errors.ApiError]
) -> None:
    """A wrong voice_id, language or size of a recording is refused."""
    with pytest.raises(error):
        scene.client.voice.add(voice_id, recording(size), Language(language))

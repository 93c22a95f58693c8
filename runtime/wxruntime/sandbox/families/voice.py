"""Speech recognition and translation, simulated: equal input gives equal output."""

from __future__ import annotations

from collections import OrderedDict

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import DONE, Given, as_json
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.state import PlatformState

__all__ = ["VoiceCalls"]

LANGUAGES = ("zh_CN", "en_US")
MAX_RECORDING = 1 << 20
"""How large a recording may be, in bytes."""
LIFETIME = 10
"""How long the text of a recording can be fetched, in seconds."""
MAX_TEXT = 600
"""How long a text to translate may be, in bytes."""
KEPT = 200
"""How many recordings are kept; the oldest is dropped first."""

INVALID_FILE_TYPE = 40005
VOICE_TOO_LARGE = 40010
INVALID_PARAMETER = 40035


class VoiceCalls(Family):
    """Answers the calls of the family `voice`."""

    def __init__(self, state: PlatformState) -> None:
        """Start without recordings.

        Args:
            state: The state of the platform.
        """
        super().__init__(state)
        self._heard: OrderedDict[str, tuple[float, str]] = OrderedDict()
        """voice_id → when the recording came, and its text."""

    def add(self, given: Given) -> Outgoing:
        voice_id, language = _voice_id(given), _language(given["language"] or LANGUAGES[0])
        if given["format"] != "mp3":
            raise Refusal(INVALID_FILE_TYPE)
        recording = given.file("media").content
        if len(recording) > MAX_RECORDING:
            raise Refusal(VOICE_TOO_LARGE)
        text = f"{len(recording)} bytes of {language}"
        self._heard.pop(voice_id, None)  # so that it becomes the latest
        self._heard[voice_id] = self._state.clock.now(), text
        if len(self._heard) > KEPT:
            self._heard.popitem(last=False)
        return DONE

    def result(self, given: Given) -> Outgoing:
        _language(given["language"] or LANGUAGES[0])
        # The documentation names no code for an unknown recording.
        came, text = self._heard.get(_voice_id(given), (0.0, ""))
        if self._state.clock.now() - came >= LIFETIME:
            raise Refusal(INVALID_PARAMETER)
        return as_json({"result": text})

    def translate(self, given: Given) -> Outgoing:
        source, target = _language(given["source"]), _language(given["target"])
        content = given.file("content").content
        if source == target or len(content) > MAX_TEXT:
            raise Refusal(INVALID_PARAMETER)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise Refusal(INVALID_PARAMETER) from None
        return as_json({"from_content": text, "to_content": f"{target}: {text}"})


def _voice_id(given: Given) -> str:
    if not given["voice_id"]:
        raise Refusal(INVALID_PARAMETER)
    return given["voice_id"]


def _language(name: str) -> str:
    if name not in LANGUAGES:
        raise Refusal(INVALID_PARAMETER)
    return name

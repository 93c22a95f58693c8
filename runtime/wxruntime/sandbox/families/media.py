"""Temporary media."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from attrs import frozen

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import Given, as_json
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.library import Kept
from wxruntime.sandbox.multipart import File
from wxruntime.sandbox.refusal import Refusal

__all__ = ["MediaCalls"]

INVALID_MEDIA_TYPE = 40004
INVALID_FILE_TYPE = 40005
IMAGE_TOO_LARGE = 40009
MEDIA_ID_MISSING = 41006

CONTENT_TYPES = {
    "amr": "audio/amr",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "mp3": "audio/mp3",
    "mp4": "video/mp4",
    "png": "image/png",
}
"""Ending of a file's name → its Content-Type."""


@frozen
class Kind:
    """The rules for one type of media."""

    formats: frozenset[str]
    """The allowed endings of file names."""
    largest: int
    """How large a file may be, in bytes."""
    too_large: int
    """The error code for a larger file."""

    def check(self, file: File) -> str:
        """Return the ending of a file's name; refuse a file that breaks the rules."""
        ending = PurePosixPath(file.name).suffix[1:].lower()
        if ending not in self.formats:
            raise Refusal(INVALID_FILE_TYPE)
        if len(file.content) > self.largest:
            raise Refusal(self.too_large)
        return ending


KINDS = {
    "image": Kind(frozenset({"bmp", "gif", "jpeg", "jpg", "png"}), 10 << 20, IMAGE_TOO_LARGE),
    "voice": Kind(frozenset({"amr", "mp3"}), 2 << 20, 40010),
    "video": Kind(frozenset({"mp4"}), 10 << 20, 40011),
    "thumb": Kind(frozenset({"jpeg", "jpg"}), 64 << 10, 40012),
}
PICTURE = Kind(frozenset({"jpeg", "jpg", "png"}), (1 << 20) - 1, IMAGE_TOO_LARGE)
"""A picture in the text of an article, smaller than 1 MB."""


class MediaCalls(Family):
    """Answers the calls of the family `media`."""

    def upload(self, given: Given) -> Outgoing:
        name = given["type"]
        kind = KINDS.get(name)
        if kind is None:
            raise Refusal(INVALID_MEDIA_TYPE)
        file = given.file("media")
        ending = kind.check(file)
        kept = Kept(name, ending, self._state.clock.now(), file.content)
        media_id = self._state.library.keep(kept)
        # The platform calls the id of a thumbnail so; the documentation does not mention it.
        called = "thumb_media_id" if name == "thumb" else "media_id"
        return as_json({"type": name, called: media_id, "created_at": self._state.now()})

    def upload_image(self, given: Given) -> Outgoing:
        file = given.file("media")
        ending = PICTURE.check(file)
        digest = hashlib.sha256(file.content).hexdigest()
        return as_json({"url": f"https://mmbiz.example/mmbiz_{ending}/{digest}/0"})

    def get(self, given: Given) -> Outgoing:
        media_id = given["media_id"]
        if not media_id:
            raise Refusal(MEDIA_ID_MISSING)
        kept = self._state.library.find(media_id, self._state.clock.now())
        if kept.kind == "video":
            return as_json({"video_url": f"https://mpvideo.example/{media_id}.{kept.ending}"})
        name = f'attachment; filename="{media_id}.{kept.ending}"'
        kind = CONTENT_TYPES[kept.ending]
        return Outgoing(200, kind, kept.content, {"Content-disposition": name})

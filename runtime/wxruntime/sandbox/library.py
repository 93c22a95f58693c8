"""The temporary media that were uploaded, for downloads and for messages that show them."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Container

from attrs import define, field, frozen

from wxruntime.sandbox.refusal import Refusal

__all__ = ["Kept", "Library"]

LIFETIME = 3 * 86400
"""How long a file is kept, in seconds."""
KEPT = 200
"""How many files are kept; the oldest is dropped first."""
KEPT_BYTES = 64 << 20
"""The size of all files together, in bytes; the oldest is dropped first."""

INVALID_MEDIA_ID = 40007


@frozen
class Kept:
    """A file that was uploaded."""

    kind: str
    """The type given at the upload: image, voice, video or thumb."""
    ending: str
    """The ending of the file's name, such as `jpg`."""
    time: float
    """When it was uploaded, in Unix seconds."""
    content: bytes = field(repr=False)


@define
class Library:
    """The latest files by media_id."""

    _kept: OrderedDict[str, Kept] = field(factory=OrderedDict[str, Kept], repr=False)
    _size: int = 0
    """The size of all kept files, in bytes."""

    def keep(self, file: Kept) -> str:
        """Keep a file, and drop the oldest files until there is room.

        Returns:
            The media_id of the file.
        """
        media_id = secrets.token_urlsafe(48)
        self._kept[media_id] = file
        self._size += len(file.content)
        while len(self._kept) > KEPT or self._size > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.content)
        return media_id

    def find(self, media_id: str, now: float, kinds: Container[str] | None = None) -> Kept:
        """Return a file.

        Args:
            media_id: The media_id of the file.
            now: The time, in Unix seconds.
            kinds: The types that are accepted; None accepts any.

        Raises:
            Refusal: If the file is unknown, expired, or of another type.
        """
        kept = self._kept.get(media_id)
        if kept is None or now - kept.time >= LIFETIME:
            raise Refusal(INVALID_MEDIA_ID)
        if kinds is not None and kept.kind not in kinds:
            raise Refusal(INVALID_MEDIA_ID)
        return kept

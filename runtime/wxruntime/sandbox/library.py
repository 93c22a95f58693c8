"""The temporary media that were uploaded, for whoever hands them out and whoever sends them on."""

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
"""How many files are kept at most; the oldest go first."""
KEPT_BYTES = 64 << 20
"""How large they may be together, in bytes."""

INVALID_MEDIA_ID = 40007


@frozen
class Kept:
    """A file that was uploaded."""

    kind: str
    """What it was uploaded as: image, voice, video or thumb."""
    ending: str
    time: float
    content: bytes = field(repr=False)


@define
class Library:
    """The latest files, by their ids."""

    _kept: OrderedDict[str, Kept] = field(factory=OrderedDict[str, Kept], repr=False)
    _size: int = 0
    """How many bytes are kept."""

    def keep(self, file: Kept) -> str:
        """Keep a file, and let go of the oldest until there is room.

        Returns:
            Its id.
        """
        media_id = secrets.token_urlsafe(48)
        self._kept[media_id] = file
        self._size += len(file.content)
        while len(self._kept) > KEPT or self._size > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.content)
        return media_id

    def find(self, media_id: str, now: float, kinds: Container[str] | None = None) -> Kept:
        """Return a file; refuse one that is not there, or no longer.

        Args:
            media_id: Its id.
            now: The time.
            kinds: What it must have been uploaded as; None takes whatever it was.
        """
        kept = self._kept.get(media_id)
        if kept is None or now - kept.time >= LIFETIME:
            raise Refusal(INVALID_MEDIA_ID)
        if kinds is not None and kept.kind not in kinds:
            raise Refusal(INVALID_MEDIA_ID)
        return kept

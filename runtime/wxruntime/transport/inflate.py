"""Compressed answers, read a piece at a time, so that none of them can fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress  # pyright: ignore[reportPrivateUsage] - it has no other name

__all__ = ["Inflater"]

_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class Inflater:
    """Decompresses what comes, in pieces of bounded size."""

    def __init__(self, coding: str) -> None:
        """Expect data.

        Args:
            coding: What the answer says of it in Content-Encoding.
        """
        self._coding = coding.strip().lower()
        self._stream: _Decompress | None = None
        self.problem = ""
        """Why nothing more can be read; empty as long as it can."""
        if self._coding not in ("gzip", "x-gzip", "deflate", "identity"):
            self.problem = "it is compressed in a way that was not asked for"

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Return what is in the next compressed bytes; ask for all of it before the next."""
        if self._coding == "identity":
            yield data
            return
        while data and not self.problem:
            if self._stream is None or (self._stream.eof and data[:1] == b"\x1f"):
                self._stream = self._begin(data)
            if self._stream.eof:
                return  # whatever stands behind the end is not content
            try:
                piece = self._stream.decompress(data, _PIECE)
                while piece:
                    yield piece
                    piece = self._stream.decompress(self._stream.unconsumed_tail, _PIECE)
            except zlib.error:
                self.problem = "what is compressed in it is damaged"
            data = self._stream.unused_data

    def _begin(self, data: bytes) -> _Decompress:
        if self._coding != "deflate":
            return zlib.decompressobj(_GZIP)
        # Some servers call "deflate" what has no zlib header; in one, these bits are always 8.
        wrapped = data[0] & 0x0F == 8
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def end(self) -> str:
        """Say what is missing now that no more comes; empty if nothing is."""
        if self._stream is not None and not self._stream.eof:
            return "what is compressed in it has no end"
        return self.problem

"""Decompressing answers piece by piece, so that a small answer cannot fill the memory."""

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
    """Decompresses an answer in pieces of bounded size."""

    def __init__(self, coding: str) -> None:
        """Build an inflater.

        Args:
            coding: The Content-Encoding of the answer.
        """
        self._coding = coding.strip().lower()
        self._stream: _Decompress | None = None
        self.problem = ""
        """Why nothing more can be decompressed; empty as long as it can."""
        if self._coding not in ("gzip", "x-gzip", "deflate", "identity"):
            self.problem = "it is compressed in a way that was not asked for"

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the content of the next compressed bytes; read all of it before the next call."""
        if self._coding == "identity":
            yield data
            return
        while data and not self.problem:
            if self._stream is None or (self._stream.eof and data[:1] == b"\x1f"):
                self._stream = self._begin(data)
            if self._stream.eof:
                return  # bytes after the end are not content
            try:
                piece = self._stream.decompress(data, _PIECE)
                while piece:
                    yield piece
                    piece = self._stream.decompress(self._stream.unconsumed_tail, _PIECE)
            except zlib.error:
                self.problem = "its compressed content is damaged"
            data = self._stream.unused_data

    def _begin(self, data: bytes) -> _Decompress:
        if self._coding != "deflate":
            return zlib.decompressobj(_GZIP)
        # Some servers send "deflate" without the zlib header, whose lowest four bits are always 8.
        wrapped = data[0] & 0x0F == 8
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def end(self) -> str:
        """Return what is wrong at the end of the answer; empty if nothing is."""
        if self._stream is not None and not self._stream.eof:
            return "its compressed content is incomplete"
        return self.problem

"""Answers that are files: in memory, or streamed to where they are kept."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import BinaryIO, TypeAlias

from attrs import field, frozen

from wxruntime.errors import EncodeError

__all__ = ["File", "FileSink", "Saved", "Target", "whole_file"]

MAX_FILE = 64 << 20
"""How large a file may be that is kept in memory, in bytes."""
MAX_REFUSAL = 1 << 16
"""How large an answer may be that looks like JSON and is looked at for an error, in bytes."""

Target: TypeAlias = "str | os.PathLike[str] | BinaryIO"
"""Where a file is saved: a path, or an open binary file."""


@frozen
class File:
    """A file that the platform sent."""

    content: bytes = field(repr=False)
    """What is in it."""
    name: str = ""
    """What the platform calls it, without any folder; empty when it gives no name."""
    content_type: str = ""
    """Its media type, in the platform's words; empty when it gives none."""


@frozen
class Saved:
    """A file that the platform sent, and that went to where it was wanted."""

    size: int
    """How many bytes it has."""
    name: str = ""
    """What the platform calls it, without any folder; empty when it gives no name."""
    content_type: str = ""
    """Its media type, in the platform's words; empty when it gives none."""


def whole_file(file: File) -> File:
    """Return a file as it came."""
    return file


def looks_like_json(beginning: bytes) -> bool:
    """Say whether an answer could be an error where a file was asked for."""
    return beginning.lstrip()[:1] in (b"", b"{")


class FileSink:
    """Writes an answer to its target, unless it could be an error: that is held back."""

    def __init__(self, target: Target) -> None:
        """Write nothing yet.

        Args:
            target: A path, which gets the file only when it is whole, or an open binary file,
                which is written from where it stands and stays open.
        """
        self._path = os.fspath(target) if isinstance(target, (str, os.PathLike)) else None
        self._file = None if isinstance(target, (str, os.PathLike)) else target
        self._start = self._file.tell() if self._file is not None and _rewinds(self._file) else None
        self.size = 0
        self.held_back: bytes = b""
        """The answer so far, as long as it could be an error."""

    @property
    def _part(self) -> str:
        return f"{self._path}.part"

    def restart(self) -> None:
        """Forget what was written: an answer begins, perhaps not the first."""
        if self._path is not None:
            if self._file is not None:
                self._file.close()
            self._file = open(self._part, "wb")  # noqa: SIM115 - closed by keep() or drop()
        elif self.size > len(self.held_back):
            assert self._file is not None  # the target is no path
            if self._start is None:
                raise EncodeError(
                    "the answer broke off, and the file that it was written to cannot be rewound; "
                    "give a path, or a file that can be"
                )
            self._file.seek(self._start)
            self._file.truncate()
        self.size = 0
        self.held_back = b""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the answer."""
        undecided = self.size == len(self.held_back)
        self.size += len(chunk)
        if undecided:
            self.held_back += chunk
            if looks_like_json(self.held_back) and len(self.held_back) <= MAX_REFUSAL:
                return
            chunk, self.held_back = self.held_back, b""
        self._write(chunk)

    def _write(self, chunk: bytes) -> None:
        if self._file is None:
            self.restart()
        assert self._file is not None  # as restart() sees to
        self._file.write(chunk)

    def keep(self) -> None:
        """Put what came where it was wanted: it is whole, and no error."""
        if self._file is not None or self._path is not None:
            held_back, self.held_back = self.held_back, b""
            self._write(held_back)
        if self._path is not None and self._file is not None:
            self._file.close()
            os.replace(self._part, self._path)
            self._file = None

    def drop(self) -> None:
        """Leave nothing half done at a path; do nothing after `keep()`."""
        if self._path is not None and self._file is not None:
            self._file.close()
            self._file = None
            with suppress(OSError):
                os.unlink(self._part)


def _rewinds(file: BinaryIO) -> bool:
    try:
        return file.seekable()
    except (AttributeError, ValueError):
        return False

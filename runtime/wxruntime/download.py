"""Answers that are files: in memory, or streamed to where they are kept."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import BinaryIO, TypeAlias

from attrs import field, frozen

from wxruntime.errors import EncodeError

__all__ = ["File", "FileSink", "Saved", "Target", "whole_file"]

MAX_FILE = 64 << 20
"""How large a file may be that is kept in memory, in bytes."""
MAX_REFUSAL = 1 << 16
"""How large an answer may be that looks like JSON and is looked at for an error, in bytes."""
_BINARY = getattr(os, "O_BINARY", 0)
"""What Windows is told of a file that is no text."""
_BOM = b"\xef\xbb\xbf"
"""What may stand before a text, and is no part of it."""

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
    if _BOM.startswith(beginning):
        return True  # perhaps the rest of it comes next
    return beginning.removeprefix(_BOM).lstrip()[:1] in (b"", b"{")


class FileSink:
    """Writes an answer to its target, unless it could be an error: that is held back."""

    def __init__(self, target: Target) -> None:
        """Write nothing yet.

        Args:
            target: A path, or an open binary file, which is written from where it stands and
                stays open. A path gets the file only when it is whole; a link stays one, and a
                file that is there keeps its mode. A pipe or a device there is written to.
        """
        self._path = os.fspath(target) if isinstance(target, (str, os.PathLike)) else None
        self._part = ""
        self._over = False
        self._file = None if isinstance(target, (str, os.PathLike)) else target
        self._start = self._file.tell() if self._file is not None and _rewinds(self._file) else None
        self.size = 0
        self.held_back: bytes = b""
        """The answer so far, as long as it could be an error."""

    def restart(self) -> None:
        """Forget what was written: an answer begins, perhaps not the first."""
        file = self._opened()
        if self._part:
            file.seek(0)
            file.truncate()
        elif self.size > len(self.held_back):
            if self._start is None:
                raise EncodeError(
                    "the answer broke off, and the file that it was written to cannot be rewound; "
                    "give a path, or a file that can be"
                )
            file.seek(self._start)
            file.truncate()
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
        file = self._opened()
        while chunk:
            taken = file.write(chunk)
            if not taken:  # a raw file takes what it can, which may be nothing
                raise OSError("the file that the answer was written to takes no more bytes")
            chunk = chunk[taken:]

    def _opened(self) -> BinaryIO:
        """Return the file that is written to."""
        if self._file is None:
            if self._path is None or self._over:
                raise OSError("the download is over")
            mode = _mode(self._path)
            if mode is None or stat.S_ISREG(mode):
                self._file = self._beside(os.path.realpath(self._path), mode)
            else:  # a pipe or a device would not be what it was if a file took its place
                self._file = os.fdopen(os.open(self._path, os.O_WRONLY | _BINARY), "wb")
        return self._file

    def _beside(self, path: str, mode: int | None) -> BinaryIO:
        """Open a part beside a path, which takes its place when it is whole."""
        # A name that is free: another download to the same path has a part of its own, and
        # what stands there already, a link perhaps, is nobody's to write to.
        part = os.path.join(os.path.dirname(path), f".wxoa-{secrets.token_hex(8)}.part")
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY
        kept = 0o666 if mode is None else mode & 0o777
        file = os.fdopen(os.open(part, flags, kept), "wb")  # of a new file, the umask decides
        self._path, self._part = path, part
        if mode is not None:
            with suppress(OSError):  # a file system without modes
                os.chmod(part, kept)
        return file

    def keep(self) -> None:
        """Put what came where it was wanted: it is whole, and no error."""
        held_back, self.held_back = self.held_back, b""
        self._write(held_back)
        if self._path is not None and self._file is not None:
            self._file.close()
            if self._part:
                os.replace(self._part, self._path)
            self._file = None
        self._over = True

    def drop(self) -> None:
        """Leave nothing half done at a path; do nothing after `keep()`."""
        self._over = True
        if self._path is not None and self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):  # a full disk
                file.close()
            if self._part:
                with suppress(OSError):
                    os.unlink(self._part)


def _mode(path: str) -> int | None:
    """Return what kind of file stands at a path, and who may read it; None when there is none.

    A folder counts as none: the system refuses to put a file in its place.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    return None if stat.S_ISDIR(mode) else mode


def _rewinds(file: BinaryIO) -> bool:
    try:
        return file.seekable()
    except (AttributeError, ValueError):
        return False

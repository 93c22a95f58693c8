"""Answers that are files: in memory, or written to a target chunk by chunk."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import BinaryIO, TypeAlias

from attrs import field, frozen

from wxruntime.errors import EncodeError

__all__ = ["File", "FileSink", "Saved", "Target", "check_target", "whole_file"]

MAX_FILE = 64 << 20
"""The size limit of a file that is kept in memory, in bytes."""
MAX_REFUSAL = 1 << 16
"""The size up to which an answer that begins like JSON is examined for an error, in bytes."""
_BINARY = getattr(os, "O_BINARY", 0)
"""The flag by which Windows opens a file in binary mode; 0 elsewhere."""
_BOM = b"\xef\xbb\xbf"
"""The UTF-8 byte order mark, which may stand before a text."""

Target: TypeAlias = "str | os.PathLike[str] | BinaryIO"
"""Where a file is saved: a path, or an open binary file."""


@frozen
class File:
    """A file that the platform sent."""

    content: bytes = field(repr=False)
    """The bytes of the file."""
    name: str = ""
    """The file name that the platform gives, without folder; empty if it gives none."""
    content_type: str = ""
    """The Content-Type that the platform gives; empty if it gives none."""


@frozen
class Saved:
    """A file that the platform sent, and that was written to a target."""

    size: int
    """Its size, in bytes."""
    name: str = ""
    """The file name that the platform gives, without folder; empty if it gives none."""
    content_type: str = ""
    """The Content-Type that the platform gives; empty if it gives none."""


def whole_file(file: File) -> File:
    """Return a file unchanged."""
    return file


def looks_like_json(beginning: bytes) -> bool:
    """Return whether an answer may be an error in JSON in the place of a file."""
    if _BOM.startswith(beginning):
        return True  # part of a byte order mark; the rest may follow
    return beginning.removeprefix(_BOM).lstrip()[:1] in (b"", b"{")


def check_target(target: Target) -> None:
    """Refuse a path that no file can be written to, before anything is asked for.

    Args:
        target: A path, or an open binary file, which is not examined.

    Raises:
        IsADirectoryError: If the path is a folder.
        FileNotFoundError: If the folder of the path does not exist.
    """
    if not isinstance(target, (str, os.PathLike)):
        return
    path = os.fspath(target)
    if os.path.isdir(path):
        raise IsADirectoryError(f"cannot write {path}: it is a folder; name a file in it")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"cannot write {path}: there is no folder {folder}")


class FileSink:
    """Writes an answer to its target, but holds it back as long as it may be an error."""

    def __init__(self, target: Target) -> None:
        """Build a sink without writing anything.

        Args:
            target: A path, or an open binary file, which is written from its current position and
                stays open. At a path the file appears only when it is complete; a symbolic link
                is kept, and an existing file keeps its mode. A pipe or device is written to.

        Raises:
            OSError: If the path is a folder, or in a folder that does not exist.
        """
        check_target(target)
        self._path = os.fspath(target) if isinstance(target, (str, os.PathLike)) else None
        self._part = ""
        self._over = False
        self._file = None if isinstance(target, (str, os.PathLike)) else target
        self._start = self._file.tell() if self._file is not None and _rewinds(self._file) else None
        self.size = 0
        self.held_back: bytes = b""
        """The answer so far, as long as it may be an error."""

    def restart(self) -> None:
        """Discard what was written, because a new answer begins."""
        file = self._opened()
        if self._part:
            file.seek(0)
            file.truncate()
        elif self.size > len(self.held_back):
            if self._start is None:
                raise EncodeError(
                    "the answer broke off, and the file that it was written to cannot be rewound; "
                    "pass a path, or a file that can be rewound"
                )
            file.seek(self._start)
            file.truncate()
        self.size = 0
        self.held_back = b""

    def write(self, chunk: bytes) -> None:
        """Write the next bytes of the answer, or hold them back."""
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
            if not taken:  # an unbuffered file may write less than asked, even nothing
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
            else:  # a pipe or device must not be replaced by a file
                self._file = os.fdopen(os.open(self._path, os.O_WRONLY | _BINARY), "wb")
        return self._file

    def _beside(self, path: str, mode: int | None) -> BinaryIO:
        """Open a temporary file beside a path, which replaces the path when it is complete."""
        # With a random name and O_EXCL, two downloads to one path do not share a temporary file,
        # and an existing file or link is never written to.
        part = os.path.join(os.path.dirname(path), f".wxoa-{secrets.token_hex(8)}.part")
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY
        kept = 0o666 if mode is None else mode & 0o777
        try:
            file = os.fdopen(os.open(part, flags, kept), "wb")  # the umask applies to a new file
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._path) from None
        self._path, self._part = path, part
        if mode is not None:
            with suppress(OSError):  # a file system without modes
                os.chmod(part, kept)
        return file

    def keep(self) -> None:
        """Finish the target: the answer is complete and no error."""
        held_back, self.held_back = self.held_back, b""
        self._write(held_back)
        if self._path is not None and self._file is not None:
            self._file.close()
            if self._part:
                os.replace(self._part, self._path)
            self._file = None
        self._over = True

    def drop(self) -> None:
        """Remove an incomplete file; do nothing after `keep()`."""
        self._over = True
        if self._path is not None and self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):  # a full disk
                file.close()
            if self._part:
                with suppress(OSError):
                    os.unlink(self._part)


def _mode(path: str) -> int | None:
    """Return the mode of the file at a path; None if there is none.

    A folder counts as none: the system refuses to replace it by a file.
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

"""Files to send: bytes, a path or an open file, read again each time the call is sent."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from mimetypes import guess_type
from typing import BinaryIO, Protocol, TypeAlias, cast

from attrs import evolve, field, frozen

from wxruntime.errors import EncodeError
from wxruntime.wire.scalars import utf8
from wxruntime.wire.types import JsonObject

__all__ = ["FileBody", "Form", "Upload", "Uploadable"]

_CHUNK = 1 << 16
"""Bytes that are read from a file at a time."""
_BEGINNINGS = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG", "png"),
    (b"GIF8", "gif"),
    (b"#!AMR", "amr"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
)
"""The first bytes of the file types that the platform accepts, each with the extension to send:
the platform judges a file by its extension."""

_PRINTABLE = re.compile("[ -~]*")


class _Source(Protocol):
    """Where the bytes of an upload come from."""

    @property
    def name(self) -> str:
        """The file name; empty if there is none."""
        ...

    def size(self) -> int:
        """Return the number of bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning."""
        ...


@frozen
class _Memory:
    """Bytes in memory."""

    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        ending = next((e for start, e in _BEGINNINGS if self.content.startswith(start)), "")
        if self.content[4:8] == b"ftyp":
            ending = "mp4"
        return f"file.{ending}" if ending else "file"

    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        return iter((self.content,))


@frozen
class _Path:
    """A file on disk, opened each time it is sent."""

    path: str

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def size(self) -> int:
        with _reading(self.path):
            return os.stat(self.path).st_size

    def chunks(self) -> Iterator[bytes]:
        with _reading(self.path), open(self.path, "rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


@frozen
class _Open:
    """An open file, sent from the position it had when the call was made."""

    file: BinaryIO = field(repr=False)
    start: int

    @classmethod
    def of(cls, file: BinaryIO) -> _Open:
        shown = f"the open file {getattr(file, 'name', '') or type(file).__name__!r}"
        if isinstance(file, io.TextIOBase):
            raise EncodeError(f"expected {shown} to be opened in binary mode, got text mode")
        with _reading(shown):
            if not file.seekable():
                raise EncodeError(
                    f"expected {shown} to support rewinding, because a call may have to be sent "
                    "again; read it into bytes first"
                )
            return cls(file, file.tell())

    @property
    def name(self) -> str:
        name = getattr(self.file, "name", "")
        return os.path.basename(name) if isinstance(name, str) else ""

    def size(self) -> int:
        with _reading(self.name):
            return self.file.seek(0, os.SEEK_END) - self.start

    def chunks(self) -> Iterator[bytes]:
        with _reading(self.name):
            self.file.seek(self.start)
            while chunk := self.file.read(_CHUNK):
                yield chunk


class _reading:  # noqa: N801 - reads as a phrase; a generator would keep the caller's frame
    """Turn a failure to read into an `EncodeError` that names the file."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or type(error).__name__
            raise EncodeError(f"cannot read {self._shown}: {reason}") from None
        if isinstance(error, ValueError):  # what a closed file raises
            raise EncodeError(f"cannot read {self._shown}: {error}") from None


def _one_line(instance: object, attribute: object, content_type: str) -> None:
    """Refuse a media type with a line break or with characters that no header can hold."""
    if not _PRINTABLE.fullmatch(content_type):
        raise EncodeError(
            f"expected a content_type of printable ASCII characters, got {content_type[:60]!r}"
        )


def _type_by(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


@frozen
class Upload:
    """A file to send, with a file name and a media type.

    A call that takes a file also takes bytes, a path or an open binary file. Use an `Upload` to
    set the name or the type: `Upload.of(content, name="photo.jpg")`.
    """

    source: _Source
    name: str
    """The file name to send."""
    content_type: str = field(validator=_one_line)
    """The media type to send."""

    @classmethod
    def of(cls, content: Uploadable, *, name: str = "", content_type: str = "") -> Upload:
        """Return an upload of bytes, a path, an open binary file, or another upload.

        Args:
            content: The file. A path is opened each time the call is sent. An open file is sent
                from its current position, must support rewinding, and stays open.
            name: The file name to send; by default the name of the file itself. The platform
                judges a file by the extension of its name.
            content_type: The media type to send; by default guessed from the extension.

        Raises:
            EncodeError: If the content cannot be sent repeatedly, or a header cannot hold the
                media type.
        """
        if isinstance(content, Upload):
            kind = content.content_type
            if name and kind == _type_by(content.name):  # it was guessed from the old name
                kind = _type_by(name)
            return evolve(content, name=name or content.name, content_type=content_type or kind)
        source = _source(content)
        name = name or source.name or "file"
        return cls(source, name, content_type or _type_by(name))

    @property
    def shown(self) -> str:
        """What a log shows in the place of the file."""
        return f"<{self.name}, {self.content_type}>"

    def body(self) -> FileBody:
        """Return the body of a request that consists of the file alone.

        Raises:
            EncodeError: If the file cannot be read.
        """
        return FileBody(self.content_type, self.source.size(), self.source.chunks)


Uploadable: TypeAlias = (
    "Upload | bytes | bytearray | memoryview[int] | str | os.PathLike[str] | BinaryIO"
)
"""What a call takes as a file: bytes, a path, an open binary file, or an `Upload`."""


def _source(content: object) -> _Source:
    if isinstance(content, (bytes, bytearray, memoryview)):
        return _Memory(bytes(cast("bytes", content)))
    if isinstance(content, (str, os.PathLike)):
        path = os.fspath(cast("str | os.PathLike[str]", content))
        return _Path(os.fsdecode(path))
    if all(hasattr(content, method) for method in ("read", "seek", "tell", "seekable")):
        return _Open.of(cast(BinaryIO, content))
    raise EncodeError(
        "expected bytes, a path or an open binary file that can be rewound, "
        f"got {type(content).__name__}"
    )


@frozen
class FileBody:
    """A body that is read while it is sent."""

    content_type: str
    length: int
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)


def _texts(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}


def _uploads(files: Mapping[str, Uploadable | None]) -> dict[str, Upload]:
    uploads: dict[str, Upload] = {}
    for name, content in files.items():
        if content is not None:
            try:
                uploads[name] = Upload.of(content)
            except EncodeError as error:
                raise EncodeError(error.problem, (name,)) from None
    return uploads


@frozen
class Form:
    """Texts and files to send as multipart/form-data; None values are left out."""

    fields: Mapping[str, str] = field(converter=_texts)
    files: Mapping[str, Upload] = field(converter=_uploads)

    def shown(self) -> JsonObject:
        """Return what a log may show of the form; secret fields still have to be masked."""
        return {**self.fields, **{name: file.shown for name, file in self.files.items()}}

    def body(self) -> FileBody:
        """Return the body of a request that sends the form.

        Raises:
            EncodeError: If a file cannot be read, or UTF-8 cannot hold a text.
        """
        boundary = f"wxoa-{os.urandom(16).hex()}"
        parts: list[FileBody] = []
        for name, text in self.fields.items():
            parts.append(_part(boundary, name, "", Upload.of(utf8(text, name)).body()))
        for name, file in self.files.items():
            extra = f'; filename="{_quoted(file.name)}"\r\nContent-Type: {file.content_type}'
            parts.append(_part(boundary, name, extra, file.body()))
        closing = Upload.of(f"--{boundary}--\r\n".encode()).body()
        parts.append(closing)

        def chunks() -> Iterator[bytes]:
            for part in parts:
                yield from part.chunks()

        kind = f"multipart/form-data; boundary={boundary}"
        return FileBody(kind, sum(part.length for part in parts), chunks)


def _part(boundary: str, name: str, extra: str, content: FileBody) -> FileBody:
    """Return a part of a form: header, content, and line break."""
    line = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{extra}\r\n\r\n'
    head = utf8(line, name)

    def chunks() -> Iterator[bytes]:
        yield head
        yield from content.chunks()
        yield b"\r\n"

    return FileBody("", len(head) + content.length + 2, chunks)


def _quoted(text: str) -> str:
    """Escape a name for double quotes as browsers do (WHATWG, multipart/form-data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")

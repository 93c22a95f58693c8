"""Files on their way to the platform: a path, bytes or an open file, as often as they are sent."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from mimetypes import guess_type
from typing import BinaryIO, Protocol, TypeAlias, cast

from attrs import evolve, field, frozen

from wxruntime.errors import EncodeError
from wxruntime.wire.types import JsonObject

__all__ = ["FileBody", "Form", "Upload", "Uploadable"]

_CHUNK = 1 << 16
"""How many bytes are read from a file at a time."""
_BEGINNINGS = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG", "png"),
    (b"GIF8", "gif"),
    (b"#!AMR", "amr"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
)
"""How the files begin that the platform takes; it judges a file by the ending of its name."""

_PRINTABLE = re.compile("[ -~]*")


class _Source(Protocol):
    """Where the bytes of an upload come from."""

    @property
    def name(self) -> str:
        """What it is called; empty when it has no name."""
        ...

    def size(self) -> int:
        """Return how many bytes there are."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Return them from the beginning."""
        ...


@frozen
class _Memory:
    """Bytes at hand."""

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
    """A file somebody opened, sent from where it stood when it was given."""

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
                    f"expected {shown} to be one that can be rewound, because a call may have to "
                    "be sent again; read it into bytes first"
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
    """Turn what goes wrong while reading into an error of ours that names the file."""

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
    """Refuse a media type that would begin a line of its own, or that no header can hold."""
    if not _PRINTABLE.fullmatch(content_type):
        raise EncodeError(
            f"expected a content_type of printable ASCII characters, got {content_type[:60]!r}"
        )


def _type_by(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


@frozen
class Upload:
    """A file to send, with the name and the type the platform is told.

    A call that takes a file takes bytes, a path or an open binary file as well; an `Upload` is
    for what they do not say: `Upload.of(content, name="photo.jpg")`.
    """

    source: _Source
    name: str
    """What the platform is told it is called."""
    content_type: str = field(validator=_one_line)
    """What the platform is told it is."""

    @classmethod
    def of(cls, content: Uploadable, *, name: str = "", content_type: str = "") -> Upload:
        """Make an upload of bytes, a path, an open binary file, or of another upload.

        Args:
            content: What to send. A path is opened each time it is sent; an open file is sent
                from where it stands, stays open, and must be one that can be rewound.
            name: What the platform is told it is called; the file's own name by default. The
                platform judges a file by the ending of its name.
            content_type: Its media type; by the name's ending by default.

        Raises:
            EncodeError: If it is nothing that can be sent, and sent again, or if its media type
                is none that a header can hold.
        """
        if isinstance(content, Upload):
            said = content.content_type
            if name and said == _type_by(content.name):  # nobody said another
                said = _type_by(name)
            return evolve(content, name=name or content.name, content_type=content_type or said)
        source = _source(content)
        name = name or source.name or "file"
        return cls(source, name, content_type or _type_by(name))

    @property
    def shown(self) -> str:
        """What a log may show of it."""
        return f"<{self.name}, {self.content_type}>"

    def body(self) -> FileBody:
        """Return the body of a request that sends the file and nothing else.

        Raises:
            EncodeError: If the file cannot be read.
        """
        return FileBody(self.content_type, self.source.size(), self.source.chunks)


Uploadable: TypeAlias = (
    "Upload | bytes | bytearray | memoryview[int] | str | os.PathLike[str] | BinaryIO"
)
"""What can be sent as a file: bytes, a path, an open binary file, or an `Upload`."""


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
    """Texts and files that are sent as multipart/form-data; what is None is left out."""

    fields: Mapping[str, str] = field(converter=_texts)
    files: Mapping[str, Upload] = field(converter=_uploads)

    def shown(self) -> JsonObject:
        """Return what a log may show of it, once secret fields are masked."""
        return {**self.fields, **{name: file.shown for name, file in self.files.items()}}

    def body(self) -> FileBody:
        """Return the body of a request that sends the form.

        Raises:
            EncodeError: If a file cannot be read, or a text is none that UTF-8 can hold.
        """
        boundary = f"wxoa-{os.urandom(16).hex()}"
        parts: list[FileBody] = []
        for name, text in self.fields.items():
            parts.append(_part(boundary, name, "", Upload.of(_utf8(text, name)).body()))
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
    """Return a part of a form: its header, its content, the end of its last line."""
    line = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{extra}\r\n\r\n'
    head = _utf8(line, name)

    def chunks() -> Iterator[bytes]:
        yield head
        yield from content.chunks()
        yield b"\r\n"

    return FileBody("", len(head) + content.length + 2, chunks)


def _quoted(text: str) -> str:
    """Write a name between quotes as browsers do (WHATWG, multipart/form-data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _utf8(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))

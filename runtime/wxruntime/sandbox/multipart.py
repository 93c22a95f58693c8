"""Reading multipart/form-data: texts, and files byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import HeaderParser

from attrs import field, frozen

__all__ = ["File", "Form", "read_form"]


@frozen
class File:
    """A file that was sent."""

    name: str
    """What its sender calls it; empty when it came without a name."""
    content: bytes = field(repr=False)


@frozen
class Form:
    """A form that was sent; where a name comes twice, its last part counts."""

    texts: Mapping[str, str] = field(repr=False)
    files: Mapping[str, File]


def read_form(content_type: str, body: bytes) -> Form:
    """Read a form; what is none has nothing in it.

    Args:
        content_type: The request's, which names the boundary.
        body: The request's body.
    """
    texts: dict[str, str] = {}
    files: dict[str, File] = {}
    for head, content in _parts(content_type, body):
        name = head.get_param("name", header="content-disposition")
        file_name = head.get_filename()
        if not isinstance(name, str):
            continue
        if file_name is not None:
            files[name] = File(file_name, content)
        else:
            texts[name] = content.decode("utf-8", "replace")
    return Form(texts, files)


def _parts(content_type: str, body: bytes) -> Iterator[tuple[Message, bytes]]:
    """Return the header and the content of each part (RFC 2046, 5.1.1)."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        return
    delimiter = f"\r\n--{boundary}".encode("latin-1", "replace")
    # The first one stands at the very beginning; what is before it, or has no end, is no part.
    for part in (b"\r\n" + body).split(delimiter)[1:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if separator:
            yield HeaderParser().parsestr(head.lstrip().decode("utf-8", "replace")), content

"""Reading multipart/form-data: text fields, and files byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import HeaderParser

from attrs import field, frozen

__all__ = ["File", "Form", "read_form"]


@frozen
class File:
    """A file in a form."""

    name: str
    """The file name that was sent; empty if there was none."""
    content: bytes = field(repr=False)


@frozen
class Form:
    """The parts of a form; if a name comes twice, the last part counts."""

    texts: Mapping[str, str] = field(repr=False)
    files: Mapping[str, File]


def read_form(content_type: str, body: bytes) -> Form:
    """Read a form; a body that is no form gives an empty one.

    Args:
        content_type: The Content-Type of the request, which names the boundary.
        body: The body of the request.
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
    # The first delimiter may be at the start of the body. Text before it, and a part without an
    # end, are ignored.
    for part in (b"\r\n" + body).split(delimiter)[1:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if separator:
            yield HeaderParser().parsestr(head.lstrip().decode("utf-8", "replace")), content

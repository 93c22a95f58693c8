"""Reading the HTTP headers of an answer, which may hold anything."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from email.utils import parsedate_to_datetime

__all__ = ["MAX_EXAMINED", "MAX_FILE_NAME", "file_name", "media_type", "retry_after"]

MAX_EXAMINED = 4096
"""Characters of untrusted text examined at most (body, message or header)."""
MAX_FILE_NAME = 255
"""Characters of a file name at most."""

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}", re.ASCII)
_DAY = 86400.0


def media_type(content_type: str) -> str:
    """Return the media type of a Content-Type without its parameters; empty if it is malformed."""
    bare = content_type.partition(";")[0].strip()
    return bare if _MEDIA_TYPE.fullmatch(bare) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which the server allows a next request, at most a day, or None."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _DAY)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), _DAY)


def file_name(headers: Mapping[str, str]) -> str:
    """Return the file name of an answer, without folder or drive; empty if there is none."""
    header = Message()
    value = headers.get("content-disposition", "")[:MAX_EXAMINED]
    header["Content-Disposition"] = value.replace("\r", "").replace("\n", "")
    try:
        name = header.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""  # the standard library fails on some malformed headers
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()  # the platform sends UTF-8 unencoded
    last = re.split(r"[/\\:]", name)[-1]
    printable = "".join(filter(str.isprintable, last))[:MAX_FILE_NAME]
    return "" if printable in (".", "..") else printable

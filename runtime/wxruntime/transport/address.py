"""Splitting a URL into the host to connect to and the path to request."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from attrs import frozen
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

__all__ = ["Origin", "split"]

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?://[^/?#\s]+)([^#]*)", re.IGNORECASE | re.DOTALL)
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@frozen
class Origin:
    """The scheme, host and port of a server."""

    scheme: str
    host: str
    """The host in ASCII and lower case; IPv6 in brackets."""
    port: int
    text: str
    """The beginning of its URLs."""


def split(url: str) -> tuple[Origin, str]:
    """Return the origin of an absolute URL, and its path and query in the form to send.

    Raises:
        ValueError: If it is no http:// or https:// URL.
    """
    parts = _URL.match(url)
    if parts is None:
        raise ValueError
    target = parts[2]
    if not target.isascii() or not target.isprintable() or " " in target:
        target = quote(target, safe=_PRINTABLE)
    if not target.startswith("/"):
        target = f"/{target}"
    return _origin(parts[1]), target


@lru_cache(maxsize=64)
def _origin(text: str) -> Origin:
    try:
        parts = parse_url(text)
    except LocationParseError:
        raise ValueError from None
    if parts.scheme is None or not parts.host or parts.port == 0:
        raise ValueError
    usual = _PORTS[parts.scheme]
    port = parts.port or usual
    text = f"{parts.scheme}://{parts.host}" + (f":{port}" if port != usual else "")
    return Origin(parts.scheme, parts.host, port, text)

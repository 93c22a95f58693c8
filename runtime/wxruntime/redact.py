"""No secret ever reaches a log, a repr or an exception."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote

__all__ = ["MASK", "Secret", "guard_logger", "redact"]

MASK = "***"

_LONG = 16
"""How long a secret is that is known by a piece of it; a shorter one may be made of words."""
_PIECE = 8
"""How long a piece of a secret is that nobody may see."""

_NAMES = "access_token|refresh_token|appsecret|secret|component_access_token|ticket|echostr"
_IN_QUERY = re.compile(rf"(?i)\b({_NAMES})=[^&\s\"'<>]*")
# A value that was cut off has no closing quote: it is masked to the end all the same.
# The value is unrolled: an alternative per character would keep a way back for each.
_IN_JSON = re.compile(
    rf"(?i)(\\?[\"']({_NAMES})\\?[\"']\s*:\s*\\?[\"'])[^\"'\\]*(?:\\[^\"'][^\"'\\]*)*"
)


class Secret:
    """A string that shows itself only when asked by name, so no frame or repr leaks it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself; call it where the secret leaves for the platform."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    __str__ = __repr__

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret stays in its process: it is not pickled")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask every secret in a text.

    Args:
        text: Anything about to be shown to a person.
        secrets: The values known to be secret; they are masked wherever they stand, as they are
            and as an address has them. Of one with 16 characters or more, each piece of 8 or
            more is masked as well: a text that was cut ends in a piece. Beside them, every value
            behind a name such as `access_token` or `secret` is masked.

    Returns:
        The text with each secret replaced by `***`.
    """
    # The longest first: a shorter one may be a part of it.
    known = sorted(filter(None, secrets), key=len, reverse=True)
    for secret in known:
        for form in _forms(secret):
            text = text.replace(form, MASK)
    pieces = {piece for secret in known if len(secret) >= _LONG for piece in _pieces(secret)}
    if pieces:
        text = _without_pieces(text, pieces)
    text = _IN_QUERY.sub(rf"\1={MASK}", text)
    return _IN_JSON.sub(rf"\1{MASK}", text)


def _forms(secret: str) -> set[str]:
    """Return how a secret is written in words and in an address."""
    return {secret, quote(secret, safe="", errors="replace")}


def _pieces(secret: str) -> Iterator[str]:
    """Return all pieces of a secret that are just long enough to be known by."""
    for form in _forms(secret):
        for at in range(len(form) - _PIECE + 1):
            yield form[at : at + _PIECE]


def _without_pieces(text: str, pieces: Collection[str]) -> str:
    """Mask every run of characters that is made of pieces, however they overlap."""
    shown: list[str] = []
    end = 0
    for at in range(len(text) - _PIECE + 1):
        if text[at : at + _PIECE] in pieces:
            if at >= end:  # no part of the run before it
                shown += (text[end:at], MASK)
            end = at + _PIECE
    return "".join((*shown, text[end:]))


class _Redacting(logging.Filter):
    """Redacts a record before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = redact(message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


_REDACTING = _Redacting()


def guard_logger(name: str) -> None:
    """Redact everything a foreign logger says, such as urllib3's line with the whole URL.

    Args:
        name: The logger's name. Guarding it twice is the same as once.
    """
    logging.getLogger(name).addFilter(_REDACTING)

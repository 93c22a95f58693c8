"""Keeping secrets out of logs, reprs and exceptions."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NoReturn
from urllib.parse import quote

__all__ = ["MASK", "Secret", "guard_logger", "redact"]

MASK = "***"

_LONG = 16
"""Characters from which on pieces of a secret are masked; a shorter one may be made of words."""
_PIECE = 8
"""Characters of a piece of a secret that is masked."""

_NAMES = "access_token|refresh_token|appsecret|secret|component_access_token|ticket|echostr"
_IN_QUERY = re.compile(rf"(?i)\b({_NAMES})=[^&\s\"'<>]*")
# A truncated value has no closing quote; it is masked to the end all the same. The value's pattern
# is an unrolled loop: an alternative for each character would backtrack through all of them.
_IN_JSON = re.compile(
    rf"(?i)(\\?[\"']({_NAMES})\\?[\"']\s*:\s*\\?[\"'])[^\"'\\]*(?:\\[^\"'][^\"'\\]*)*"
)


class Secret:
    """A string that only `reveal()` returns, so that no repr and no traceback shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself; call it only where the secret is sent to the platform."""
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

    Each value behind a name such as `access_token` or `secret` is masked too.

    Args:
        text: A text that a person will see.
        secrets: The secret values. They are masked wherever they stand, also in percent-encoding.
            Of a secret with 16 characters or more, each piece of 8 or more characters is masked
            as well, because a truncated text may end within a secret.

    Returns:
        The text with `***` in the place of each secret.
    """
    # The longest first, because a shorter secret may be part of a longer one.
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
    """Return a secret as it is, and in percent-encoding."""
    return {secret, quote(secret, safe="", errors="replace")}


def _pieces(secret: str) -> Iterator[str]:
    """Yield all pieces of a secret of the least length that is masked."""
    for form in _forms(secret):
        for at in range(len(form) - _PIECE + 1):
            yield form[at : at + _PIECE]


def _without_pieces(text: str, pieces: Collection[str]) -> str:
    """Mask every run of characters that consists of pieces, which may overlap."""
    shown: list[str] = []
    end = 0
    for at in range(len(text) - _PIECE + 1):
        if text[at : at + _PIECE] in pieces:
            if at >= end:  # a new run
                shown += (text[end:at], MASK)
            end = at + _PIECE
    return "".join((*shown, text[end:]))


class _Redacting(logging.Filter):
    """Redacts a log record before any handler gets it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = redact(message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


_REDACTING = _Redacting()


def guard_logger(name: str) -> None:
    """Redact all records of another library's logger, such as urllib3's line with the whole URL.

    Args:
        name: The name of the logger. Guarding it twice is the same as once.
    """
    logging.getLogger(name).addFilter(_REDACTING)

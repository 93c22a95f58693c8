"""Foreign texts on a terminal: no control characters, and columns that line up."""

from __future__ import annotations

import unicodedata

__all__ = ["harmless", "padded", "width"]


def harmless(text: str) -> str:
    """Return a text on one line that does nothing but stand there: the rest is escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """Return how many columns a harmless text takes; a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """Return a text filled up with spaces; one that is too wide stays as it is."""
    return text + " " * (columns - width(text))

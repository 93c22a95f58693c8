"""How many columns a text takes, in a terminal and in the counting of `ruff format`."""

from __future__ import annotations

import unicodedata

__all__ = ["width"]


def width(text: str) -> int:
    """Return how many columns a text of one line takes."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0  # a mark on the character before it
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

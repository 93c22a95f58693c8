"""What an account proves itself with: the two texts that the platform's console shows."""

from __future__ import annotations

import re

__all__ = ["check_credential"]

_SHOWN_BY_THE_PLATFORM = re.compile("[!-~]+")


def check_credential(name: str, value: object) -> None:
    """Refuse what cannot be an AppID or an AppSecret.

    Args:
        name: The argument's name, for the error; the value is never repeated.
        value: What was given.

    Raises:
        ValueError: If it is no text, empty, or holds what the console never shows.
    """
    if not isinstance(value, str) or not _SHOWN_BY_THE_PLATFORM.fullmatch(value):
        raise ValueError(
            f"{name}: expected ASCII text without spaces, and not empty; copy what the platform's "
            "console shows"
        )

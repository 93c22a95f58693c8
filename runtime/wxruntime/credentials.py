"""What an account proves itself with: the two texts that the platform's console shows."""

from __future__ import annotations

import re

from wxruntime.redact import Secret

__all__ = ["check_credential", "hidden"]

_SHOWN_BY_THE_PLATFORM = re.compile("[!-~]+")


def hidden(value: object) -> Secret | None:
    """Hide what was given as a secret, whatever it is; None stays None."""
    return None if value is None else Secret(value if isinstance(value, str) else "")


def check_credential(name: str, value: object) -> None:
    """Refuse what cannot be an AppID or an AppSecret.

    Args:
        name: The argument's name, for the error; the value is never repeated.
        value: What was given; a secret is given as a `Secret`, so that no frame shows it.

    Raises:
        ValueError: If it is no text, empty, or holds what the console never shows.
    """
    if not _can_be_one(value):
        raise ValueError(
            f"{name}: expected ASCII text without spaces, and not empty; copy what the platform's "
            "console shows"
        )


def _can_be_one(value: object) -> bool:
    text = value.reveal() if isinstance(value, Secret) else value
    return isinstance(text, str) and _SHOWN_BY_THE_PLATFORM.fullmatch(text) is not None

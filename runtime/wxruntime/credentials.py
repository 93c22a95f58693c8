"""The credentials of an account: its AppID and AppSecret, as the platform's console shows them."""

from __future__ import annotations

import re

from wxruntime.redact import Secret
from wxruntime.settings import InvalidSetting

__all__ = ["check_credential", "hidden"]

_SHOWN_BY_THE_PLATFORM = re.compile("[!-~]+")


def hidden(value: object) -> Secret | None:
    """Wrap an argument as a secret, even if it has a wrong type; None stays None."""
    return None if value is None else Secret(value if isinstance(value, str) else "")


def check_credential(name: str, value: object) -> None:
    """Refuse a value that cannot be an AppID or an AppSecret.

    Args:
        name: The name of the argument, for the error; the error never shows the value.
        value: The argument; an AppSecret comes as a `Secret`, so that no frame shows it.

    Raises:
        InvalidSetting: If the value is not text, is empty, or holds a character that the console
            never shows.
    """
    if not _can_be_one(value):
        raise InvalidSetting(
            name,
            "expected ASCII text without spaces, and not empty; copy what the platform's console "
            "shows",
        )


def _can_be_one(value: object) -> bool:
    text = value.reveal() if isinstance(value, Secret) else value
    return isinstance(text, str) and _SHOWN_BY_THE_PLATFORM.fullmatch(text) is not None

"""The record of a nonce, against replay.

The plain signature does not cover the body, so an attacker who has seen one signed URL could post
any body to it. So a nonce belongs to the first content that came with it; with any other content it
is a replay. The platform repeats a delivery within seconds; after that, the same content is a
replay as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

__all__ = ["KEPT", "REPEATS", "Nonce", "NonceChange", "meet"]

KEPT = 600
"""Seconds for which a nonce is remembered: twice as long as the time of a delivery may be off."""
REPEATS = 60.0
"""Seconds for which a repeated delivery is accepted; the platform repeats it for 15."""


@frozen
class Nonce:
    """The record of one nonce; `Nonce()` for a nonce that has not come yet."""

    content: str = ""
    """The digest of the content that came with the nonce; empty if none has."""
    first: float = 0.0
    """When the nonce first came, in seconds on the inbox's clock."""


NonceChange: TypeAlias = Callable[[Nonce, float], tuple[Nonce, bool]]


def meet(content: str) -> NonceChange:
    """Remember that a content came with a nonce.

    Args:
        content: The digest of the content.

    Returns:
        A change whose result is whether the delivery is accepted; False for a replay.
    """

    def change(nonce: Nonce, now: float) -> tuple[Nonce, bool]:
        if not nonce.content:
            return Nonce(content, now), True
        return nonce, nonce.content == content and abs(now - nonce.first) <= REPEATS

    return change

"""What is remembered of a nonce, against replay.

The plain signature does not cover the body, so whoever has seen one signed address could post
anything to it. A nonce belongs to one content: with another it is a replay. The platform repeats
a delivery within seconds; later, the same content is a replay as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from attrs import frozen

__all__ = ["KEPT", "REPEATS", "Nonce", "NonceChange", "meet"]

KEPT = 600
"""How long a nonce is remembered, in seconds: twice what the time of a delivery may be off."""
REPEATS = 60.0
"""For how long the platform may repeat a delivery, in seconds; it does so for 15."""


@frozen
class Nonce:
    """One nonce's record; an inbox that knows nothing of a nonce holds `Nonce()`."""

    content: str = ""
    """The digest of what came with it; empty when nothing has."""
    first: float = 0.0
    """When it first came, in seconds on the inbox's clock."""


NonceChange: TypeAlias = Callable[[Nonce, float], tuple[Nonce, bool]]


def meet(content: str) -> NonceChange:
    """Remember that a content came with a nonce.

    Args:
        content: The content's digest.

    Returns (by the change): whether it may; not if it is a replay.
    """

    def change(nonce: Nonce, now: float) -> tuple[Nonce, bool]:
        if not nonce.content:
            return Nonce(content, now), True
        return nonce, nonce.content == content and abs(now - nonce.first) <= REPEATS

    return change

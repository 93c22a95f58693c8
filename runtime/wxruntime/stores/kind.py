"""A kind of small state that a server may keep, each of them under a key of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import frozen

from wxruntime.redact import Secret

__all__ = ["Kind"]

S = TypeVar("S")


@frozen
class Kind(Generic[S]):
    """What a server has to know of a state to keep it."""

    label: str
    """Stands in the keys, before the state's own name."""
    empty: S
    """The state of a name that the server knows nothing of."""
    encode: Callable[[S], Secret]
    """Writes a state as a text that is not empty."""
    decode: Callable[[Secret, str], S]
    """Reads the text, kept at the place that the second argument names, or raises StoreError."""
    expiry: int
    """How long a state stays that nobody writes, in seconds."""

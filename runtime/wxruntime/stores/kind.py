"""A kind of small state that a server stores, each state under its own key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import frozen

from wxruntime.redact import Secret

__all__ = ["Kind"]

S = TypeVar("S")


@frozen
class Kind(Generic[S]):
    """How a kind of state is stored on a server."""

    label: str
    """The part of the keys before the name of the state."""
    empty: S
    """The state if the server has none."""
    encode: Callable[[S], Secret]
    """Writes a state as a text that is not empty."""
    decode: Callable[[Secret, str], S]
    """Reads the text, or raises a StoreError that names the place in the second argument."""
    expiry: int
    """Seconds for which a state is kept after it was last written."""

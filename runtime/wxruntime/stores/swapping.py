"""A transaction on a server that can only compare and swap one value.

Read, change, and write if the value is still what was read. It is a generator of what to ask
the server, so that threads and event loops run the same one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from attrs import frozen

from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.kind import Kind

__all__ = ["Ask", "Held", "transaction"]

R = TypeVar("R")
S = TypeVar("S")

PATIENCE = 5.0
"""How long to try while others are faster, in seconds."""
_LONGEST_PAUSE = 0.05


@frozen
class Ask:
    """What to ask of the server: the value, and perhaps to swap it first."""

    old: Secret | None = None
    """What must be there; None for nothing."""
    new: Secret | None = None
    """What to put there instead; None to only read."""
    pause: float = 0.0
    """How long to wait before asking, in seconds."""


@frozen
class Held:
    """What the server answers."""

    document: Secret | None
    """What was there; None when there was nothing."""
    now: float
    """The server's time, in seconds."""
    swapped: bool


def transaction(
    place: str, kind: Kind[S], change: Callable[[S, float], tuple[S, R]]
) -> Generator[Ask, Held, R]:
    """Apply a change, against whatever others do meanwhile.

    Args:
        place: What is changed, for errors.
        kind: What kind of state it is.
        change: What to do; asked again when somebody else was faster.

    Raises:
        StoreError: If others are faster all the time, or what is there is not a state.
    """
    until = time.monotonic() + PATIENCE
    most = 0.001
    held = yield Ask()
    while True:
        state = kind.empty if held.document is None else kind.decode(held.document, place)
        after, told = change(state, held.now)
        if after == state:
            return told
        if (yield Ask(held.document, kind.encode(after))).swapped:
            return told
        if time.monotonic() > until:
            raise StoreError(
                f"{place}: others have changed it all the time for {PATIENCE:g} s; look for "
                "whoever asks for tokens without end"
            )
        held = yield Ask(pause=random.uniform(0, most))
        most = min(2 * most, _LONGEST_PAUSE)

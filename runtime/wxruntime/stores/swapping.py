"""A transaction on a server that can only compare and swap a value.

Read the value, change it, and write it if the value on the server is still the one that was read.
The transaction is a generator of requests to the server, so that threads and event loops share it.
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
"""Seconds for which a transaction is tried while other processes are faster."""
_LONGEST_PAUSE = 0.05


@frozen
class Ask:
    """A request to the server: swap the value if it equals `old`, and return the value before."""

    old: Secret | None = None
    """The value to compare with; None for no value."""
    new: Secret | None = None
    """The value to write; None to only read."""
    pause: float = 0.0
    """Seconds to wait before the request."""


@frozen
class Held:
    """The answer of the server."""

    document: Secret | None
    """The value before the request; None if there was none."""
    now: float
    """The time of the server, in seconds."""
    swapped: bool
    """Whether the new value was written."""


def transaction(
    place: str, kind: Kind[S], change: Callable[[S, float], tuple[S, R]]
) -> Generator[Ask, Held, R]:
    """Apply a change, and again if another process was faster.

    Args:
        place: The place of the state, for errors.
        kind: The kind of state.
        change: Returns the new state and a result, from the old state and the server's time.

    Yields:
        Requests to the server; send its answers.

    Returns:
        The result of the change.

    Raises:
        StoreError: If other processes are faster for 5 seconds, or the value is not a state.
    """
    until = time.monotonic() + PATIENCE
    most = 0.001
    held = yield Ask()
    while True:
        state = kind.empty if held.document is None else kind.decode(held.document, place)
        after, result = change(state, held.now)
        if after == state:
            return result
        if (yield Ask(held.document, kind.encode(after))).swapped:
            return result
        if time.monotonic() > until:
            raise StoreError(
                f"{place}: other processes have changed it all the time for {PATIENCE:g} s; look "
                "for a process that changes it without end"
            )
        held = yield Ask(pause=random.uniform(0, most))
        most = min(2 * most, _LONGEST_PAUSE)

"""A limit on the time that a check may take."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["bounded"]

T = TypeVar("T")

_GRACE = 1.0
"""How long to wait beyond the time, in seconds, for a client to say in its own words what was too
slow."""


def bounded(work: Callable[[], T], seconds: float) -> T:
    """Return what the work returns, or raise what it raises, while there is time.

    Work that is not done by then is left alone in a thread that ends with the process. A client
    keeps its time by itself; looking up a host's name is the system's, and takes what it takes.

    Args:
        work: What to do.
        seconds: How long it may take.

    Raises:
        TimeoutError: If it is not done in time.
    """
    future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return future.result(seconds + _GRACE)
    except concurrent.futures.TimeoutError:  # Python's own only from 3.11 on
        raise TimeoutError(f"no result within {seconds:g} s") from None

"""A command that is told to leave cleans up first, as one that is interrupted does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

__all__ = ["leaving_in_order"]

_SIGNALS = ("SIGTERM", "SIGHUP")
"""What tells a command to leave; Windows does not have all of them."""


@contextmanager
def leaving_in_order() -> Generator[None]:
    """Leave by an exception when told to, so that nothing half done stays behind.

    A signal that is ignored, as `nohup` has it, stays ignored.

    Raises:
        SystemExit: With 128 and the number of the signal, as a shell has it.
    """
    if threading.current_thread() is not threading.main_thread():  # nobody else gets signals
        yield
        return
    there = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    taken: list[int] = [each for each in there if signal.getsignal(each) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _leave)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)

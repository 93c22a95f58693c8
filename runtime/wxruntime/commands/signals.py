"""Signals that end a command by an exception, so that it cleans up first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

__all__ = ["exit_on_signals"]

_SIGNALS = ("SIGTERM", "SIGHUP")
"""The signals that end a command; Windows does not have all of them."""


@contextmanager
def exit_on_signals() -> Generator[None]:
    """Raise `SystemExit` on SIGTERM and SIGHUP, so that nothing half done stays behind.

    A signal that is ignored, as under `nohup`, stays ignored.

    Raises:
        SystemExit: With 128 plus the number of the signal, the exit code of a shell.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    there = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    taken: list[int] = [each for each in there if signal.getsignal(each) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)

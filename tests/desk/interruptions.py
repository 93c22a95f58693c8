"""Interruptions of a desk, and what it logs of them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

__all__ = ["interruptible", "press_once", "warnings"]


@contextmanager
def interruptible() -> Generator[None]:
    """Let a SIGINT raise a KeyboardInterrupt, whatever the tests are run by."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def press_once() -> Callable[[], None]:
    """Return what sends a SIGINT to the main thread when it is first called."""
    presses = [signal.SIGINT]
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        if presses:
            signal.pthread_kill(main, presses.pop())

    return press


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the desk has warned of."""
    return [record.getMessage() for record in caplog.records if record.name == "wxoa.desk"]

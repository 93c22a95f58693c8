"""The standard streams of a process, made safe to read and to print to."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["OutputError", "discard_output", "escape_unencodable", "open_missing_streams", "writing"]


class OutputError(OSError):
    """Raised when standard output cannot be written, for example because the disk is full."""


def open_missing_streams() -> None:
    """Open the null device for each standard stream that the process was started without."""
    # In the order of their numbers: the system gives out the lowest number that is free.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open as long as the process runs, as the stream would.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def escape_unencodable() -> None:
    """Let standard output and standard error escape characters that their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal may have no Chinese


@contextmanager
def writing() -> Generator[None]:
    """Raise an error of writing to standard output as an `OutputError`.

    Raises:
        BrokenPipeError: If the reader has closed the pipe, as `head` does.
        OutputError: If anything else prevents writing.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from None


def discard_output() -> None:
    """Write what standard output still holds, and all that follows, to the null device."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

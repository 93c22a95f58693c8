"""The standard streams of a process, made safe to read and to print to."""

from __future__ import annotations

import os
import sys

__all__ = ["escape_unencodable", "open_missing_streams"]


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

"""Files that a command is named: a path, or `-` for standard input."""

from __future__ import annotations

import sys
from typing import BinaryIO

from wxruntime.commands.errors import WrongArgument

__all__ = ["check_readable", "name_of", "read_file"]

_STANDARD_INPUT = "-"


def read_file(path: str) -> bytes:
    """Return what is in a file.

    Args:
        path: Where it is; `-` is standard input.

    Raises:
        WrongArgument: If it cannot be read.
    """
    if path == _STANDARD_INPUT:
        return sys.stdin.buffer.read()
    with _opened(path) as file:
        return file.read()


def name_of(path: str) -> str:
    """Return what to call a file in a message; `-` is standard input."""
    return "standard input" if path == _STANDARD_INPUT else path


def check_readable(path: str) -> None:
    """Refuse a file that could not be read later."""
    _opened(path).close()


def _opened(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can be called so"
        raise WrongArgument(f"cannot read {path}: {reason}") from None

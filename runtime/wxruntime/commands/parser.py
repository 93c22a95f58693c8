"""A parser that names a mistake in one line of harmless text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from wxruntime.commands.streams import writing
from wxruntime.commands.terminal import harmless

__all__ = ["Options", "Parser", "seconds_up_to"]


class Options(Protocol):
    """Where options are added: a parser, or a group of its options."""

    def add_argument(self, *flags: Any, **settings: Any) -> Any:
        """Add one."""


class Parser(argparse.ArgumentParser):
    """Reads the arguments of a command."""

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print a page of help; argparse itself would swallow an error."""
        with writing():
            print(message, end="", file=file or sys.stderr, flush=True)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and leave with 2."""
        print(f"{self.prog}: {harmless(message)}; --help says more", file=sys.stderr)
        sys.exit(2)


def seconds_up_to(longest: float) -> Callable[[str], float]:
    """Return a reader of an option that is a number of seconds, above 0."""

    def seconds(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value <= longest:
            raise argparse.ArgumentTypeError(f"expected seconds, from above 0 to {longest:g}")
        return value

    return seconds

"""A parser that names a mistake in one line of harmless text."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn, Protocol

from wxruntime.commands.terminal import harmless

__all__ = ["Options", "Parser"]


class Options(Protocol):
    """Where options are added: a parser, or a group of its options."""

    def add_argument(self, *flags: Any, **settings: Any) -> Any:
        """Add one."""


class Parser(argparse.ArgumentParser):
    """Reads the arguments of a command."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and leave with 2."""
        print(f"{self.prog}: {harmless(message)}; --help says more", file=sys.stderr)
        sys.exit(2)

"""A parser whose mistakes are one line, and repeat nothing that a terminal obeys."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from wxruntime.commands.terminal import harmless

__all__ = ["Parser"]


class Parser(argparse.ArgumentParser):
    """Reads the arguments of a command."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and leave with 2."""
        print(f"{self.prog}: {harmless(message)}; --help says more", file=sys.stderr)
        sys.exit(2)

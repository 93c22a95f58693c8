"""The command `wxspec`; without jinja2 or pyyaml, it names the extra to install."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line, or name the extra that it needs."""
    try:
        from wxspec.cli import main as run
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "yaml"):
            raise
        print(f"wxspec needs {error.name}: pip install 'wxoa[generate]'", file=sys.stderr)
        return 1
    return run()

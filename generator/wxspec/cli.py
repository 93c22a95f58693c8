"""The command line of the compiler."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from wxspec.compiler import compile_spec
from wxspec.diagnostics import SpecError
from wxspec.exports.jsonschema import json_schema
from wxspec.tree import ForeignFileError, compare, difference, locked, publish
from wxspec.version import __version__

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: What stands behind the command's name; those of the process by default.

    Returns:
        0 when all is well, 1 when the specification is wrong or the package has drifted from it.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets its escape, and the rest as it is.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(options.run(options))
    except SpecError as error:
        print(
            f"{error}\n\n{_counted(len(error.report), 'error')}; nothing was written",
            file=sys.stderr,
        )
    except BrokenPipeError:
        # The reader closed the pipe (e.g. `| head`): stop quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ForeignFileError, OSError) as error:
        print(f"wxspec: {error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wxspec", description="Compile a specification into a typed client."
    )
    parser.add_argument("--version", action="version", version=f"wxspec {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    generate = commands.add_parser("generate", help="write the package, where it has changed")
    check = commands.add_parser("check", help="say whether the package is what the spec says")
    for command, run in ((generate, _generate), (check, _check)):
        command.add_argument(
            "--spec", type=Path, default=Path("spec"), metavar="DIR",
            help="where the *.yaml files are (default: spec)",
        )  # fmt: skip
        command.add_argument(
            "--out", type=Path, default=Path("generated"), metavar="DIR",
            help="where the package's folder is (default: generated)",
        )  # fmt: skip
        command.set_defaults(run=run)

    export = commands.add_parser(
        "export", help="print the specification's language for other tools"
    )
    export.add_argument("format", choices=["jsonschema"])
    export.set_defaults(run=_export)
    return parser


def _generate(options: argparse.Namespace) -> int:
    package = compile_spec(options.spec)
    folder: Path = options.out / package.name
    with locked(folder):
        changes = compare(folder, package.files)
        publish(folder, changes)
    for change in changes:
        print(f"{change.verb:>6} {folder / change.path}")
    print(f"{folder}: {_counted(len(package.files), 'file')}, {len(changes)} changed")
    return 0


def _check(options: argparse.Namespace) -> int:
    package = compile_spec(options.spec)
    folder: Path = options.out / package.name
    changes = compare(folder, package.files)
    for change in changes:
        print("\n".join(difference(change)))
    if changes:
        stale = sum(change.new is None for change in changes)
        total = len(package.files) + stale
        drifted = f"{len(changes)} of {_counted(total, 'file')}"
        print(f"{folder}: {drifted} drifted from {options.spec}; run: wxspec generate")
        return 1
    print(f"{folder}: {_counted(len(package.files), 'file')}, as {options.spec} says")
    return 0


def _export(options: argparse.Namespace) -> int:
    print(json_schema(), end="")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""The command line of a generated package."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

from wxruntime.commands.call import call
from wxruntime.commands.decode import add_decode_options, decode
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.parser import Parser
from wxruntime.commands.push import add_push_options, push
from wxruntime.commands.refusals import refusal
from wxruntime.commands.sandbox import add_sandbox_options, sandbox
from wxruntime.commands.streams import (
    OutputError,
    discard_output,
    escape_unencodable,
    open_missing_streams,
    writing,
)
from wxruntime.commands.terminal import harmless
from wxruntime.conformance.report import report_samples
from wxruntime.demo.walk import walk
from wxruntime.doctor.command import add_options, doctor
from wxruntime.errors import ApiError, WeChatError
from wxruntime.redact import redact
from wxruntime.stream import command as stream_command
from wxruntime.surface import Surface, load

__all__ = ["run"]


Command: TypeAlias = "Callable[[Surface], int]"

_CALL = "call"


def run(package: str, arguments: Sequence[str] | None = None) -> int:
    """Run the command line of a package.

    Args:
        package: The generated package's name.
        arguments: What stands behind the command's name; those of the process by default.

    Returns:
        0 when all is well, also when the reader of the output has closed the pipe; 1 when something
        failed; 2 when an argument is missing or wrong.
    """
    open_missing_streams()
    escape_unencodable()
    try:
        try:
            return _run(package, sys.argv[1:] if arguments is None else arguments)
        finally:
            with writing():
                sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        return 0
    except OutputError as error:
        discard_output()
        return _failed(package, f"cannot write to standard output: {error.strerror}")


def _run(package: str, given: Sequence[str]) -> int:
    if given[:1] == [_CALL]:  # its options are those of the endpoint that it names
        command: Command = partial(call, words=given[1:])
    else:
        options = _parser(package).parse_args(given)
        command = partial(options.run, options=options)
    try:
        return int(command(load(package)))
    except WrongArgument as error:
        return _failed(package, str(error), 2)
    except ApiError as error:
        return _failed(package, refusal(error, load(package).catalog))
    except (BrokenPipeError, OutputError):
        raise  # of standard output, for the caller
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (WeChatError, ImportError, OSError) as error:
        return _failed(package, str(error))


def _failed(package: str, problem: str, status: int = 1) -> int:
    """Say what is wrong in one line that shows no secret and moves no cursor."""
    print(f"{package}: {harmless(redact(problem))}", file=sys.stderr)
    return status


def _parser(package: str) -> argparse.ArgumentParser:
    parser = Parser(prog=package, description="A client, and a WeChat to try it on.")
    parser.add_argument("--version", action="version", version=f"{package} {_version(package)}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    commands.add_parser(_CALL, help="call an endpoint, whichever it is")

    decoded = commands.add_parser("decode", help="say what a captured push means")
    add_decode_options(decoded)
    decoded.set_defaults(run=decode)

    pushed = commands.add_parser("push", help="send a callback what WeChat would")
    add_push_options(pushed)
    pushed.set_defaults(run=push)

    demo = commands.add_parser("demo", help="walk one conversation through a local WeChat")
    demo.add_argument(
        "--samples", type=Path, metavar="DIR",
        help="send the captured payloads of a folder through the client as well",
    )  # fmt: skip
    demo.set_defaults(run=_demo)

    served = commands.add_parser("sandbox", help="serve a local WeChat until interrupted")
    add_sandbox_options(served)
    served.set_defaults(run=sandbox)

    working = commands.add_parser("worker", help="handle the pushes of a stream")
    stream_command.add_options(working)
    working.set_defaults(run=stream_command.worker)

    examined = commands.add_parser("doctor", help="say why calls fail")
    add_options(examined)
    examined.set_defaults(run=doctor)
    return parser


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _demo(surface: Surface, options: argparse.Namespace) -> int:
    walk(surface, sys.stdout)
    folder: Path | None = options.samples
    if folder is None:
        return 0
    if not (folder / "index.json").is_file():
        print(f"\nno captured payloads at {folder}")
        return 0
    return 0 if report_samples(surface, folder, sys.stdout) else 1

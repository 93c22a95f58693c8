"""Secrets come from where no list of processes shows them: a file, the environment, a prompt."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace
from typing import Any

from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.files import read_file
from wxruntime.commands.parser import Options
from wxruntime.redact import Secret

__all__ = ["add_secret_option", "needed_secret", "offered_secret", "source_of", "take_secret"]


class _Refuse(Action):
    """Refuses a secret on the command line, and does not repeat it."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, option: Any = None
    ) -> None:
        parser.error(
            f"argument {option}: a secret is not taken from the command line, where every process "
            f"can read it; put it into {self.metavar}, or into a file for {option}-file"
        )


def add_secret_option(
    options: Options, name: str, variable: str, doc: str, *, asked_for: bool = True
) -> None:
    """Add the option that names the file of a secret.

    Args:
        options: The parser, or a group of its options.
        name: The name of the secret, with hyphens.
        variable: The environment variable that may hold the secret instead.
        doc: What the secret is, a sentence for the help.
        asked_for: Whether the user is asked for it on a terminal.
    """
    elsewhere = f"the variable {variable}{', or a prompt' if asked_for else ''}"
    options.add_argument(
        f"--{name}-file", metavar="PATH",
        help=f"{doc} In a file (default: {elsewhere}).".replace("%", "%%"),
    )  # fmt: skip
    options.add_argument(f"--{name}", action=_Refuse, nargs="?", metavar=variable, help=SUPPRESS)


def take_secret(what: str, variable: str, path: str | None) -> Secret | None:
    """Return a secret; None if none is given.

    Args:
        what: What it is, for the prompt.
        variable: The environment variable that may have it.
        path: The file that has it instead.

    Raises:
        WrongArgument: If the file cannot be read, or has no text.
    """
    offered = offered_secret(variable, path)
    if offered is not None or not sys.stdin.isatty():
        return offered
    try:
        typed = getpass.getpass(f"{what}: ")
    except EOFError:
        return None
    return Secret(typed) if typed else None


def offered_secret(variable: str, path: str | None) -> Secret | None:
    """Return a secret without asking for it; None if none is given.

    Args:
        variable: The environment variable that may have it.
        path: The file that has it instead.

    Raises:
        WrongArgument: If the file cannot be read, or has no text.
    """
    if path is not None:
        return _from_file(path)
    given = os.environ.get(variable)
    return Secret(given) if given else None


def needed_secret(what: str, variable: str, path: str | None) -> Secret:
    """Return a secret, as `take_secret`.

    Raises:
        WrongArgument: If none is given there either.
    """
    secret = take_secret(what, variable, path)
    if secret is None:
        raise WrongArgument(
            f"no {what}: put it into the environment variable {variable}, or name a file that has "
            "it, or run this in a terminal, which asks for it"
        )
    return secret


def source_of(what: str, variable: str, path: str | None) -> str:
    """Name a secret and where it came from, for the error of one that cannot work.

    Args:
        what: What the secret is.
        variable: The environment variable that may hold it.
        path: The file that holds it instead; None if no file was given.
    """
    if path is not None:
        return f"{what} in {path}"
    return f"{what} in {variable}" if os.environ.get(variable) else what


def _from_file(path: str) -> Secret:
    try:
        text = read_file(path).decode("utf-8-sig").strip()  # editors of Windows write the mark
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise WrongArgument(f"expected a secret in {path}, got no text in UTF-8")
    return Secret(text)

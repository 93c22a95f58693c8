"""Where a command finds the token that processes share: an option, or a variable."""

from __future__ import annotations

import os
import re
from argparse import ArgumentTypeError, Namespace
from contextlib import suppress

from wxruntime.commands.environment import TOKEN_STORE
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.parser import Options
from wxruntime.stores import is_redis, open_store

__all__ = ["add_token_store_option", "given_token_store"]

_PASSWORD = re.compile(r"//.*:.*@|[?&]password=")
"""What a Redis URL with a password has; a password may hold any character, even a slash."""


def add_token_store_option(options: Options) -> None:
    """Add the option that names the token store."""
    options.add_argument(
        "--token-store", type=_from_command_line, metavar="URL",
        help="where processes share the token: redis://… without a password, or a file (default: "
        f"the variable {TOKEN_STORE}, else nowhere)",
    )  # fmt: skip


def given_token_store(options: Namespace) -> str | None:
    """Return the address of the token store; None if neither option nor variable gives one.

    Raises:
        WrongArgument: If the variable holds no address; the address is not shown.
    """
    given: str | None = options.token_store
    if given is not None:
        return given
    try:
        return _checked(os.environ.get(TOKEN_STORE) or None)
    except ValueError as error:
        raise WrongArgument(f"{TOKEN_STORE}: {error}") from None


def _from_command_line(address: str) -> str:
    if is_redis(address) and _PASSWORD.search(address):
        raise ArgumentTypeError(
            "a password is not taken from the command line, where every process can read it; "
            f"put the whole address into {TOKEN_STORE}"
        )
    try:
        _checked(address)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
    return address


def _checked(address: str | None) -> str | None:
    """Refuse what is no address; what is not installed is found when the store is used."""
    if address is not None:
        with suppress(ImportError):
            open_store(address).close()
    return address

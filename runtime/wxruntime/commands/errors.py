"""The error of an argument that cannot work, after which a command exits with 2."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from wxruntime.settings import InvalidSetting

__all__ = ["WrongArgument", "naming_options", "naming_port"]


class WrongArgument(ValueError):
    """Raised when an argument of a command cannot work; the message says which one, and why."""


@contextmanager
def naming_options(options: Mapping[str, str]) -> Generator[None]:
    """Raise an invalid setting as a wrong argument that names the option.

    Args:
        options: The name of a setting → the name of the option that gives it.

    Raises:
        WrongArgument: If a setting cannot work.
    """
    try:
        yield
    except InvalidSetting as error:
        option = options.get(error.name, error.name)
        raise WrongArgument(f"{option}: {error.problem}") from None


@contextmanager
def naming_port(option: str, port: int) -> Generator[None]:
    """Name the option and the port where listening fails.

    Args:
        option: The option that gives the port.
        port: The port.

    Raises:
        OSError: If the port is taken, or may not be listened at.
    """
    try:
        yield
    except OSError as error:
        raise OSError(f"{option}: cannot listen at port {port}: {error.strerror}") from None

"""The error of an argument that cannot work, after which a command exits with 2."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from wxruntime.settings import InvalidSetting

__all__ = ["WrongArgument", "naming_options"]


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

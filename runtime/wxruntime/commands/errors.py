"""What was typed cannot be meant: the command ends with 2, and says so in one line."""

from __future__ import annotations

__all__ = ["WrongArgument"]


class WrongArgument(ValueError):
    """Raised when an argument of a command cannot work; the message says which, and why."""

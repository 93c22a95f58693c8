"""The error of a setting that cannot work."""

from __future__ import annotations

__all__ = ["InvalidSetting"]


class InvalidSetting(ValueError):
    """Raised when a setting cannot work; a command can print the name of its option instead.

    Attributes:
        name: The name of the argument, such as `callback_url`.
        problem: What was expected, and what came where that is no secret.
    """

    def __init__(self, name: str, problem: str) -> None:
        """Make the error.

        Args:
            name: The name of the argument.
            problem: What was expected.
        """
        super().__init__(name, problem)
        self.name = name
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"

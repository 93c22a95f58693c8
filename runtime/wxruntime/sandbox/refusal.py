"""Refusing a request with an error code."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """Raised when the platform refuses a request, with its error code."""

    def __init__(self, code: int, message: str = "") -> None:
        """Refuse a request.

        Args:
            code: The platform's error code.
            message: The platform's message; by default the meaning of the code in the catalog.
        """
        super().__init__(code)
        self.code = code
        self.message = message

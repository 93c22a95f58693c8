"""How the local WeChat says no."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """The platform refuses a request with an error code."""

    def __init__(self, code: int, said: str = "") -> None:
        """Refuse.

        Args:
            code: The platform's code.
            said: What it says about it; by default what the catalog does.
        """
        super().__init__(code)
        self.code = code
        self.said = said

"""How many messages a customer may still be sent, counted from pushes and sent messages."""

from __future__ import annotations

from typing import Protocol

from wxruntime.desk.rules import Push

__all__ = ["Allowance", "AsyncAllowance"]


class Allowance(Protocol):
    """Counts the remaining messages of each customer of one account; safe for threads."""

    def observe(self, push: Push) -> None:
        """Count what a push grants or revokes; most pushes do neither, and are ignored.

        A repeated delivery of a push renews nothing, and brings nothing back after a revoking
        event. If two grants of one rule have the same time, the first one seen is kept; a revoking
        event takes precedence over all others of that second.

        Args:
            push: An event or message, as a handler gets it.
        """
        ...

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Count what a customer did without a push, such as a payment.

        Args:
            openid: The customer.
            cause: One of the causes of the rules, such as `payment`.
            at: When it happened, in Unix seconds.

        Raises:
            ValueError: If no rule has this cause, or the time is not one from 1970 to 9999.
        """
        ...

    def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; `UNLIMITED` if any number."""
        ...

    def spend(self, openid: str) -> bool:
        """Count one message before it is sent; return False and count nothing if none remains."""
        ...


class AsyncAllowance(Protocol):
    """An allowance whose methods are awaited, because counting asks a server."""

    async def observe(self, push: Push) -> None:
        """Count what a push grants or revokes; see `Allowance.observe`."""
        ...

    async def grant(self, openid: str, cause: str, at: float) -> None:
        """Count what a customer did without a push; see `Allowance.grant`."""
        ...

    async def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.remaining`."""
        ...

    async def spend(self, openid: str) -> bool:
        """Count one message before it is sent; see `Allowance.spend`."""
        ...

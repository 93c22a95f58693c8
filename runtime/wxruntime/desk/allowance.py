"""How many messages a customer may still be sent, counted from what is pushed and what is sent."""

from __future__ import annotations

from typing import Protocol

from wxruntime.desk.rules import Push

__all__ = ["Allowance", "AsyncAllowance"]


class Allowance(Protocol):
    """Counts for all customers of one account; safe for threads."""

    def observe(self, push: Push) -> None:
        """Take note of a push; one that grants nothing changes nothing.

        A push that is delivered again does not renew what it has granted, nor does it bring back
        what has ended. Of two in the same second the first one counts, and an end before all.
        """
        ...

    def grant(self, openid: str, cause: str, at: float) -> None:
        """Take note of what no push says, such as a payment.

        Args:
            openid: The customer.
            cause: One of the causes of the rules.
            at: When it happened, in Unix seconds.
        """
        ...

    def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; `UNLIMITED` for any number."""
        ...

    def spend(self, openid: str) -> bool:
        """Count a message that is to be sent; false, and nothing counted, when none is left."""
        ...


class AsyncAllowance(Protocol):
    """The same for coroutines, where counting is waiting for somebody else."""

    async def observe(self, push: Push) -> None:
        """Take note of a push; see `Allowance.observe`."""
        ...

    async def grant(self, openid: str, cause: str, at: float) -> None:
        """Take note of what no push says; see `Allowance.grant`."""
        ...

    async def remaining(self, openid: str) -> int:
        """Return how many messages the customer may be sent now; see `Allowance.remaining`."""
        ...

    async def spend(self, openid: str) -> bool:
        """Count a message that is to be sent; see `Allowance.spend`."""
        ...

"""The customers whom the account knows, because they wrote or because an event named them."""

from __future__ import annotations

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["INVALID_OPENID", "Customer", "Customers"]

INVALID_OPENID = 40003


@define
class Customer:
    """A customer whom the account knows."""

    openid: str
    latest_time: int = 0
    """When the customer last wrote, in Unix seconds; 0 if they never have."""


@define
class Customers:
    """All known customers; a customer who unfollows the account stays known."""

    _known: dict[str, Customer] = field(factory=dict[str, Customer], repr=False)

    def meet(self, openid: str) -> Customer:
        """Return a customer, and add them if they are new."""
        return self._known.setdefault(openid, Customer(openid))

    def find(self, openid: str) -> Customer:
        """Return a customer.

        Raises:
            Refusal: If the account does not know them.
        """
        if openid not in self._known:
            raise Refusal(INVALID_OPENID)
        return self._known[openid]

    def has_written(self, openid: str) -> bool:
        """Return whether a customer has ever written to the account."""
        return openid in self._known and bool(self._known[openid].latest_time)

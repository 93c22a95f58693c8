"""Everybody whom the account knows, be it by what they wrote or by whatever else they did."""

from __future__ import annotations

from attrs import define, field

from wxruntime.sandbox.refusal import Refusal

__all__ = ["INVALID_OPENID", "Customer", "Customers"]

INVALID_OPENID = 40003


@define
class Customer:
    """A person whom the account knows."""

    openid: str
    latest_time: int = 0
    """When they last wrote, in Unix seconds; 0 as long as they never have."""


@define
class Customers:
    """The one list of who is known; whoever unfollows the account stays on it."""

    _known: dict[str, Customer] = field(factory=dict[str, Customer], repr=False)

    def meet(self, openid: str) -> Customer:
        """Return a customer, who is known from now on."""
        return self._known.setdefault(openid, Customer(openid))

    def find(self, openid: str) -> Customer:
        """Return a customer; refuse one whom the account does not know."""
        if openid not in self._known:
            raise Refusal(INVALID_OPENID)
        return self._known[openid]

    def has_written(self, openid: str) -> bool:
        """Return whether somebody has ever written to the account."""
        return openid in self._known and bool(self._known[openid].latest_time)

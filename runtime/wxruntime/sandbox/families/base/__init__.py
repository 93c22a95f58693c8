"""The calls that every caller needs: access tokens, addresses and quotas."""

from __future__ import annotations

from wxruntime.sandbox.families.base.addresses import AddressCalls
from wxruntime.sandbox.families.base.quotas import QuotaCalls
from wxruntime.sandbox.families.base.tokens import TokenCalls

__all__ = ["BaseCalls"]


class BaseCalls(TokenCalls, AddressCalls, QuotaCalls):
    """Answers the calls of the family `base`."""

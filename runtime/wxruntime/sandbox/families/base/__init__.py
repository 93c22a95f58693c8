"""What everything else needs: access tokens, addresses and quotas."""

from __future__ import annotations

from wxruntime.sandbox.calls import Handlers
from wxruntime.sandbox.families.base import addresses, quotas, tokens
from wxruntime.sandbox.state import PlatformState

__all__ = ["handlers"]


def handlers(state: PlatformState) -> Handlers:
    """Return what answers this family's calls."""
    return {**tokens.handlers(state), **addresses.handlers(state), **quotas.handlers(state)}

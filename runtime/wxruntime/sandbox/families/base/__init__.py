"""What everything else needs: access tokens, addresses and quotas."""

from __future__ import annotations

from wxruntime.sandbox.calls import Handlers
from wxruntime.sandbox.families.base import addresses, quotas, tokens
from wxruntime.sandbox.world import World

__all__ = ["handlers"]


def handlers(world: World) -> Handlers:
    """Return what answers this family's calls."""
    return {**tokens.handlers(world), **addresses.handlers(world), **quotas.handlers(world)}

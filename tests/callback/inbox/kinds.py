"""Every kind of inbox, driven alike."""

from __future__ import annotations

from collections.abc import Callable

from tests.redis_server import RedisServer
from wxruntime.inbox import Inbox, MemoryInbox, RedisInbox

__all__ = ["KINDS", "made"]

KINDS = ("memory", "redis")


def made(kind: str, server: Callable[[], RedisServer]) -> Inbox:
    """Make an inbox of a kind."""
    return MemoryInbox() if kind == "memory" else RedisInbox.from_url(server().url)

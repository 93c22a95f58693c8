"""The stream to which the web tier appends pushes, and from which workers read them."""

from __future__ import annotations

import asyncio
import time

from wxruntime.redact import Secret
from wxruntime.stream.append import NONCES_KEPT, Appended, append
from wxruntime.stream.entry import Verified
from wxruntime.stream.keys import Keys
from wxruntime.stream.link import AwayError, Link

__all__ = ["MAX_LENGTH", "PARTITIONS", "Stream"]

PREFIX = "wxoa:"
PARTITIONS = 16
MAX_LENGTH = 100_000
PATIENCE = 4.0
"""Seconds for which an append is repeated during an outage; the platform waits for 5."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25


class Stream:
    """Verified pushes in partitions on a Redis server; safe to use from event loops and threads."""

    def __init__(
        self,
        link: Link,
        keys: Keys,
        *,
        partitions: int,
        max_length: int,
        patience: float,
    ) -> None:
        """Build a stream; use `from_url` instead."""
        self.link = link
        self.keys = keys
        self.partitions = partitions
        self.max_length = max_length
        self._patience = patience
        if not 1 <= partitions <= 1024:
            raise ValueError(f"partitions: expected 1 to 1024, got {partitions}")
        if max_length < partitions:
            raise ValueError(
                f"max_length: expected at least one entry per partition ({partitions}), "
                f"got {max_length}"
            )
        if not patience >= 0:
            raise ValueError(f"patience: expected seconds, got {patience}")

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        prefix: str = PREFIX,
        partitions: int = PARTITIONS,
        max_length: int = MAX_LENGTH,
        patience: float = PATIENCE,
    ) -> Stream:
        """Return a stream for an address, without connecting.

        Args:
            url: `redis://[user:password]@host:port/db`, or with `rediss:` or `unix:`.
            prefix: The beginning of its keys; another prefix is another stream.
            partitions: The number of partitions, 1 to 1024, and so of workers that can share the
                stream. The first push fixes it.
            max_length: The number of pushes that may wait in total, evenly over the partitions.
            patience: Seconds for which an append is repeated while the server cannot be reached.

        Raises:
            ValueError: If an argument is invalid; the error does not show the address.
        """
        address = Secret(url)
        del url  # no frame shows the password in it
        return cls(
            Link(address, prefix),
            Keys(prefix),
            partitions=partitions,
            max_length=max_length,
            patience=patience,
        )

    def __repr__(self) -> str:
        prefix = self.keys.prefix
        return f"Stream({self.link.place!r}, prefix={prefix!r}, partitions={self.partitions})"

    async def append(self, push: Verified, *, nonces_kept: float = NONCES_KEPT) -> Appended:
        """Append a push, if it is new and there is room.

        Args:
            push: The push; it is recognized for 120 s.
            nonces_kept: Seconds for which its nonce is remembered: twice as long as the time of a
                delivery may be off.

        Returns:
            Whether the push was appended. An append whose answer was lost is repeated, and then
            returns `REPEATED`: the push is in the stream once.

        Raises:
            StoreError: If the server refuses, or cannot be reached for longer than `patience`.
        """
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                return await append(
                    self.link,
                    self.keys,
                    push,
                    partitions=self.partitions,
                    most=self.max_length // self.partitions,
                    nonces_kept=nonces_kept,
                )
            except AwayError:
                if time.monotonic() + pause > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def aclose(self) -> None:
        """Close the connections of this event loop; the stream may be used again."""
        await self.link.aclose()

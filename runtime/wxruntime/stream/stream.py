"""The stream that the web tier appends to and the workers take from."""

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
"""How long an append keeps trying while the server is away; the platform cuts after 5 s."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25


class Stream:
    """Verified pushes on a Redis server, in partitions; safe for event loops and threads."""

    def __init__(
        self,
        link: Link,
        keys: Keys,
        *,
        partitions: int,
        max_length: int,
        patience: float,
    ) -> None:
        """Use `from_url`."""
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
        """Make a stream from an address; nothing is connected before it is used.

        Args:
            url: `redis://[user:password]@host:port/db`, or with `rediss:` or `unix:`.
            prefix: What its keys begin with; another one is another stream.
            partitions: In how many parts it lies, 1 to 1024; so many workers can share it. It is
                fixed with the first push.
            max_length: How many pushes may wait in all; each partition takes its even part.
            patience: How long an append keeps trying while the server is away, in seconds.

        Raises:
            ValueError: If an argument cannot work; the address is not shown.
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
            push: What to append; it is known for 120 s.
            nonces_kept: How long its nonce is remembered, in seconds: twice what the time of a
                delivery may be off.

        Returns:
            What became of it. An append whose answer was lost is tried again, and is then
            `REPEATED`: the push is in the stream once.

        Raises:
            StoreError: If the server refuses, or stays away for longer than `patience`.
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

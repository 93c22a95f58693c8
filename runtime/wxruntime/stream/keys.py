"""Under which names a stream lies in Redis, and which partition is whose."""

from __future__ import annotations

from hashlib import sha256

from attrs import frozen

from wxruntime.stores.codec import TOKENS, key_of

__all__ = ["Keys", "partition_of"]


@frozen
class Keys:
    """The names of everything that belongs to one stream."""

    prefix: str

    @property
    def partitions(self) -> str:
        """How many partitions there are; whoever appends has to agree."""
        return f"{self.prefix}stream:partitions"

    @property
    def workers(self) -> str:
        """The living workers, each with the time it was last heard of."""
        return f"{self.prefix}stream:workers"

    @property
    def dead(self) -> str:
        """The dead letters."""
        return f"{self.prefix}stream:dead"

    def partition(self, number: int) -> str:
        """One partition's entries."""
        return f"{self.prefix}stream:{number}"

    def tries(self, number: int) -> str:
        """How often each entry of a partition was tried, and how the last try ended."""
        return f"{self.prefix}stream:{number}:tries"

    def lease(self, number: int) -> str:
        """The lease of a partition, as the store keeps that of `lease_name`."""
        return f"{self.prefix}{TOKENS.label}:{key_of(lease_name(number))}"

    def push(self, key: str) -> str:
        """Whether a push was appended."""
        return f"{self.prefix}stream:push:{key}"

    def nonce(self, nonce: str) -> str:
        """What came with a nonce."""
        return f"{self.prefix}stream:nonce:{nonce}"


def lease_name(number: int) -> str:
    """Return the name by which a partition is leased."""
    return f"partition:{number}"


def partition_of(customer: str, partitions: int) -> int:
    """Return the partition of a customer: the same on every machine and in every release."""
    digest = sha256(customer.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % partitions

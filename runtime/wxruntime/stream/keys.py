"""The keys of a stream in Redis, and the partition of a customer."""

from __future__ import annotations

from hashlib import sha256

from attrs import frozen

from wxruntime.stores.codec import TOKENS, key_of

__all__ = ["Keys", "partition_of"]


@frozen
class Keys:
    """The keys of one stream."""

    prefix: str

    @property
    def partitions(self) -> str:
        """The number of partitions, which must be the same for all programs."""
        return f"{self.prefix}stream:partitions"

    @property
    def workers(self) -> str:
        """The living workers, each with the time of its last report."""
        return f"{self.prefix}stream:workers"

    @property
    def dead(self) -> str:
        """The dead letters."""
        return f"{self.prefix}stream:dead"

    def partition(self, number: int) -> str:
        """The entries of a partition."""
        return f"{self.prefix}stream:{number}"

    def tries(self, number: int) -> str:
        """The number of tries of each entry of a partition, and the error of the last one."""
        return f"{self.prefix}stream:{number}:tries"

    def lease(self, number: int) -> str:
        """The lease of a partition, under the key by which the store stores `lease_name`."""
        return f"{self.prefix}{TOKENS.label}:{key_of(lease_name(number))}"

    def push(self, key: str) -> str:
        """The mark that a push was appended."""
        return f"{self.prefix}stream:push:{key}"

    def nonce(self, nonce: str) -> str:
        """The record of a nonce."""
        return f"{self.prefix}stream:nonce:{nonce}"


def lease_name(number: int) -> str:
    """Return the name of a partition's lease."""
    return f"partition:{number}"


def partition_of(customer: str, partitions: int) -> int:
    """Return the partition of a customer, the same on every machine and in every release."""
    digest = sha256(customer.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % partitions

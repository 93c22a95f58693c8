"""A verified push on its way through a stream."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Entry", "Verified"]


@frozen
class Verified:
    """A push that is authentic and decrypted."""

    key: str
    """Which push it is, however often it is delivered: a digest."""
    customer: str
    """Between whom it is, receiver and sender; pushes of one customer are handled in order."""
    content: bytes = field(repr=False)
    """The push, decrypted."""
    replay: tuple[str, str] | None = None
    """What stands for the delivery's nonce, and a digest of its content; None to let it pass."""


@frozen
class Entry:
    """A push as it lies in a stream."""

    id: str
    """Its place in the stream; ids grow."""
    fields: Mapping[bytes, bytes] = field(repr=False)
    """What was appended."""
    tries: int = 0
    """How often its handler was begun."""
    error: str = ""
    """The class of what the last try raised; empty when there was none, or when it did not end."""

    @property
    def customer(self) -> str:
        """Whose it is; empty when the entry does not say."""
        return self.fields.get(b"customer", b"").decode(errors="replace")

    @property
    def key(self) -> str:
        """Which push it is; empty when the entry does not say."""
        return self.fields.get(b"key", b"").decode(errors="replace")

    @property
    def content(self) -> bytes | None:
        """The push; None when the entry has none."""
        return self.fields.get(b"content")

    @property
    def interrupted(self) -> bool:
        """Whether its last try did not end: the worker did, or lost its partition."""
        return self.tries > 0 and not self.error

    @property
    def size(self) -> int:
        """How much it holds, in bytes."""
        return sum(map(len, self.fields.values()))

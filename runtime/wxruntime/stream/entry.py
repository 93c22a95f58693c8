"""A verified push, and its entry in a stream."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

__all__ = ["Entry", "Verified"]


@frozen
class Verified:
    """A push that is authentic and decrypted."""

    key: str
    """The digest that identifies the push in all its deliveries."""
    customer: str
    """Receiver and sender; pushes with the same value are handled in order."""
    content: bytes = field(repr=False)
    """The push, decrypted."""
    replay: tuple[str, str] | None = None
    """What is checked against replay: the delivery's plain signature, in place of its nonce, and a
    digest of its content; None for no check."""


@frozen
class Entry:
    """An entry of a stream, with a push."""

    id: str
    """The id of the entry; later entries have larger ids."""
    fields: Mapping[bytes, bytes] = field(repr=False)
    """The fields that were appended."""
    tries: int = 0
    """How often its handler was started."""
    error: str = ""
    """The class of the last try's error; empty before the first try, or if that try did not end."""

    @property
    def customer(self) -> str:
        """Receiver and sender; empty if the entry does not have them."""
        return self.fields.get(b"customer", b"").decode(errors="replace")

    @property
    def key(self) -> str:
        """The digest that identifies the push; empty if the entry does not have it."""
        return self.fields.get(b"key", b"").decode(errors="replace")

    @property
    def content(self) -> bytes | None:
        """The push; None if the entry does not have it."""
        return self.fields.get(b"content")

    @property
    def interrupted(self) -> bool:
        """Whether the last try did not end, because the worker died or lost the partition."""
        return self.tries > 0 and not self.error

    @property
    def size(self) -> int:
        """The size of the fields' values, in bytes."""
        return sum(map(len, self.fields.values()))

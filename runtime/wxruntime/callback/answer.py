"""What the platform is answered."""

from __future__ import annotations

from attrs import field, frozen

__all__ = ["AGAIN", "FAILED", "HANDLED", "REFUSED", "TEXT", "TOO_LARGE", "Answer", "NoPush"]

TEXT = "text/plain; charset=utf-8"


@frozen
class Answer:
    """An answer to the platform, for whatever server carries it."""

    status: int
    """The HTTP status; 200 says that the push is handled, and nothing else does."""
    body: bytes = field(default=b"", repr=False)
    content_type: str = TEXT


HANDLED = Answer(200, b"success")
"""The push is handled, and there is nothing to reply."""
AGAIN = Answer(503)
"""The push is not handled: deliver it again."""
REFUSED = Answer(403)
"""The push is not authentic. Whatever is wrong with it, nobody outside learns which."""
FAILED = Answer(500)
"""The handler failed: deliver the push again."""
TOO_LARGE = Answer(413)
"""The push is larger than any of the platform's."""


class NoPush(Exception):
    """A request that is no push, whoever sent it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.answer = Answer(status)

"""The answers to the platform."""

from __future__ import annotations

from attrs import field, frozen

__all__ = ["AGAIN", "FAILED", "HANDLED", "REFUSED", "TEXT", "TOO_LARGE", "Answer", "NoPush"]

TEXT = "text/plain; charset=utf-8"


@frozen
class Answer:
    """An answer to the platform, for any server."""

    status: int
    """The HTTP status; only 200 means that the push was handled."""
    body: bytes = field(default=b"", repr=False)
    content_type: str = TEXT


HANDLED = Answer(200, b"success")
"""The push was handled, and there is no reply."""
AGAIN = Answer(503)
"""The push was not handled: deliver it again."""
REFUSED = Answer(403)
"""The push is not authentic; the answer does not tell an attacker what is wrong with it."""
FAILED = Answer(500)
"""The handler failed: deliver the push again."""
TOO_LARGE = Answer(413)
"""The push is larger than any push of the platform."""


class NoPush(Exception):
    """Raised for a request that cannot be a push."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.answer = Answer(status)

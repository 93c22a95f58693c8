"""When a call is sent again: an immutable policy, and the deadline of a call."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from attrs import field, frozen

from wxruntime.errors import ApiError, HttpError, TransportError, WeChatError

__all__ = ["Deadline", "Retry"]

LEAST_LEFT = 1.0
"""Seconds that must remain until the deadline for an attempt to begin."""
LEAST_PART = 0.2
"""The part of the deadline that must remain instead if the deadline is shorter than 5 s."""
_DAY = 86400
_TOO_MANY_REQUESTS = 429


def _seconds(instance: object, attribute: object, value: float) -> None:
    name = getattr(attribute, "name", "")
    if not 0 < value <= _DAY:
        raise ValueError(
            f"retry: expected {name} to be above 0 and at most {_DAY} seconds, got {value!r}"
        )


def _at_least_one(instance: object, attribute: object, value: int) -> None:
    if value < 1:
        raise ValueError(f"retry: expected attempts to be 1 or more, got {value!r}")


@frozen
class Retry:
    """How often, how soon and for how long a call is sent again.

    A call is sent again if no byte of it went out. Once bytes went out, it is sent again only if
    the specification marks it idempotent, and only after a broken connection, status 429 or 5xx,
    or a retryable error code (such as -1). The waits grow exponentially with full jitter: each wait
    is a random time between 0 and its bound, so that clients do not all retry at the same moment.
    No attempt begins with less than a second of the deadline left or, where the deadline is shorter
    than 5 s, with less than a fifth of it.

        Retry()                             # 4 attempts within 30 s
        Retry(attempts=6, deadline=60.0)    # 6 attempts within a minute
        Retry.never()                       # one attempt
    """

    attempts: int = field(default=4, validator=_at_least_one)
    """How often a call is sent at most. Sending it again with a new token does not count."""
    deadline: float = field(default=30.0, validator=_seconds)
    """How long a call may take in total, in seconds: attempts, waits and a new token."""
    first: float = field(default=0.25, validator=_seconds)
    """The upper bound of the first wait, in seconds; it doubles with each attempt."""
    longest: float = field(default=8.0, validator=_seconds)
    """The largest upper bound of a wait, in seconds."""

    @classmethod
    def never(cls, deadline: float = 30.0) -> Retry:
        """Return the policy that sends a call only once.

        Args:
            deadline: How long a call may take in total, in seconds.
        """
        return cls(attempts=1, deadline=deadline)

    def pause(
        self,
        attempt: int,
        error: WeChatError,
        *,
        idempotent: bool,
        left: float,
        draw: Callable[[], float] = random.random,
    ) -> float | None:
        """Return the seconds to wait before the next attempt; None to give up.

        Args:
            attempt: How often the call was sent, including the attempt that failed.
            error: The error of that attempt.
            idempotent: Whether sending the call twice has the same effect as sending it once.
            left: The time until the deadline, in seconds.
            draw: Returns a random number between 0 and 1.
        """
        if attempt >= self.attempts or not _curable(error, idempotent):
            return None
        bound = min(self.longest, self.first * 2.0 ** min(attempt - 1, 32))
        asked = error.retry_after if isinstance(error, (ApiError, HttpError)) else None
        wait = max(draw() * bound, asked or 0.0)
        return wait if left - wait >= _least(self.deadline) else None


def _least(deadline: float) -> float:
    """Return the seconds that must remain for an attempt, so that the deadline does not cut it."""
    return min(LEAST_LEFT, LEAST_PART * deadline)


def _curable(error: WeChatError, idempotent: bool) -> bool:
    """Return whether the call may be sent again, and could succeed then."""
    if isinstance(error, HttpError):
        return idempotent and (error.status == _TOO_MANY_REQUESTS or error.status >= 500)
    if isinstance(error, TransportError):
        return idempotent or not error.sent
    return isinstance(error, ApiError) and idempotent and error.retryable


class Deadline:
    """The end of the time that a call has in total."""

    __slots__ = ("end", "seconds")

    def __init__(self, seconds: float) -> None:
        """Start the time now.

        Args:
            seconds: The time until the deadline.
        """
        self.seconds = seconds
        """The time that there was at the start, in seconds."""
        self.end = time.monotonic() + seconds
        """The deadline, in seconds on the monotonic clock."""

    def has_time(self) -> bool:
        """Return whether enough time is left to begin an attempt."""
        return self.left() >= _least(self.seconds)

    def spent(self) -> float:
        """Return the seconds since the start."""
        return self.seconds - self.left()

    def left(self) -> float:
        """Return the seconds until the deadline; 0 or less after it."""
        return self.end - time.monotonic()

"""What can be seen of calls from outside: one event per attempt, and lines in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeAlias

from attrs import field, frozen

from wxruntime.errors import ApiError, HttpError, TransportError, WeChatError

__all__ = ["CallEvent", "Observer", "OnCall"]

_log = logging.getLogger("wxoa.call")


@frozen
class CallEvent:
    """One attempt at a call, when it is over; nothing in it is secret."""

    operation: str
    """The call, for example `kf_session.create`."""
    attempt: int
    """Which attempt it was, counted from 1."""
    host: str
    """The base URL it was sent to."""
    duration: float
    """How long it took, in seconds."""
    error: WeChatError | None = None
    """What came of it; None when it was answered."""
    retry_in: float | None = None
    """In how many seconds the call is sent again; None when this was the last attempt."""

    ended_at: float = field(factory=time.time, eq=False)
    """When it was over, in Unix seconds."""

    @property
    def outcome(self) -> str:
        """`ok`, `refused` by the platform, `unanswered`, or `unreadable`."""
        if self.error is None:
            return "ok"
        if isinstance(self.error, ApiError):
            return "refused"
        return "unanswered" if isinstance(self.error, TransportError) else "unreadable"

    @property
    def code(self) -> int:
        """The platform's error code, or the HTTP status of what is not the platform; else 0."""
        if isinstance(self.error, ApiError):
            return self.error.code
        return self.error.status if isinstance(self.error, HttpError) else 0


OnCall: TypeAlias = Callable[[CallEvent], object]
"""Is told of each attempt, in the thread or task of the call; it must not block."""


class Observer:
    """Tells the log and whoever listens about attempts."""

    def __init__(self, on_call: OnCall | None) -> None:
        """Tell nobody yet.

        Args:
            on_call: Who listens; a failure of theirs is only logged.
        """
        self._on_call = on_call

    def answered(self, operation: str, attempt: int, host: str, duration: float) -> None:
        """Tell of an attempt that was answered."""
        if self._on_call is not None or _log.isEnabledFor(logging.DEBUG):
            self.tell(CallEvent(operation, attempt, host, duration))

    def tell(self, event: CallEvent) -> None:
        """Tell of any attempt."""
        if event.error is None:
            _log.debug("%s: ok, attempt %d", event.operation, event.attempt)
        else:
            level = logging.DEBUG if event.retry_in is None else logging.INFO
            again = "" if event.retry_in is None else f", again in {event.retry_in:.2f} s"
            _log.log(level, "%s: attempt %d%s", event.error, event.attempt, again)
        if self._on_call is not None:
            try:
                self._on_call(event)
            except Exception:
                _log.exception("on_call failed")

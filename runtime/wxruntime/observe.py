"""Observing calls: one event for each attempt, and lines in the log."""

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
    """One finished attempt at a call; it holds no secret."""

    operation: str
    """The call, for example `kf_session.create`."""
    attempt: int
    """The number of the attempt, counted from 1."""
    host: str
    """The base URL that the attempt was sent to."""
    duration: float
    """How long the attempt took, in seconds."""
    error: WeChatError | None = None
    """The error of the attempt; None if it succeeded."""
    retry_in: float | None = None
    """Seconds until the call is sent again; None after the last attempt."""

    ended_at: float = field(factory=time.time, eq=False)
    """When the attempt ended, in Unix seconds."""

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
        """The platform's error code, or the status of an `HttpError`; 0 otherwise."""
        if isinstance(self.error, ApiError):
            return self.error.code
        return self.error.status if isinstance(self.error, HttpError) else 0


OnCall: TypeAlias = Callable[[CallEvent], object]
"""Called after each attempt, in the thread or task of the call; it must not block."""


class Observer:
    """Passes attempts on to the log and to `on_call`."""

    def __init__(self, on_call: OnCall | None) -> None:
        """Build an observer.

        Args:
            on_call: Called with each event, or None; an exception that it raises is only logged.
        """
        self._on_call = on_call

    def answered(self, operation: str, attempt: int, host: str, duration: float) -> None:
        """Report an attempt that succeeded."""
        if self._on_call is not None or _log.isEnabledFor(logging.DEBUG):
            self.tell(CallEvent(operation, attempt, host, duration))

    def tell(self, event: CallEvent) -> None:
        """Report an attempt."""
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

"""Showing a customer the typing state for as long as a block runs.

The platform shows the typing state for 15 seconds, and refuses a new request while it is shown: the
state cannot be prolonged, only started again. So the first request comes shortly before the end,
and is then repeated until the platform accepts it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from wxruntime.desk.calls import Calls
from wxruntime.desk.checks import is_finite
from wxruntime.desk.codes import ALREADY_TYPING, may_be_done
from wxruntime.errors import ApiError, WeChatError
from wxruntime.retry import Retry

__all__ = [
    "CALL_TIMEOUT",
    "EVERY",
    "ONE_TRY",
    "RETRY_EVERY",
    "Pause",
    "TypingKeeper",
    "TypingStatus",
]

EVERY: Final = 14.0
"""Seconds between an accepted request and the next one; the platform shows the state for 15."""
RETRY_EVERY: Final = 1.0
"""Seconds before asking again after the platform answered 45081 (already typing)."""
CALL_TIMEOUT: Final = 5.0
"""Seconds that one request may take at most, and so delay the end of a block."""
ONE_TRY: Final = Retry.never(deadline=CALL_TIMEOUT)

_TYPING = "Typing"
_CANCEL = "CancelTyping"

_log = logging.getLogger("wxoa.desk")

Pause: TypeAlias = Callable[[float], Awaitable[bool]]
"""Waits for a number of seconds, or until it is woken; returns whether the block is over."""


class TypingKeeper:
    """Keeps the typing state of one customer; no error of a request leaves it."""

    error: Exception | None = None
    """The last error; None if there was none."""
    kept: bool = True
    """Whether requests go on until the block ends; False after a refusal that will not pass."""

    def __init__(self, calls: Calls, openid: str, every: float, retry_every: float) -> None:
        for name, seconds in (("every", every), ("retry_every", retry_every)):
            if not is_finite(seconds) or seconds <= 0:
                raise ValueError(
                    f"{name}: expected a finite number of seconds above 0, got {seconds!r}"
                )
        self._calls = calls
        self._openid = openid
        self._every = every
        self._retry_every = retry_every
        self._shown = False
        """Whether the customer may see the typing state."""

    async def keep(self, pause: Pause) -> None:
        """Show the typing state until the block is over, then cancel it.

        Args:
            pause: Waits between two requests.
        """
        over = False
        try:
            while not over:
                seconds = await self._show()
                over = not self.kept or await pause(seconds)
        except GeneratorExit:
            self._shown = False  # the event loop has ended: no cancelling request can be sent
            raise
        except Exception as error:  # raised by the pause; it must not break the block
            self.give_up(error.with_traceback(None))
        finally:
            if self._shown:
                self.error = await self._send(_CANCEL) or self.error

    def give_up(self, error: Exception) -> None:
        """Stop the requests because of an error."""
        self.error = error
        self.kept = False

    async def _show(self) -> float:
        """Request the typing state, and return the seconds until the next request."""
        error = await self._send(_TYPING)
        shown = isinstance(error, ApiError) and error.code == ALREADY_TYPING
        if error is None or shown:
            self._shown = True
            return self._retry_every if shown else self._every
        self.error = error
        self.kept = _passes(error)
        if isinstance(error, WeChatError) and may_be_done(error):
            self._shown = True
        elif not self.kept:
            self._shown = False
        return self._every

    async def _send(self, command: str) -> Exception | None:
        try:
            await self._calls.typing(self._openid, command)
        except WeChatError as error:
            return error.with_traceback(None)
        except Exception as error:  # it must not break the block
            _log.warning("typing is not shown: %s", type(error).__name__)
            return error.with_traceback(None)
        return None


class TypingStatus:
    """What a block can see of its typing state."""

    def __init__(self, keeper: TypingKeeper) -> None:
        self._keeper = keeper
        self._entered = False

    def _enter(self) -> None:
        """Begin the block.

        Raises:
            RuntimeError: If there was a block before.
        """
        if self._entered:
            raise RuntimeError("typing: for one block; call desk.typing() again")
        self._entered = True

    @property
    def error(self) -> Exception | None:
        """The last error; None if there was none."""
        return self._keeper.error

    @property
    def kept(self) -> bool:
        """Whether requests go on until the block ends; False after a refusal that will not pass."""
        return self._keeper.kept


def _passes(error: Exception) -> bool:
    """Return whether a later request may succeed: after no answer, or a code that will pass."""
    return error.retryable if isinstance(error, ApiError) else isinstance(error, WeChatError)

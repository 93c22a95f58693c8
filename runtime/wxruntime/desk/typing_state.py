"""Showing that somebody types for as long as a block runs.

The platform shows it for 15 seconds, and while it does, it refuses to begin anew: the state cannot
be prolonged, only begun again. So it is asked shortly before the end, and then again and again.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from wxruntime.desk.calls import Calls
from wxruntime.desk.codes import ALREADY_TYPING
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
"""How long after it has begun typing is asked for again, in seconds; it is shown for 15."""
RETRY_EVERY: Final = 1.0
"""How long after the platform has said that it is shown still, in seconds."""
CALL_TIMEOUT: Final = 5.0
"""How long one of its calls may take, and so hold up the end of a block, in seconds."""
ONE_TRY: Final = Retry.never(deadline=CALL_TIMEOUT)

_TYPING = "Typing"
_CANCEL = "CancelTyping"

_log = logging.getLogger("wxoa.desk")

Pause: TypeAlias = Callable[[float], Awaitable[bool]]
"""Waits for so many seconds, or until it is woken; true when the block is over."""


class TypingKeeper:
    """Keeps one customer's typing state; it raises nothing."""

    error: Exception | None = None
    """What went wrong last; None while all goes well."""
    kept: bool = True
    """Whether it goes on as long as the block does: some refusals end it before."""

    def __init__(self, calls: Calls, openid: str, every: float, retry_every: float) -> None:
        for name, seconds in (("every", every), ("retry_every", retry_every)):
            if not 0 < seconds < math.inf:
                raise ValueError(f"{name}: expected seconds above 0, and finite, got {seconds!r}")
        self._calls = calls
        self._openid = openid
        self._every = every
        self._retry_every = retry_every
        self._shown = False

    async def keep(self, pause: Pause) -> None:
        """Show it until the block is over, and then no longer."""
        over = False
        try:
            while not over:
                seconds = await self._show()
                over = not self.kept or await pause(seconds)
        except GeneratorExit:
            self._shown = False  # the event loop has ended, and nothing can be sent any more
            raise
        except Exception as error:  # of the pause: the block is worth more
            self.give_up(error.with_traceback(None))
        finally:
            if self._shown:
                self.error = await self._say(_CANCEL) or self.error

    def give_up(self, error: Exception) -> None:
        """Show it no longer, because that cannot be done."""
        self.error = error
        self.kept = False

    async def _show(self) -> float:
        """Begin to show it, and return after how many seconds that has to be done again."""
        error = await self._say(_TYPING)
        shown = isinstance(error, ApiError) and error.code == ALREADY_TYPING
        if error is None or shown:
            self._shown = True
            return self._retry_every if shown else self._every
        self.error = error
        self.kept = _passes(error)
        self._shown = self._shown and self.kept
        return self._every

    async def _say(self, command: str) -> Exception | None:
        try:
            await self._calls.typing(self._openid, command)
        except WeChatError as error:
            return error.with_traceback(None)
        except Exception as error:  # whatever it is, the block is worth more
            _log.warning("typing is not shown: %s", type(error).__name__)
            return error.with_traceback(None)
        return None


class TypingStatus:
    """What a block can see of its typing state."""

    def __init__(self, keeper: TypingKeeper) -> None:
        self._keeper = keeper

    @property
    def error(self) -> Exception | None:
        """What went wrong last; None while all goes well."""
        return self._keeper.error

    @property
    def kept(self) -> bool:
        """Whether it goes on as long as the block does: some refusals end it before."""
        return self._keeper.kept


def _passes(error: Exception) -> bool:
    """Say whether the next try may go better: no answer, or a code that waiting cures."""
    return error.retryable if isinstance(error, ApiError) else isinstance(error, WeChatError)

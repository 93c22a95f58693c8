"""Several accounts behind one URL: each has its own callback, which is found by the push."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from wxruntime.callback.answer import REFUSED, Answer
from wxruntime.callback.query import Query

if TYPE_CHECKING:
    from wxruntime.callback.asgi import AsgiApp
    from wxruntime.callback.wsgi import WsgiApp

__all__ = ["ByUserName"]

# This unchecked match only chooses a callback, and that callback checks the whole delivery.
_USER_NAME = re.compile(
    rb'<ToUserName>(?:<!\[CDATA\[)?([^\]<]{1,64})|"ToUserName"\s*:\s*"([^"\\]{1,64})"'
)


class _Callback(Protocol):
    """The callback of one account."""

    max_size: int

    def handle(self, query: Query, body: bytes = b"") -> Answer: ...
    async def handle_async(self, query: Query, body: bytes = b"") -> Answer: ...
    def close(self) -> None: ...
    async def aclose(self) -> None: ...


class ByUserName:
    """Receives for several accounts behind one URL, by the `ToUserName` of each push."""

    def __init__(self, callbacks: Mapping[str, _Callback]) -> None:
        """Combine the callbacks of several accounts.

        Args:
            callbacks: An account's original id (`gh_…`) → its callback. Pass the same id as
                `user_name` to each callback, so that it refuses pushes for any other account.

        Raises:
            ValueError: If there is no callback.
        """
        if not callbacks:
            raise ValueError("callbacks: expected at least one account")
        self._callbacks = dict(callbacks)
        self.max_size = max(callback.max_size for callback in callbacks.values())

    def _asked(self, body: bytes) -> Sequence[_Callback]:
        """Return the callbacks to try; a verification of the URL names no account, so all."""
        if not body:
            return tuple(self._callbacks.values())
        found = _USER_NAME.search(body)
        name = (found[1] or found[2]).decode("utf-8", "replace") if found else ""
        callback = self._callbacks.get(name)
        return () if callback is None else (callback,)

    def handle(self, query: Query, body: bytes = b"") -> Answer:
        """Answer one delivery; see `BaseCallback.handle`."""
        for callback in self._asked(body):
            answer = callback.handle(query, body)
            if answer != REFUSED:
                return answer
        return REFUSED

    async def handle_async(self, query: Query, body: bytes = b"") -> Answer:
        """Answer one delivery; see `BaseCallback.handle`."""
        for callback in self._asked(body):
            answer = await callback.handle_async(query, body)
            if answer != REFUSED:
                return answer
        return REFUSED

    @cached_property
    def asgi(self) -> AsgiApp:
        """All callbacks as one ASGI application."""
        from wxruntime.callback.asgi import AsgiApp

        return AsgiApp(self)

    @cached_property
    def wsgi(self) -> WsgiApp:
        """All callbacks as one WSGI application."""
        from wxruntime.callback.wsgi import WsgiApp

        return WsgiApp(self)

    def close(self) -> None:
        """Close all callbacks."""
        for callback in self._callbacks.values():
            callback.close()

    async def aclose(self) -> None:
        """Close all callbacks."""
        await asyncio.gather(*(callback.aclose() for callback in self._callbacks.values()))

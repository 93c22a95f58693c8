"""From an event to its reply, and the hook for replies that no delivery can carry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from attrs import define, field

from wxruntime.callback.calling import call, contained
from wxruntime.callback.router import Routes
from wxruntime.inbox.record import Outcome
from wxruntime.wire import JsonObject, json, xml
from wxruntime.wire.push import PushFormat
from wxruntime.wire.reply import ReplyFormat

__all__ = ["Handling"]

_log = logging.getLogger("wxoa.callback")

E = TypeVar("E")
R = TypeVar("R")


class Handling(Generic[E, R]):
    """Runs handlers, and writes their replies."""

    def __init__(
        self,
        pushes: PushFormat[E],
        replies: ReplyFormat[R],
        routes: Routes[E, R],
        threads: int,
        clock: Callable[[], float],
    ) -> None:
        self._pushes, self._replies = pushes, replies
        self._routes = routes
        self._clock = clock
        self._most = threads
        self._threads = ThreadPoolExecutor(threads, "wxoa-handler")

    async def reply(self, event: E) -> R | None:
        """Run the handler of an event; raise only an `Exception` or a cancellation."""
        return await contained(self._routes.dispatch(event, self._names, self._threads))

    async def work(self, event: E) -> None:
        """Run the handler of an event for which no delivery waits."""
        reply = await self.reply(event)
        if reply is not None:
            self.address(event, reply)  # an invalid reply is an error of the handler, not the hook
            await self.send(event, reply)

    def once(self, event: E) -> Once[E, R]:
        """Return the work for a push, to be done once for all its deliveries."""
        return Once(self, event)

    def address(self, event: E, reply: R) -> JsonObject:
        """Return a reply with wire names, addressed to the event's sender unless it is addressed.

        Raises:
            EncodeError: If it is no reply, or XML cannot hold a value.
        """
        pushed, wire = self._pushes.fields(event), self._replies.fields(reply)
        header: JsonObject = {
            self._replies.receiver: pushed.get(self._pushes.sender),
            self._replies.sender: pushed.get(self._pushes.receiver),
            self._replies.time: int(self._clock()),
        }
        addressed = {
            **wire,
            **{tag: wire.get(tag) or value for tag, value in header.items() if tag in wire},
        }
        xml.dumps(addressed)  # raises now, and not during a delivery
        return addressed

    async def send(self, event: E, reply: R) -> None:
        """Pass a reply that no delivery can carry to the hook."""
        if self._routes.late is None:
            _log.error(
                "a reply (%s) came when no delivery could carry it, and it is lost: "
                "register a hook by @callback.late",
                type(reply).__name__,
            )
            return
        await contained(call(self._threads, self._routes.late, event, reply))

    def _names(self, event: E) -> tuple[str, str]:
        wire = self._pushes.fields(event)
        kind, name = wire.get(self._pushes.kind), wire.get(self._pushes.event)
        return str(kind or ""), str(name or "")

    def close(self) -> None:
        """Stop each thread after its current handler; new threads start when they are needed."""
        self._threads.shutdown(wait=False)
        self._threads = ThreadPoolExecutor(self._most, "wxoa-handler")


@define(eq=False)
class Once(Generic[E, R]):
    """The work for one push, done once for all its deliveries."""

    handling: Handling[E, R]
    event: E
    reply: R | None = field(default=None, init=False)

    async def do(self) -> Outcome:
        """Run the handler, and write its reply."""
        try:
            self.reply = await self.handling.reply(self.event)
            if self.reply is None:
                return Outcome()
            return Outcome(json.dumps(self.handling.address(self.event, self.reply)))
        except asyncio.CancelledError:
            _log.error(
                "the handler of a push (%s) was cancelled: its event loop ends, or what it waited "
                "for was cancelled; the push is delivered again, unless this was its last delivery",
                type(self.event).__name__,
            )
            raise
        except Exception:
            _log.exception(
                "the handler of a push (%s) failed; the push is delivered again, unless this was "
                "its last delivery",
                type(self.event).__name__,
            )
            raise

    async def late(self) -> None:
        """Pass the reply to the hook."""
        assert self.reply is not None  # only a reply can be late
        try:
            await self.handling.send(self.event, self.reply)
        except Exception:
            _log.exception(
                "the hook for late replies failed; the reply (%s) to a push (%s) is lost",
                type(self.reply).__name__,
                type(self.event).__name__,
            )

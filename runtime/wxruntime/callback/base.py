"""The callback: from a delivery of the platform to its answer.

The callback itself does no input or output: a server passes a query and a body to it, and sends its
answer. Handlers run on event loops; for a blocking server, the loop runs in its own thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from wxruntime.callback.account import Account
from wxruntime.callback.answer import AGAIN, FAILED, HANDLED, REFUSED, TOO_LARGE, Answer
from wxruntime.callback.gate import MAX_WINDOW, Delivery, Gate
from wxruntime.callback.handling import Handling
from wxruntime.callback.identity import Identity
from wxruntime.callback.joining import FAILED as HANDLER_FAILED
from wxruntime.callback.joining import UNFINISHED, Joining, Schedule
from wxruntime.callback.query import Query, read_query
from wxruntime.callback.router import Router
from wxruntime.concurrency.loop import LoopThread
from wxruntime.errors import DecodeError, SignatureError, StoreError
from wxruntime.forking import renew_after_fork
from wxruntime.inbox import Inbox
from wxruntime.inbox.memory import MemoryInbox
from wxruntime.inbox.nonce import meet
from wxruntime.inbox.record import Outcome
from wxruntime.inbox.steady import SteadyInbox
from wxruntime.redact import Secret
from wxruntime.wire import json
from wxruntime.wire.push import MAX_SIZE, PushFormat
from wxruntime.wire.reply import ReplyFormat

if TYPE_CHECKING:
    from wxruntime.callback.asgi import AsgiApp
    from wxruntime.callback.wsgi import WsgiApp
    from wxruntime.stream import Stream

__all__ = ["BaseCallback"]

_log = logging.getLogger("wxoa.callback")

E = TypeVar("E")
R = TypeVar("R")


class BaseCallback(Router[E, R]):
    """Receives the pushes of one account; the base of the generated `Callback`."""

    # A class variable may not name the class's own type parameters.
    pushes: PushFormat[E]
    """The format of pushes, set by the generated class."""
    replies: ReplyFormat[R]
    """The format of replies, set by the generated class."""

    def __init__(
        self,
        *,
        token: str | Sequence[str],
        encoding_aes_key: str | Sequence[str] | None = None,
        app_id: str | Collection[str] = (),
        user_name: str | None = None,
        router: Router[E, R] | None = None,
        inbox: Inbox | None = None,
        stream: Stream | None = None,
        window: float = MAX_WINDOW,
        max_size: int = MAX_SIZE,
        schedule: Schedule | None = None,
        threads: int = 32,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Build a callback for one account.

        Args:
            token: The callback token of the account's settings. While you replace it, pass the
                new token and then the old one.
            encoding_aes_key: The EncodingAESKey, 43 characters. While you replace it, pass the new
                key and then the old one. With a key, only encrypted pushes are accepted; without
                a key, only plain ones.
            app_id: The AppID whose encrypted pushes are accepted: the account's own, or that of a
                third-party platform; or several AppIDs.
            user_name: The account's original id (`gh_…`). If set, pushes for any other account
                are refused.
            router: The handlers, if several callbacks share them.
            inbox: Remembers pushes, so that each is handled once: in the memory of this process
                (the default), or in Redis for several processes
                (`wxruntime.inbox.RedisInbox`).
            stream: Takes the pushes instead of the handlers; `wxoa worker` then handles them.
            window: How far the time of a delivery may be off, in seconds; at most 300.
            max_size: The size limit of a body, in bytes.
            schedule: The platform's times for repeated deliveries; change it only in tests.
            threads: How many blocking handlers may run at a time.
            clock: Returns the time in Unix seconds.

        Raises:
            ValueError: If an argument is invalid; no error shows a secret.
            ImportError: If there is a key, and the extra `crypto` is not installed.
        """
        tokens, keys = _secrets(token), _secrets(encoding_aes_key)
        del token, encoding_aes_key  # the traceback of an error below includes this frame
        if not 0 < window <= MAX_WINDOW:
            raise ValueError(f"window: expected up to {MAX_WINDOW:g} seconds, got {window:g}")
        if max_size < 1:
            raise ValueError(f"max_size: expected a number of bytes above 0, got {max_size}")
        if inbox is not None and not hasattr(inbox, "update"):
            raise TypeError(
                "inbox: expected an inbox such as RedisInbox.from_url(address), "
                f"got {type(inbox).__name__}"
            )
        if threads < 1:
            raise ValueError(f"threads: expected a number above 0, got {threads}")
        super().__init__(None if router is None else router.routes)
        self.max_size = max_size
        self.stream = stream
        self._gate = Gate(Account.of(tokens, keys, app_id), window, clock)
        self._clock = clock
        self._user_name = user_name
        self._inbox: Inbox = MemoryInbox() if inbox is None else SteadyInbox(inbox)
        self._schedule = Schedule() if schedule is None else schedule
        self._most_threads = threads
        self._loop = LoopThread("wxoa-callback")
        self.after_fork()
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Drop the handlers and threads, which belong to the parent process."""
        self._joining = Joining(self._inbox, self._schedule)
        self._handling = self._handlers()

    def _handlers(self) -> Handling[E, R]:
        return Handling(self.pushes, self.replies, self.routes, self._most_threads, self._clock)

    def __repr__(self) -> str:
        # A traceback may show a callback whose __init__ has failed.
        gate = vars(self).get("_gate")
        if not isinstance(gate, Gate):
            return f"<{type(self).__name__}, half made>"
        return f"<{type(self).__name__} for {'encrypted' if gate.account.keys else 'plain'} pushes>"

    # Called by a server.

    def handle(self, query: Query, body: bytes = b"") -> Answer:
        """Answer one delivery, and block until the answer is ready; safe to call from threads.

        Args:
            query: The query of the URL, as text, bytes or a mapping.
            body: The body; empty for a GET request.

        Returns:
            The answer to send. Nothing that is delivered makes this raise an error.
        """
        met = self._admit(query, body)
        if isinstance(met, Answer):
            return met
        try:
            return self._loop.run(self._attend(met))
        except CancelledError:  # the callback is being closed
            return AGAIN

    async def handle_async(self, query: Query, body: bytes = b"") -> Answer:
        """Answer one delivery; see `handle`. Cancelling this does not cancel the handler."""
        met = self._admit(query, body)
        return met if isinstance(met, Answer) else await self._attend(met)

    @cached_property
    def asgi(self) -> AsgiApp:
        """The callback as an ASGI application."""
        from wxruntime.callback.asgi import AsgiApp

        return AsgiApp(self)

    @cached_property
    def wsgi(self) -> WsgiApp:
        """The callback as a WSGI application."""
        from wxruntime.callback.wsgi import WsgiApp

        return WsgiApp(self)

    def _known(self, classes: tuple[type, ...]) -> tuple[type, ...]:
        for one in classes:
            if one not in self.pushes.codecs:
                raise TypeError(
                    f"on: expected classes of events, such as UnknownEvent, got {one.__name__}"
                )
        return classes

    # Called by a worker.

    def read(self, content: bytes) -> E:
        """Read a push.

        Args:
            content: The push, decrypted.

        Returns:
            The event; an unknown event if the push does not match the specification.

        Raises:
            DecodeError: If the content is no push at all.
        """
        try:
            return self.pushes.decode(content, self.max_size)
        except DecodeError as error:
            unread = self.pushes.unknown(self.pushes.parse(content))
            _log.warning(
                "a push does not match the specification (%s); it is handled as an unknown event",
                _unshown(error),
            )
            return unread

    async def work(self, event: E) -> None:
        """Handle an event for which no delivery waits; a reply goes to the `late` hook.

        Args:
            event: The event or message.

        Raises:
            Exception: Any error of the handler or the hook.
        """
        await self._handling.work(event)

    def widen(self, threads: int) -> None:
        """Raise the number of threads for blocking handlers; call it before the first event.

        An entry of a stream must not wait for a thread once it has begun, because another worker
        may have its partition by then.

        Args:
            threads: The number of handlers that may run at a time.
        """
        if threads > self._most_threads:
            self._most_threads = threads
            self._handling.close()
            self._handling = self._handlers()

    # The steps of a delivery.

    def _admit(self, query: Query, body: bytes) -> Answer | Delivery:
        if len(body) > self.max_size:
            _log.warning("refused a delivery of %d bytes: too large", len(body))
            return TOO_LARGE
        try:
            return self._gate.admit(read_query(query), body)
        except SignatureError as error:
            return _refused(error)

    async def _attend(self, delivery: Delivery) -> Answer:
        began = time.monotonic()  # waiting for the inbox counts within the platform's 5 seconds
        if self.stream is None or delivery.echo is not None:
            if not await self._inbox.meet(delivery.nonce, meet(delivery.digest)):
                return _refused(_REPLAYED)
            if delivery.echo is not None:
                return delivery.check()
        try:
            event = self.read(delivery.content)
            identity = Identity.of(self.pushes, event)
        except DecodeError as error:
            return _refused(_unshown(error))
        if self._user_name not in (None, identity.receiver):
            return _refused(_NOT_OURS)
        if self.stream is not None:
            return await self._append(self.stream, delivery, identity)
        result = await self._joining.deliver(identity.push, self._handling.once(event), began)
        if result is UNFINISHED:
            return AGAIN
        if result is HANDLER_FAILED:
            return FAILED
        reply = cast("Outcome", result).reply
        if reply is None:
            return HANDLED
        return delivery.reply(json.loads_object(reply), self._clock())

    async def _append(self, stream: Stream, delivery: Delivery, identity: Identity) -> Answer:
        """Append a push to the stream, for the workers."""
        from wxruntime.stream import Appended, Verified

        push = Verified(
            identity.push,
            f"{identity.receiver} {identity.sender}",
            delivery.content,
            replay=(delivery.nonce, delivery.digest),
        )
        try:
            appended = await stream.append(push)
        except StoreError as error:
            _log.error("a push is not taken, and delivered again: %s", error)
            return AGAIN
        if appended is Appended.REPLAYED:
            return _refused(_REPLAYED)
        if appended is Appended.FULL:
            _log.error("a push is not taken, and delivered again: the stream is full")
            return AGAIN
        return HANDLED

    # Closing.

    def close(self) -> None:
        """Wait for running handlers, at most 10 s, and stop the threads."""
        if self._loop.running:
            self._loop.run(self.aclose())
            self._loop.close()
        self._handling.close()

    async def aclose(self) -> None:
        """Wait for the handlers on this event loop, at most 10 s, and close the connections."""
        await self._joining.aclose()
        await self._inbox.aclose()
        if self.stream is not None:
            await self.stream.aclose()
        self._handling.close()


_NOT_OURS = SignatureError("the push is for another account than the configured user_name")
_REPLAYED = SignatureError(
    "the delivery is a replay: its nonce was used before, with another content or too long ago"
)


def _refused(error: Exception) -> Answer:
    _log.warning("refused a delivery: %s", error)
    return REFUSED


def _secrets(given: str | Sequence[str] | None) -> tuple[Secret, ...]:
    # Not checked here, where a traceback would show them; `Account` checks them as `Secret`s.
    return tuple(map(Secret, (given,) if isinstance(given, (str, bytes)) else given or ()))


def _unshown(error: DecodeError) -> DecodeError:
    """Return an error without the value that came, which is the customer's and may be long."""
    return DecodeError(error.expected, error.path)

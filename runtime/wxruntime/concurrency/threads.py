"""Concurrency by threads, for the client that blocks."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context

from wxruntime.concurrency import Work, run, shared
from wxruntime.errors import TransportError, WeChatError
from wxruntime.forking import renew_after_fork

__all__ = ["Threads"]

_log = logging.getLogger("wxoa.token")


class Threads:
    """Waits by blocking, and works in the background by threads that `close()` joins."""

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._flights: list[_ThreadFlight] = []
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Begin without what the parent's threads were at."""
        closed = self._closing.is_set()
        self._closing = threading.Event()
        if closed:
            self._closing.set()
        for flight in self._flights:
            flight.begin_anew()

    def flight(self) -> _ThreadFlight:
        """Make a flight, which ends when the client is closed."""
        flight = _ThreadFlight(self._closing)
        self._flights.append(flight)
        return flight

    async def sleep(self, seconds: float) -> bool:
        """Wait; false when the client was closed meanwhile."""
        return not self._closing.wait(seconds)

    def close(self) -> None:
        """Wake whoever sleeps, and wait until every thread in the background has ended."""
        self._closing.set()
        for flight in self._flights:
            flight.land()


class _ThreadFlight:
    """A thread of its own works, whoever is interrupted meanwhile; all that want it wait."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was under way."""
        self._lock = threading.Lock()
        self._under_way: _Flying | None = None

    async def join(self, work: Work, left: float) -> bool:
        """Have the work done, or wait for whoever is doing it."""
        return self._begin(work).wait(left)

    def start(self, work: Work) -> None:
        """Have the work done in the background, unless it is under way."""
        if not self._closing.is_set():
            self._begin(work)

    def _begin(self, work: Work) -> _Flying:
        with self._lock:
            if self._closing.is_set():
                raise TransportError("the client is closed", sent=False)
            if self._under_way is None or self._under_way.over:
                self._under_way = _Flying(work)
            return self._under_way

    def land(self) -> None:
        """Wait for the work under way, if there is some."""
        with self._lock:
            flying = self._under_way
        if flying is not None:
            flying.join()


class _Flying:
    """A thread at work."""

    def __init__(self, work: Work) -> None:
        self._future: Future[None] = Future()
        # In the context of who asked first, so that a trace shows what it waited for.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._fly, work), name="wxoa-token", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is shutting down, or there are too many threads
            self._fly(work)

    @property
    def over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done() or not self._thread.is_alive()

    def _fly(self, work: Work) -> None:
        try:
            run(work())
        except BaseException as error:
            self._future.set_exception(error)
            if not isinstance(error, WeChatError):
                _log.error("the access token was not renewed: %s", type(error).__name__)
        else:
            self._future.set_result(None)

    def wait(self, left: float) -> bool:
        """Wait for its end; false when there is none in time, or nothing has come of it."""
        try:
            error = self._future.exception(timeout=max(left, 0.0))
        except FutureTimeoutError:
            return False
        if isinstance(error, WeChatError):
            raise shared(error)
        if isinstance(error, Exception):
            raise error
        return error is None

    def join(self) -> None:
        """Wait until the thread has ended."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join()

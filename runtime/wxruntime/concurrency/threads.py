"""Concurrency by threads, for the blocking client."""

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
    """Waits by blocking; works in the background in threads, which `close()` joins."""

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._flights: list[_ThreadFlight] = []
        renew_after_fork(self)

    def after_fork(self) -> None:
        """Forget the work of threads, which exist only in the parent process."""
        closed = self._closing.is_set()
        self._closing = threading.Event()
        if closed:
            self._closing.set()
        for flight in self._flights:
            flight.begin_anew()

    def flight(self) -> _ThreadFlight:
        """Return a new flight, which ends when the client is closed."""
        flight = _ThreadFlight(self._closing)
        self._flights.append(flight)
        return flight

    async def sleep(self, seconds: float) -> bool:
        """Wait; return whether the client is still open."""
        return not self._closing.wait(seconds)

    def close(self) -> None:
        """Wake all sleeping callers, and wait until every background thread has ended."""
        self._closing.set()
        for flight in self._flights:
            flight.land()


class _ThreadFlight:
    """A flight whose work runs in its own thread; interrupting a caller does not interrupt it."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget the work under way."""
        self._lock = threading.Lock()
        self._under_way: _Flying | None = None

    async def join(self, work: Work, left: float) -> bool:
        """Start the work, or wait for the run that is under way; see `Flight.join`."""
        return self._begin(work).wait(left)

    def start(self, work: Work) -> None:
        """Start the work in the background, unless it is under way."""
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
        """Wait for the end of the work under way."""
        with self._lock:
            flying = self._under_way
        if flying is not None:
            flying.join()


class _Flying:
    """One run of the work, in its own thread."""

    def __init__(self, work: Work) -> None:
        self._future: Future[None] = Future()
        # In the context variables of the first caller, so that its trace includes the work.
        self._thread = threading.Thread(
            target=copy_context().run, args=(self._fly, work), name="wxoa-token", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is shutting down, or there are too many threads
            self._fly(work)

    @property
    def over(self) -> bool:
        """Whether the run has ended, with or without an error."""
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
        """Wait for the end of the run; return whether it ended in time and without an exit."""
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

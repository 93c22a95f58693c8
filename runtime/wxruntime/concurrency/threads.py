"""Concurrency by threads, for the client that blocks."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from time import monotonic

from wxruntime.concurrency import Work, run, shared
from wxruntime.errors import WeChatError
from wxruntime.forking import renew_after_fork

__all__ = ["Threads"]

_log = logging.getLogger("wxoa.token")

_LOOK_AGAIN = 1.0
"""How often who waits for a flight looks whether anybody is at it, in seconds."""


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
    """One thread works; the others that want the same wait for it."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was under way."""
        self._lock = threading.Lock()
        self._future: Future[None] | None = None
        self._thread: threading.Thread | None = None

    async def join(self, work: Work, left: float) -> bool:
        """Do the work, or wait for whoever is doing it."""
        future, mine = self._enter()
        if not mine:
            return self._wait(future, left)
        self._fly(future, work)
        return True

    def start(self, work: Work) -> None:
        """Do the work in a thread, unless it is under way."""
        with self._lock:
            if self._future is not None or self._closing.is_set():
                return
            future: Future[None] = Future()
            self._future = future
            self._thread = thread = threading.Thread(
                target=self._fly_quietly, args=(future, work), name="wxoa-token", daemon=True
            )
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down, or there are too many threads
            self._leave(future)
            future.set_result(None)

    def _enter(self) -> tuple[Future[None], bool]:
        """Return the flight under way, and whether it is this thread's to fly."""
        with self._lock:
            if self._future is not None:
                return self._future, False
            self._future = Future()
            return self._future, True

    def _leave(self, future: Future[None]) -> None:
        with self._lock:
            if self._future is future:
                self._future = None

    def _fly(self, future: Future[None], work: Work) -> None:
        try:
            future.set_running_or_notify_cancel()
            run(work())
        except BaseException as error:
            self._leave(future)
            future.set_exception(error)
            raise
        self._leave(future)
        future.set_result(None)

    def _fly_quietly(self, future: Future[None], work: Work) -> None:
        try:
            self._fly(future, work)
        except Exception:
            _log.exception("the access token was not renewed in the background")

    def _wait(self, future: Future[None], left: float) -> bool:
        """Wait for another thread; false when it was interrupted, or is slower than we may be."""
        until = monotonic() + left
        while True:
            patience = max(0.0, min(until - monotonic(), _LOOK_AGAIN))
            try:
                error = future.exception(timeout=patience)
            except FutureTimeoutError:
                # Whoever was to fly was interrupted before it began, or its end got lost.
                if not (future.running() and self._future is future):
                    self._leave(future)
                    return False
                if monotonic() >= until:
                    return False
                continue
            if isinstance(error, WeChatError):
                raise shared(error)
            return error is None

    def land(self) -> None:
        """Wait for the thread in the background, if there is one."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread() and thread.ident:
            thread.join()
        self._thread = None

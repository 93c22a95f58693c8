"""Delivering pushes: what goes wrong with one is no matter of the next."""

from __future__ import annotations

import queue
import threading

import pytest

from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.sandbox.pushes import ATTEMPTS, Delivery, Pusher


def test_what_is_queued_at_the_end_is_given_up() -> None:
    """The attempt under way is finished; no other follows, of this push or of the next."""
    arrived, release = threading.Event(), threading.Event()

    def fail(incoming: Incoming) -> Outgoing:
        arrived.set()
        release.wait(30)
        return Outgoing(500, "text/plain", b"")

    first, second = Delivery("first", "o6", b""), Delivery("second", "o6", b"")
    with LoopbackServer(fail) as callback:
        pusher = Pusher(callback.url, "token", lambda: 0)
        pusher.start()
        pusher.push(first)
        pusher.push(second)
        assert arrived.wait(30)
        closer = threading.Thread(target=pusher.close)
        closer.start()
        assert pusher._closing.wait(30)  # pyright: ignore[reportPrivateUsage]
        release.set()
        closer.join(30)

    assert not closer.is_alive()
    assert (first.attempts, first.status) == (1, 500)
    assert (second.attempts, second.status) == (0, 0)


def test_an_error_of_ones_own_is_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, the push is tried as often as any other, and the next one goes out."""
    arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    times = iter(range(ATTEMPTS + 1))

    def now() -> int:
        if (time := next(times)) < ATTEMPTS:
            raise ZeroDivisionError
        return time

    def keep(incoming: Incoming) -> Outgoing:
        arrived.put(incoming.body)
        return Outgoing(200, "text/plain", b"success")

    broken = Delivery("broken", "o6", b"broken")
    with LoopbackServer(keep) as callback:
        pusher = Pusher(callback.url, "token", now)
        pusher.start()
        pusher.push(broken)
        pusher.push(Delivery("whole", "o6", b"whole"))
        body = arrived.get(timeout=30)
        pusher.close()

    assert body == b"whole"
    assert (broken.attempts, broken.status) == (ATTEMPTS, 0)
    assert caplog.text.count("a push could not be sent") == ATTEMPTS

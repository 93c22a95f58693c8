"""A platform that is slow with some requests, and desks that do not wait for its answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from attrs import evolve

from tests.runtime.faults import Fault, faulty_proxy
from wxruntime.transport import HttpRequest, HttpResponse, Timeout
from wxruntime.transport.aiohttp import AiohttpTransport
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["BRIEFLY", "PATIENCE", "AwaitingDetour", "BlockingDetour", "Slow", "slowly"]

BRIEFLY = 0.05
"""Seconds for which a client waits for an answer that does not come."""
PATIENCE = 60.0


class Slow:
    """Holds some requests on their way to the platform, until `release()`.

    Which ones is decided where they are sent, so that no test depends on which of two connections
    is served first.
    """

    def __init__(self, held: Mapping[str, list[float]], on_hold: Callable[[], object]) -> None:
        """Hold nothing yet; see `slowly`."""
        self._held = {path: [*waits] for path, waits in held.items()}
        self._on_hold = on_hold
        self._released = threading.Event()
        self._taken = 0

    @contextmanager
    def running(self, url: str) -> Generator[Slow]:
        """Stand between a client and the platform at an address."""
        self._platform = url
        with faulty_proxy(url, self._hold) as proxy:
            self._proxy = proxy
            try:
                yield self
            finally:
                self._released.set()

    def _hold(self, path: str) -> Fault:
        self._on_hold()
        assert self._released.wait(PATIENCE)
        return Fault.NONE

    def release(self) -> None:
        """Let the requests go on; return when the platform has carried them out."""
        self._released.set()
        for _ in range(self._taken):
            assert self._proxy.hung_up.acquire(timeout=PATIENCE)
        self._taken = 0

    def way(self, request: HttpRequest, timeout: Timeout) -> tuple[HttpRequest, Timeout]:
        """Return the way of a request, and how long its client waits for the answer."""
        waits = self._held.get(urlsplit(request.url).path)
        if not waits:
            return request, timeout
        self._taken += 1
        detour = evolve(request, url=request.url.replace(self._platform, self._proxy.url, 1))
        return detour, Timeout(PATIENCE, waits.pop(0))


@contextmanager
def slowly(
    url: str, held: Mapping[str, list[float]], on_hold: Callable[[], object] = lambda: None
) -> Generator[Slow]:
    """Hold the first requests for some paths.

    Args:
        url: The platform's address.
        held: For a path, how many seconds the client waits for the answer of the first request,
            the second and so on. Requests behind these pass at once.
        on_hold: Called when a request is held, in another thread.
    """
    with Slow(held, on_hold).running(url) as slow:
        yield slow


class BlockingDetour:
    """The transport of a client that blocks, with a slow way for some requests."""

    def __init__(self, slow: Slow) -> None:
        self._slow = slow
        self._transport = Urllib3Transport()

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        return self._transport.send(*self._slow.way(request, timeout))

    def close(self) -> None:
        self._transport.close()


class AwaitingDetour:
    """The same of a client that awaits."""

    def __init__(self, slow: Slow) -> None:
        self._slow = slow
        self._transport = AiohttpTransport()

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        return await self._transport.send(*self._slow.way(request, timeout))

    async def close(self) -> None:
        await self._transport.close()

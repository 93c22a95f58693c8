"""What the tests of one process are made of: a stream, pushes, a consumer, a running worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from attrs import define, field

from tests.redis_server import RedisServer
from wxruntime.stream import Appended, Progress, Stream, Verified, Worker

__all__ = ["Desk", "Reports", "evaluate", "play", "push", "put", "running", "soon", "streaming"]

T = TypeVar("T")

PATIENCE = 30.0


def play(scene: Coroutine[Any, Any, T]) -> T:
    """Play a scene on an event loop of its own."""
    return asyncio.run(scene, debug=True)


async def soon(happens: Awaitable[T]) -> T:
    """Wait for something that is to happen."""
    return await asyncio.wait_for(happens, PATIENCE)


@asynccontextmanager
async def streaming(server: RedisServer, **settings: Any) -> AsyncGenerator[Stream]:
    """Use a stream on an empty server."""
    server.ask("FLUSHALL")
    stream = Stream.from_url(server.url, **settings)
    try:
        yield stream
    finally:
        await stream.aclose()


def evaluate(server: RedisServer, script: str) -> Any:
    """Ask a server by a script: redis-py gives the answers to commands various forms."""
    return server.ask("EVAL", f"return {script}", 0)


def push(customer: str, said: str) -> Verified:
    """Return a push of a customer's."""
    return Verified(f"{customer} {said}", customer, f"{customer} {said}".encode())


async def put(stream: Stream, customer: str, *said: str) -> None:
    """Append pushes of a customer's."""
    for one in said:
        assert await stream.append(push(customer, one)) is Appended.APPENDED


async def fine(said: str) -> None:
    """Handle whatever comes."""


@define(eq=False)
class Desk:
    """A consumer whose events are texts; what begins with `?` cannot be read."""

    handler: Callable[[str], Awaitable[None]] = fine
    handled: asyncio.Queue[str] = field(factory=asyncio.Queue[str])
    """What was handled to its end."""
    closed: bool = False

    def read(self, content: bytes) -> str:
        """Read a push."""
        if b"?" in content:
            raise ValueError("a push that nobody can read")
        return content.decode()

    async def work(self, event: str) -> None:
        """Handle it."""
        await self.handler(event)
        self.handled.put_nowait(event)

    async def aclose(self) -> None:
        """Be closed."""
        self.closed = True

    async def next(self, count: int = 1) -> list[str]:
        """Wait until so many are handled."""
        return [await soon(self.handled.get()) for _ in range(count)]


@define(eq=False)
class Reports:
    """What a worker reports."""

    _queue: asyncio.Queue[Progress] = field(factory=asyncio.Queue[Progress])

    def __call__(self, progress: Progress) -> None:
        """Be told."""
        self._queue.put_nowait(progress)

    async def until(self, holds: Callable[[Progress], bool]) -> Progress:
        """Wait for a report of which something holds."""
        while not holds(report := await soon(self._queue.get())):
            pass
        return report


@asynccontextmanager
async def running(
    desk: Desk, stream: Stream, *, reports: Reports | None = None, **settings: Any
) -> AsyncGenerator[Worker[str]]:
    """Run a worker for the length of a block; it ends well."""
    settings = {"lease": 2.0, "grace": 5.0, "every": 0.02, **settings}
    worker = Worker(desk, stream, on_progress=reports, **settings)
    task = asyncio.ensure_future(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await soon(task)

"""What a client sends requests with: requests and answers as bytes, for any HTTP library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from wxruntime.lazy import lazy
from wxruntime.redact import redact

if TYPE_CHECKING:
    from wxruntime.transport.aiohttp import AiohttpTransport as AiohttpTransport
    from wxruntime.transport.urllib3 import Urllib3Transport as Urllib3Transport

__all__ = [
    "MAX_ANSWER",
    "AiohttpTransport",
    "AsyncTransport",
    "Body",
    "Bytes",
    "HttpRequest",
    "HttpResponse",
    "Sink",
    "Timeout",
    "Transport",
    "Urllib3Transport",
]

__getattr__, __dir__ = lazy(
    __name__, (), {"AiohttpTransport": "aiohttp", "Urllib3Transport": "urllib3"}
)

MAX_ANSWER = 4 << 20
"""The size limit of an answer by default, in bytes after decompression."""
_DAY = 86400


def _seconds(instance: object, attribute: object, value: float) -> None:
    if not 0 < value <= _DAY:
        raise ValueError(f"timeout: expected seconds, above 0 and at most {_DAY}, got {value!r}")


@frozen
class Timeout:
    """How long one attempt may take, in seconds."""

    connect: float = field(default=5.0, validator=_seconds)
    """For the connection, including TLS."""
    read: float = field(default=10.0, validator=_seconds)
    """For the whole answer, from the moment when the request is sent."""

    @classmethod
    def of(cls, timeout: float | Timeout) -> Timeout:
        """Return a timeout; a single number is used for both parts."""
        return timeout if isinstance(timeout, Timeout) else cls(timeout, timeout)

    def within(self, left: float) -> Timeout:
        """Return the timeout of an attempt, if this much time is left of the call.

        Connecting gets at most half of that time, so that another host can still be tried. The
        answer gets all the time that connecting leaves; the deadline of the request ends it.

        Args:
            left: The time, in seconds; above 0.
        """
        if self.connect + self.read <= left:
            return self
        return Timeout(min(self.connect, left / 2), min(self.read, left))


class Body(Protocol):
    """The body of a request, which can be sent repeatedly."""

    @property
    def content_type(self) -> str:
        """The media type."""
        ...

    @property
    def length(self) -> int:
        """The number of bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning, the same each time.

        Raises:
            EncodeError: If they cannot be read, or not a second time.
        """
        ...


@frozen
class Bytes:
    """A body in memory."""

    content: bytes = field(repr=False)
    content_type: str = "application/json; charset=utf-8"

    @property
    def length(self) -> int:
        """The number of bytes."""
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        """Yield the whole body at once."""
        return iter((self.content,))


class Sink(Protocol):
    """Where an answer of status 200 is written instead of into memory."""

    def restart(self) -> None:
        """Discard what was written, because a new answer begins."""
        ...

    def write(self, chunk: bytes) -> None:
        """Write the next bytes of the answer; this may block on a disk."""
        ...


@frozen
class HttpRequest:
    """One HTTP request; its repr shows no secret."""

    method: str
    url: str = field(repr=redact)
    body: Body | None = field(default=None, repr=False)
    limit: int = MAX_ANSWER
    """The size limit of the answer, in bytes after decompression."""
    sink: Sink | None = field(default=None, repr=False)
    """Gets the content of an answer of status 200; None to keep it in the response."""
    deadline: float = inf
    """The deadline of the whole call, in seconds on the monotonic clock."""


@frozen
class HttpResponse:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """The headers, by their names in lower case."""
    body: bytes = field(repr=False)
    """The content, decompressed; empty if a sink got it."""
    cut: str = ""
    """Why the content is incomplete, in words; empty if it is complete."""

    @property
    def content_type(self) -> str:
        """The Content-Type; empty if the answer has none."""
        return self.headers.get("content-type", "")


class Transport(Protocol):
    """Sends the requests of a blocking client; safe to share between threads."""

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer, whatever its status.

        Everything ends at the deadline of the request, even if the timeout would allow more time.

        An answer that has begun is returned even if it broke off, was too large or too slow; then
        `cut` says why, and `body` is the part that came.

        Raises:
            TransportError: If no answer began. Its `sent` is False if no byte of the request
                went out.
            EncodeError: If the body of the request cannot be read.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class AsyncTransport(Protocol):
    """Sends the requests of an asyncio client, on one event loop."""

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer; see `Transport.send`."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...

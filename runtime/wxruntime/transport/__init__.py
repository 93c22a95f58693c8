"""What a client sends requests with: bytes out, bytes in, whichever library moves them."""

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
"""How large an answer may be, in bytes, after decompression."""
_DAY = 86400


def _seconds(instance: object, attribute: object, value: float) -> None:
    if not 0 < value <= _DAY:
        raise ValueError(f"timeout: expected seconds, from above 0 to a day, got {value!r}")


@frozen
class Timeout:
    """How long one attempt may take, in seconds."""

    connect: float = field(default=5.0, validator=_seconds)
    """For the connection, its encryption included."""
    read: float = field(default=10.0, validator=_seconds)
    """For the whole answer, from the moment the request is out."""

    @classmethod
    def of(cls, timeout: float | Timeout) -> Timeout:
        """Return a time-out; one number stands for both."""
        return timeout if isinstance(timeout, Timeout) else cls(timeout, timeout)

    def within(self, left: float) -> Timeout:
        """Return the time-out of an attempt that begins when so much time of the call is left.

        Connecting gets half of that time at most, so that another host can still be asked. The
        answer gets all that connecting leaves: the request's own deadline ends it.

        Args:
            left: The time that is left, in seconds; above 0.
        """
        if self.connect + self.read <= left:
            return self
        return Timeout(min(self.connect, left / 2), min(self.read, left))


class Body(Protocol):
    """What a request carries, as often as it is sent."""

    @property
    def content_type(self) -> str:
        """Its media type."""
        ...

    @property
    def length(self) -> int:
        """How many bytes it has."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Return its bytes from the beginning, the same each time.

        Raises:
            EncodeError: If they cannot be read, or not again.
        """
        ...


@frozen
class Bytes:
    """A body that is at hand."""

    content: bytes = field(repr=False)
    content_type: str = "application/json; charset=utf-8"

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        """Return all of it at once."""
        return iter((self.content,))


class Sink(Protocol):
    """Where an answer of status 200 goes instead of into memory."""

    def restart(self) -> None:
        """Forget what was written: an answer begins, perhaps not the first."""
        ...

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the answer; it may block for a disk."""
        ...


@frozen
class HttpRequest:
    """One HTTP request, ready to go; its repr shows no secret."""

    method: str
    url: str = field(repr=redact)
    body: Body | None = field(default=None, repr=False)
    limit: int = MAX_ANSWER
    """How large the answer may be, in bytes, after decompression."""
    sink: Sink | None = field(default=None, repr=False)
    """Where the answer goes if its status is 200; into the response otherwise."""
    deadline: float = inf
    """When the time of the call as a whole is over, on the monotonic clock in seconds."""


@frozen
class HttpResponse:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Its header fields, found by their names in lower case."""
    body: bytes = field(repr=False)
    """Its content, decompressed; empty where it went into the sink."""
    cut: str = ""
    """Why the content is not whole, for a person; empty when it is."""

    @property
    def content_type(self) -> str:
        """Its media type; empty when it named none."""
        return self.headers.get("content-type", "")


class Transport(Protocol):
    """What a client sends requests with; safe to share between threads."""

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer, whatever its status.

        All of it ends with the request's deadline, whatever the time-out has left.

        An answer that began is returned, even if it broke off, was too large or too slow: then
        `cut` says so and `body` is what came.

        Raises:
            TransportError: If no answer began. Its `sent` is false when no byte of the request
                went out.
            EncodeError: If the request's body cannot be read.
        """
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class AsyncTransport(Protocol):
    """What an asynchronous client sends requests with, on one event loop."""

    async def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer; see `Transport.send`."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...

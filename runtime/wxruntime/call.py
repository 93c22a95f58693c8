"""One request as data: nothing is sent until a client sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, NoReturn, Protocol, TypeVar

from attrs import field, frozen

from wxruntime.download import File
from wxruntime.errors import DecodeError
from wxruntime.redact import MASK
from wxruntime.upload import Form, Upload
from wxruntime.wire.types import JsonObject, JsonValue

__all__ = ["AsyncSender", "Call", "Sender", "nothing"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def nothing(answer: JsonObject) -> None:
    """Read the answer of a call that returns nothing beyond its error code."""


def _no_json(answer: JsonObject) -> NoReturn:
    """Refuse JSON where a file was asked for."""
    raise DecodeError("expected a file, got JSON")


@frozen(repr=False)
class Call(Generic[T_co]):
    """A request to the platform, complete but for the access token.

    Two calls are equal when they ask the same. Send it with `client.send(call)`.
    """

    method: str
    """`GET` or `POST`."""
    path: str
    """The path below the platform's host."""
    operation: str
    """The name in the catalog, for example `kf_session.get`."""
    query: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)
    """The query parameters, not yet escaped."""
    body: JsonObject | Form | Upload | None = field(default=None, kw_only=True)
    """What is sent: a JSON object, a form with files, a file as it is, or nothing."""
    decode: Callable[[JsonObject], T_co] = field(default=_no_json, kw_only=True, eq=False)
    """Reads a JSON answer, once the error code is taken off it; it takes the answer apart."""
    file: Callable[[File], T_co] | None = field(default=None, kw_only=True, eq=False)
    """Reads an answer that is a file; None where the answer is JSON."""
    twin: Call[T_co] | None = field(default=None, kw_only=True, eq=False)
    """The same as an older request, for a platform that wants another method; None without."""
    token: bool = field(default=True, kw_only=True)
    """Whether the platform wants an access token with it."""
    idempotent: bool = field(default=False, kw_only=True)
    """Whether sending it twice does the same as sending it once."""
    secrets: tuple[str, ...] = field(default=(), kw_only=True)
    """The wire names, at any depth, whose values no log may show."""

    def __repr__(self) -> str:
        given: JsonObject = {**self.query}
        if isinstance(self.body, Form):
            given |= self.body.shown()
        elif isinstance(self.body, Upload):
            given["body"] = self.body.shown
        elif self.body is not None:
            given |= self.body
        masked = _masked(given, self.secrets)
        shown = (f"{k}={MASK if k in self.secrets else repr(v)}" for k, v in masked.items())
        return f"<Call {self.operation}({', '.join(shown)}) {self.method} {self.path}>"


def _masked(given: JsonObject, secrets: tuple[str, ...]) -> JsonObject:
    """Mask the secrets inside what is sent."""

    def mask(value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [mask(item) for item in value]
        return _masked(value, secrets) if isinstance(value, dict) else value

    return {name: MASK if name in secrets else mask(value) for name, value in given.items()}


class Sender(Protocol):
    """Whatever sends a call and waits for its answer."""

    def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer."""
        ...


class AsyncSender(Protocol):
    """Whatever sends a call and lets others go on until its answer is there."""

    async def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer."""
        ...

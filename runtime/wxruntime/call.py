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
    """Read the answer of a call that returns nothing but its error code."""


def _no_json(answer: JsonObject) -> NoReturn:
    """Refuse a JSON answer to a call that returns a file."""
    raise DecodeError("expected a file, got JSON")


@frozen(repr=False)
class Call(Generic[T_co]):
    """A request to the platform, complete except for the access token.

    Send a call with `client.send(call)`. Two calls are equal if their requests are.
    """

    method: str
    """`GET` or `POST`."""
    path: str
    """The path below the platform's host."""
    operation: str
    """The name of the endpoint in the catalog, for example `kf_session.get`."""
    query: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)
    """The query parameters, not escaped."""
    body: JsonObject | Form | Upload | None = field(default=None, kw_only=True)
    """The body: a JSON object, a form with files, a single file, or None for no body."""
    decode: Callable[[JsonObject], T_co] = field(default=_no_json, kw_only=True, eq=False)
    """Reads a JSON answer from which the error code was removed; it consumes the object."""
    file: Callable[[File], T_co] | None = field(default=None, kw_only=True, eq=False)
    """Reads an answer that is a file; None if the answer is JSON."""
    twin: Call[T_co] | None = field(default=None, kw_only=True, eq=False)
    """The same call by an older HTTP method, in case the platform refuses this one; or None."""
    token: bool = field(default=True, kw_only=True)
    """Whether the request needs an access token."""
    idempotent: bool = field(default=False, kw_only=True)
    """Whether sending the call twice has the same effect as sending it once."""
    secrets: tuple[str, ...] = field(default=(), kw_only=True)
    """The wire names whose values no log may show, at any depth."""

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
    """Mask the secret values of a request, at any depth."""

    def mask(value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [mask(item) for item in value]
        return _masked(value, secrets) if isinstance(value, dict) else value

    return {name: MASK if name in secrets else mask(value) for name, value in given.items()}


class Sender(Protocol):
    """Sends calls and blocks until they are answered, such as a `Client`."""

    def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer."""
        ...


class AsyncSender(Protocol):
    """Sends calls and awaits their answers, such as an `AsyncClient`."""

    async def send(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer."""
        ...

"""The envelope: how a call becomes a request, and what an answer says before its content."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from contextlib import suppress
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

from wxruntime.call import Call
from wxruntime.download import MAX_REFUSAL, File, Saved, looks_like_json
from wxruntime.errors import (
    ApiError,
    DecodeError,
    EncodeError,
    HttpError,
    TransportError,
    WeChatError,
)
from wxruntime.redact import Secret, redact
from wxruntime.service import Service
from wxruntime.transport import Body, Bytes, HttpResponse
from wxruntime.upload import Form, Upload
from wxruntime.wire import json
from wxruntime.wire.scalars import integer
from wxruntime.wire.types import JsonObject

__all__ = ["Reading", "write_body", "write_url"]

T = TypeVar("T")

_RID = re.compile(r"\brid: *([0-9A-Za-z-]+)")
_PLAIN = re.compile("[A-Za-z0-9_.~-]*")
_SHOWN = 200
"""How many characters of an unexpected answer an error shows."""
_READ = 4096
"""How many bytes of it are looked at for that."""
_DAY = 86400.0


def write_body(call: Call[object]) -> Body | None:
    """Make the body of a call.

    Raises:
        EncodeError: If it holds what the wire cannot, or a file that cannot be read.
    """
    body = call.body
    if body is None:
        return None
    return body.body() if isinstance(body, (Form, Upload)) else Bytes(json.dumps(body))


def write_url(service: Service, base_url: str, call: Call[object], token: Secret | None) -> str:
    """Make the address of a call.

    Raises:
        EncodeError: If a parameter holds what the wire cannot.
    """
    pairs = [_pair(name, value) for name, value in call.query.items()]
    if token is not None:
        pairs.append(_pair(service.token_parameter, token.reveal()))
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return f"{base_url}{call.path}{query}"


def _pair(name: str, value: str) -> str:
    """Write one parameter of a query."""
    if _PLAIN.fullmatch(value) and _PLAIN.fullmatch(name):  # as nearly all are
        return f"{name}={value}"
    try:
        # RFC 3986 allows "@" in a query, and the platform's own examples leave it as it is.
        return f"{quote(name, safe='')}={quote(value, safe='@')}"
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))


class Reading:
    """Reads the answers of one call.

    Errors are returned, not raised: a traceback from here would hold the answer as it came.
    """

    def __init__(
        self, service: Service, operation: str, secrets: Collection[Secret], private: bool
    ):
        """Read answers of a call.

        Args:
            service: Knows the envelope's names and the classes of the codes.
            operation: The call, for the errors.
            secrets: What no error may show.
            private: Whether the answer may be a secret itself, so that no error may show any
                of it.
        """
        self._service = service
        self._operation = operation
        self._secrets = secrets
        self._private = private

    def content(self, call: Call[T], response: HttpResponse) -> T | WeChatError:
        """Return what an answer says, or the error that it means."""
        problem = self._problem(response)
        if problem is not None:
            return problem
        if call.file is not None:
            name, kind = _name(response), response.content_type
            refusal = self._refusal(response, response.body, len(response.body))
            return refusal or call.file(File(response.body, name, kind))
        answer = self._answer(response)
        if isinstance(answer, WeChatError):
            return answer
        try:
            return call.decode(answer)
        except DecodeError as error:
            return DecodeError(error.expected if self._private else error.problem, error.path)

    def saved(self, response: HttpResponse, size: int, held_back: bytes) -> Saved | WeChatError:
        """Return what is known of a file that went elsewhere, or the error that came instead.

        Args:
            response: The answer without its content.
            size: How many bytes of content came.
            held_back: The content, where it could be an error.
        """
        problem = self._problem(response) or self._refusal(response, held_back, size)
        return problem or Saved(size, _name(response), response.content_type)

    def _problem(self, response: HttpResponse) -> WeChatError | None:
        """Return the error that an answer means which is not whole, or not the platform's."""
        if response.status != 200:
            problem = f"{self._operation}: expected status 200, got {self._shown(response)}"
            return HttpError(problem, response.status, _retry_after(response))
        if response.cut:
            return TransportError(f"{self._operation}: {response.cut}; got {self._shown(response)}")
        return None

    def _refusal(self, response: HttpResponse, body: bytes, size: int) -> WeChatError | None:
        """Return the error that came where a file was asked for, with the status of a file."""
        if not size:
            return DecodeError(f"{self._operation}: expected a file, got {self._shown(response)}")
        if not body or len(body) > MAX_REFUSAL or not looks_like_json(body):
            return None
        try:
            answer = json.loads_object(body)
            integer(answer.get(self._service.code), self._service.code)
        except DecodeError:
            return None  # a file that begins like JSON
        outcome = self._taken_off(answer, response)
        return outcome if isinstance(outcome, WeChatError) else None

    def _answer(self, response: HttpResponse) -> JsonObject | WeChatError:
        """Return the answer without its error code, or the error it means."""
        try:
            answer = json.loads_object(response.body)
        except DecodeError as error:
            return self._unreadable(error, response)
        return self._taken_off(answer, response)

    def _taken_off(self, answer: JsonObject, response: HttpResponse) -> JsonObject | WeChatError:
        """Take the error code off an answer."""
        try:
            code = integer(answer.pop(self._service.code, None), self._service.code, 0)
        except DecodeError as error:
            return self._unreadable(error, response)
        message = answer.pop(self._service.message, "")
        if code == 0:
            return answer
        said = self._redacted(message) if isinstance(message, str) else ""
        rid = _RID.search(said)
        kind = self._service.errors.get(code, ApiError)
        return kind(code, said, rid[1] if rid else "", self._operation, _retry_after(response))

    def _unreadable(self, error: DecodeError, response: HttpResponse) -> DecodeError:
        problem = error.expected if self._private else self._redacted(error.problem)
        shown = self._shown(response)
        return DecodeError(f"{self._operation}: {problem}; the answer was {shown}", error.path)

    def _redacted(self, text: str) -> str:
        return redact(text, [secret.reveal() for secret in self._secrets])

    def _shown(self, response: HttpResponse) -> str:
        """Describe an unexpected answer; by its first bytes only where they may be shown."""
        kind = response.content_type or "without a type"
        if self._private:
            return f"{response.status} {kind} of {len(response.body)} bytes"
        text = self._redacted(response.body[:_READ].decode("utf-8", "replace"))
        first = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        return f"{response.status} {kind}: {first!r}"


def _retry_after(response: HttpResponse) -> float | None:
    """Return how long the server asks to be left alone, in seconds, at most a day."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), _DAY)
    try:
        seconds = parsedate_to_datetime(said).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), _DAY)


def _name(response: HttpResponse) -> str:
    """Return the file name that an answer gives, without any folder."""
    header = Message()
    said = response.headers.get("content-disposition", "")
    header["Content-Disposition"] = said.replace("\r", "").replace("\n", "")
    name = header.get_filename() or ""
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()  # the platform sends UTF-8 as it is
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(character for character in last if character.isprintable())
    return "" if printable in (".", "..") else printable

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
from wxruntime.wire.json import MAX_DEPTH
from wxruntime.wire.scalars import integer
from wxruntime.wire.types import JsonObject

__all__ = ["AnswerReader", "write_body", "write_url"]

T = TypeVar("T")

_RID = re.compile(r"\brid: *([0-9A-Za-z-]+)")
_PLAIN = re.compile("[A-Za-z0-9_.~-]*")
_SHOWN = 200
"""How many characters of an unexpected answer an error shows."""
_SAID = 1000
"""How many characters of the platform's own words an error shows."""
_READ = 4096
"""How much of either is looked at for that."""
_NAME = 255
"""How long a file's name may be, in characters."""
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}", re.ASCII)
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
    raw = service.raw_in_query
    pairs = [_pair(name, value, raw) for name, value in call.query.items()]
    if token is not None:
        pairs.append(_pair(service.token_parameter, token.reveal(), raw))
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return f"{base_url}{call.path}{query}"


def _pair(name: str, value: str, raw: str) -> str:
    """Write one parameter of a query."""
    if _PLAIN.fullmatch(value) and _PLAIN.fullmatch(name):  # as nearly all are
        return f"{name}={value}"
    try:
        return f"{quote(name, safe='')}={quote(value, safe=raw)}"
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))


class AnswerReader:
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
            return DecodeError(self._problem_of(error), self._path_of(error))

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
            cut = self._redacted(response.cut)
            return TransportError(f"{self._operation}: {cut}; got {self._shown(response)}")
        return None

    def _refusal(self, response: HttpResponse, body: bytes, size: int) -> WeChatError | None:
        """Return the error that came where a file was asked for, with the status of a file."""
        outcome = self._error_in(body, response)
        if outcome is None and (not size or _media_type(response).lower() == "text/html"):
            shown = self._shown(response, size)
            return DecodeError(f"{self._operation}: expected a file, got {shown}")
        return outcome

    def _error_in(self, body: bytes, response: HttpResponse) -> WeChatError | None:
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
        said = answer.pop(self._service.code, None)
        for other in self._service.also_code:
            said = answer.pop(other, None) if said is None else said
        try:
            code = integer(said, self._service.code, 0)
        except DecodeError as error:
            return self._unreadable(error, response)
        message = answer.pop(self._service.message, "")
        if code == 0:
            return answer
        words = self._redacted(message, _SAID) if isinstance(message, str) else ""
        rid = _RID.search(words)
        kind = self._service.errors.get(code, ApiError)
        return kind(code, words, rid[1] if rid else "", self._operation, _retry_after(response))

    def _unreadable(self, error: DecodeError, response: HttpResponse) -> DecodeError:
        problem, shown = self._problem_of(error), self._shown(response)
        problem = f"{self._operation}: {problem}; the answer was {shown}"
        return DecodeError(problem, self._path_of(error))

    def _problem_of(self, error: DecodeError) -> str:
        return self._redacted(error.expected if self._private else error.problem, _SAID)

    def _path_of(self, error: DecodeError) -> tuple[str | int, ...]:
        steps = error.path[:MAX_DEPTH]
        return tuple(self._redacted(step) if isinstance(step, str) else step for step in steps)

    def _shown(self, response: HttpResponse, size: int | None = None) -> str:
        """Describe an unexpected answer; by its first bytes only where they may be shown.

        Args:
            response: The answer.
            size: How many bytes of content came, where they went elsewhere.
        """
        kind = self._redacted(response.content_type) or "without a type"
        if self._private:
            if response.content_type:
                kind = self._redacted(_media_type(response)) or "of an odd type"
            return f"{response.status} {kind} of {size or len(response.body)} bytes"
        if size and not response.body:
            return f"{response.status} {kind} of {size} bytes"
        text = self._redacted(response.body[:_READ].decode("utf-8", "replace"))
        return f"{response.status} {kind}: {text!r}"

    def _redacted(self, text: str, length: int = _SHOWN) -> str:
        """Return what an error may show of a text that came, or that quotes what came.

        Secrets are masked before it is made short: a piece of one is hard to tell.
        """
        text = redact(text[:_READ], [secret.reveal() for secret in self._secrets])
        return text if len(text) <= length else f"{text[:length]}…"


def _media_type(response: HttpResponse) -> str:
    """Return the media type of an answer without its parameters; empty when it is none."""
    said = response.content_type.partition(";")[0].strip()
    return said if _MEDIA_TYPE.fullmatch(said) else ""


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
    """Return the file name that an answer gives, without any folder or drive."""
    header = Message()
    said = response.headers.get("content-disposition", "")[:_READ]
    header["Content-Disposition"] = said.replace("\r", "").replace("\n", "")
    try:
        name = header.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""  # the standard library reads what is well-formed, and stumbles over the rest
    with suppress(UnicodeError):
        name = name.encode("latin-1").decode()  # the platform sends UTF-8 as it is
    last = re.split(r"[/\\:]", name)[-1]
    printable = "".join(character for character in last if character.isprintable())[:_NAME]
    return "" if printable in (".", "..") else printable

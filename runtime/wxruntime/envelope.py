"""Reading answers: the error code that every answer carries, and the content beside it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeVar

from wxruntime.call import Call
from wxruntime.download import MAX_REFUSAL, File, Saved, looks_like_json
from wxruntime.errors import ApiError, DecodeError, HttpError, TransportError, WeChatError
from wxruntime.headers import MAX_EXAMINED, file_name, media_type, retry_after
from wxruntime.redact import Secret, redact
from wxruntime.service import Service
from wxruntime.transport import HttpResponse
from wxruntime.wire import json
from wxruntime.wire.json import MAX_DEPTH
from wxruntime.wire.scalars import integer
from wxruntime.wire.types import JsonObject

__all__ = ["AnswerReader"]

T = TypeVar("T")

MAX_SHOWN_BODY = 200
"""Characters of an unexpected answer that an error shows at most."""
MAX_SHOWN_MESSAGE = 1000
"""Characters of the platform's own message that an error shows at most."""

_BINARY = re.compile(r"(audio|font|image|video)/|application/(octet-stream|pdf|zip)", re.IGNORECASE)
"""The types of answers that an error does not show, because they are no text."""
_RID = re.compile(r"\brid: *([0-9A-Za-z-]+)")


class AnswerReader:
    """Reads the answers of one call.

    Errors are returned, not raised: the frames of a traceback would show the unread answer.
    """

    def __init__(
        self, service: Service, operation: str, secrets: Collection[Secret], private: bool
    ):
        """Build a reader.

        Args:
            service: The names of the envelope's fields, and the error class of each code.
            operation: The name of the call, shown in errors.
            secrets: Masked in every error.
            private: Whether the answer itself may be secret, so that no error shows any of it.
        """
        self._service = service
        self._operation = operation
        self._secrets = secrets
        self._private = private

    def content(self, call: Call[T], response: HttpResponse) -> T | WeChatError:
        """Return the content of an answer, or the error that it means."""
        error = self._http_error(response)
        if error is not None:
            return error
        if call.file is not None:
            name, kind = file_name(response.headers), response.content_type
            error = self._error_instead_of_file(response, response.body, len(response.body))
            return error or call.file(File(response.body, name, kind))
        answer = self._answer(response)
        if isinstance(answer, WeChatError):
            return answer
        try:
            return call.decode(answer)
        except DecodeError as undecoded:
            path = self._path_of(undecoded)
            return DecodeError(self._problem_of(undecoded), path, self._operation)

    def saved(self, response: HttpResponse, size: int, held_back: bytes) -> Saved | WeChatError:
        """Return what is known of a file that was written, or the error that came instead.

        Args:
            response: The answer without its content.
            size: The bytes of content that came.
            held_back: The content, if it may be an error in JSON; empty otherwise.
        """
        error = self._http_error(response)
        error = error or self._error_instead_of_file(response, held_back, size)
        return error or Saved(size, file_name(response.headers), response.content_type)

    def _http_error(self, response: HttpResponse) -> WeChatError | None:
        """Return an error for a non-200 status or a truncated body; None otherwise."""
        if response.status != 200:
            problem = f"{self._operation}: expected status 200, got {self._shown(response)}"
            return HttpError(problem, response.status, retry_after(response.headers))
        if response.cut:
            cut = self._redacted(response.cut)
            return TransportError(f"{self._operation}: {cut}; got {self._shown(response)}")
        return None

    def _error_instead_of_file(
        self, response: HttpResponse, body: bytes, size: int
    ) -> WeChatError | None:
        """Return the error that came with status 200 in the place of a file; None for a file."""
        error = self._error_in(body, response)
        if error is not None:
            return error
        if size and media_type(response.content_type).lower() != "text/html":
            return None
        shown = self._shown(response, size)
        return DecodeError(f"expected a file, got {shown}", operation=self._operation)

    def _error_in(self, body: bytes, response: HttpResponse) -> WeChatError | None:
        if not body or len(body) > MAX_REFUSAL or not looks_like_json(body):
            return None
        try:
            answer = json.loads_object(body)
            integer(answer.get(self._service.code), self._service.code)
        except DecodeError:
            return None  # the file itself begins like JSON
        outcome = self._split_code(answer, response)
        return outcome if isinstance(outcome, WeChatError) else None

    def _answer(self, response: HttpResponse) -> JsonObject | WeChatError:
        """Return a JSON answer without its error code, or the error that the code means."""
        try:
            answer = json.loads_object(response.body)
        except DecodeError as error:
            return self._unreadable(error, response)
        return self._split_code(answer, response)

    def _split_code(self, answer: JsonObject, response: HttpResponse) -> JsonObject | WeChatError:
        """Return the answer without its error code, or the error that the code means."""
        value = answer.pop(self._service.code, None)
        for other in self._service.also_code:
            value = answer.pop(other, None) if value is None else value
        try:
            code = integer(value, self._service.code, 0)
        except DecodeError as error:
            return self._unreadable(error, response)
        message = answer.pop(self._service.message, "")
        if code == 0:
            return answer
        shown = self._redacted(message, MAX_SHOWN_MESSAGE) if isinstance(message, str) else ""
        rid = _RID.search(shown)
        kind = self._service.errors.get(code, ApiError)
        wait = retry_after(response.headers)
        return kind(code, shown, rid[1] if rid else "", self._operation, wait)

    def _unreadable(self, error: DecodeError, response: HttpResponse) -> DecodeError:
        problem = f"{self._problem_of(error)}; the answer was {self._shown(response)}"
        return DecodeError(problem, self._path_of(error), self._operation)

    def _problem_of(self, error: DecodeError) -> str:
        return self._redacted(error.expected if self._private else error.problem, MAX_SHOWN_MESSAGE)

    def _path_of(self, error: DecodeError) -> tuple[str | int, ...]:
        steps = error.path[:MAX_DEPTH]
        return tuple(self._redacted(step) if isinstance(step, str) else step for step in steps)

    def _shown(self, response: HttpResponse, size: int | None = None) -> str:
        """Describe an unexpected answer, by its first bytes if they may be shown.

        Args:
            response: The answer.
            size: The bytes of content that came, if they were written to a file.
        """
        kind = self._redacted(response.content_type) or "without a type"
        if self._private:
            if response.content_type:
                kind = self._redacted(media_type(response.content_type)) or "of an odd type"
            return f"{response.status} {kind} of {size or len(response.body)} bytes"
        if (size and not response.body) or _BINARY.match(media_type(response.content_type)):
            return f"{response.status} {kind} of {size or len(response.body)} bytes"
        text = self._redacted(response.body[:MAX_EXAMINED].decode("utf-8", "replace"))
        return f"{response.status} {kind}: {text!r}"

    def _redacted(self, text: str, length: int = MAX_SHOWN_BODY) -> str:
        """Return the part of an untrusted text that an error may show.

        Secrets are masked before the text is shortened: a piece of a secret cannot be recognized.
        """
        text = redact(text[:MAX_EXAMINED], [secret.reveal() for secret in self._secrets])
        return text if len(text) <= length else f"{text[:length]}…"

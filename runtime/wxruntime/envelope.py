"""The envelope: how a call becomes a request, and what an answer says before its content."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote

from wxruntime.call import Call
from wxruntime.errors import ApiError, DecodeError, EncodeError, HttpError, WeChatError
from wxruntime.redact import Secret, redact
from wxruntime.service import Service
from wxruntime.transport import HttpRequest, HttpResponse
from wxruntime.wire import json
from wxruntime.wire.scalars import integer
from wxruntime.wire.types import JsonObject

__all__ = ["read_answer", "write_request"]

_RID = re.compile(r"\brid: *([0-9A-Za-z-]+)")
_SHOWN = 200
"""How many characters of an unexpected answer an error shows."""
_READ = 4096
"""How many bytes of it are looked at for that."""


def write_request(
    service: Service, base_url: str, call: Call[object], token: Secret | None
) -> HttpRequest:
    """Make the HTTP request of a call.

    Raises:
        EncodeError: If a parameter holds what the wire cannot.
    """
    body = None if call.body is None else json.dumps(call.body)
    pairs = [_pair(name, value) for name, value in call.query.items()]
    if token is not None:
        pairs.append(_pair(service.token_parameter, token.reveal()))
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return HttpRequest(call.method, f"{base_url}{call.path}{query}", body)


def _pair(name: str, value: str) -> str:
    """Write one parameter of a query."""
    try:
        # RFC 3986 allows "@" in a query, and the platform's own examples leave it as it is.
        return f"{quote(name, safe='')}={quote(value, safe='@')}"
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))


def read_answer(
    service: Service,
    operation: str,
    response: HttpResponse,
    secrets: Collection[Secret],
    *,
    private: bool = False,
) -> JsonObject:
    """Take the envelope off an answer.

    Args:
        service: Knows the envelope's names and the classes of the codes.
        operation: The call, for the error.
        response: What came.
        secrets: What no error may show.
        private: Whether the answer may be a secret itself, so that no error may show any of it.

    Returns:
        The answer without its error code.

    Raises:
        ApiError: If the platform answered with an error code.
        HttpError: If the status is not 200.
        DecodeError: If the body is not a JSON object.
    """
    outcome = _outcome(service, operation, response, secrets, private)
    if isinstance(outcome, WeChatError):
        # Raised here and not where it was found, beside the answer as it came.
        raise outcome
    return outcome


def _outcome(
    service: Service,
    operation: str,
    response: HttpResponse,
    secrets: Collection[Secret],
    private: bool,
) -> JsonObject | WeChatError:
    """Return the answer without its error code, or the error it means."""
    if response.status != 200:
        shown = _shown(response, secrets, private)
        return HttpError(f"{operation}: expected status 200, got {shown}", response.status)
    try:
        answer = json.loads_object(response.body)
        code = integer(answer.pop(service.code, None), service.code, 0)
    except DecodeError as error:
        problem = error.expected if private else _redacted(error.problem, secrets)
        shown = _shown(response, secrets, private)
        return DecodeError(f"{operation}: {problem}; the answer was {shown}", error.path)
    message = answer.pop(service.message, "")
    if code == 0:
        return answer
    said = _redacted(message, secrets) if isinstance(message, str) else ""
    rid = _RID.search(said)
    return service.errors.get(code, ApiError)(code, said, rid[1] if rid else "", operation)


def _redacted(text: str, secrets: Collection[Secret]) -> str:
    return redact(text, [secret.reveal() for secret in secrets])


def _shown(response: HttpResponse, secrets: Collection[Secret], private: bool) -> str:
    """Describe an unexpected answer; by its first bytes only where they may be shown."""
    kind = response.content_type or "without a type"
    if private:
        return f"{response.status} {kind} of {len(response.body)} bytes"
    text = _redacted(response.body[:_READ].decode("utf-8", "replace"), secrets)
    first = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{response.status} {kind}: {first!r}"

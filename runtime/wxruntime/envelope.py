"""The envelope: how a call becomes a request, and what an answer says before its content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from wxruntime.call import Call
from wxruntime.errors import ApiError, DecodeError, HttpError
from wxruntime.redact import redact
from wxruntime.service import Service
from wxruntime.transport import HttpRequest, HttpResponse
from wxruntime.wire import json
from wxruntime.wire.scalars import integer
from wxruntime.wire.types import JsonObject

__all__ = ["read_answer", "write_request"]

_RID = re.compile(r"\brid: *([0-9A-Za-z-]+)")
_SHOWN = 200


def write_request(
    service: Service, base_url: str, call: Call[object], token: str | None
) -> HttpRequest:
    """Make the HTTP request of a call."""
    query = dict(call.query)
    if token is not None:
        query[service.token_parameter] = token
    # RFC 3986 allows "@" in a query, and the platform's own examples leave it as it is.
    pairs = "&".join(f"{quote(k, safe='')}={quote(v, safe='@')}" for k, v in query.items())
    url = f"{base_url}{call.path}?{pairs}" if pairs else f"{base_url}{call.path}"
    return HttpRequest(call.method, url, None if call.body is None else json.dumps(call.body))


def read_answer(
    service: Service, operation: str, response: HttpResponse, secrets: Iterable[str]
) -> JsonObject:
    """Take the envelope off an answer.

    Args:
        service: Knows the envelope's names and the classes of the codes.
        operation: The call, for the error.
        response: What came.
        secrets: What no error may show.

    Returns:
        The answer without its error code.

    Raises:
        ApiError: If the platform answered with an error code.
        HttpError: If the status is not 200.
        DecodeError: If the body is not a JSON object.
    """
    if response.status != 200:
        raise HttpError(
            f"{operation}: expected status 200, got {_shown(response, secrets)}", response.status
        )
    try:
        answer = json.loads_object(response.body)
        code = integer(answer.pop(service.code, None), service.code, 0)
    except DecodeError as error:
        problem = f"{operation}: {error.problem}; the answer was {_shown(response, secrets)}"
        path = error.path
    else:
        message = answer.pop(service.message, "")
        if code == 0:
            return answer
        said = redact(message if isinstance(message, str) else "", secrets)
        rid = _RID.search(said)
        raise service.errors.get(code, ApiError)(code, said, rid[1] if rid else "", operation)
    raise DecodeError(problem, path)


def _shown(response: HttpResponse, secrets: Iterable[str]) -> str:
    """Describe an unexpected answer by its status, its type and its first bytes."""
    text = redact(response.body.decode("utf-8", "replace"), secrets)
    first = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"{response.status} {response.content_type or 'without a type'}: {first!r}"

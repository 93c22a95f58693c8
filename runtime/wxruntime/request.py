"""Writing requests: the body and the address of a call."""

from __future__ import annotations

import re
from urllib.parse import quote

from wxruntime.call import Call
from wxruntime.errors import EncodeError
from wxruntime.redact import Secret
from wxruntime.service import Service
from wxruntime.transport import Body, Bytes
from wxruntime.upload import Form, Upload
from wxruntime.wire import json
from wxruntime.wire.scalars import utf8

__all__ = ["write_body", "write_target", "write_url"]

_UNRESERVED = re.compile("[A-Za-z0-9_.~-]*")


def write_body(call: Call[object]) -> Body | None:
    """Write the body of a call.

    Args:
        call: The call.

    Returns:
        The body; None if the call has none.

    Raises:
        EncodeError: If it holds a value that JSON or UTF-8 cannot, or a file that cannot be read.
    """
    body = call.body
    try:
        if body is None:
            return None
        return body.body() if isinstance(body, (Form, Upload)) else Bytes(json.dumps(body))
    except EncodeError as error:
        failure = EncodeError(error.problem, error.path, call.operation)
    raise failure


def write_target(service: Service, call: Call[object]) -> str:
    """Write the path of a call and its query, without the access token.

    Args:
        service: The facts of the service.
        call: The call.

    Raises:
        EncodeError: If a parameter is no text, or text that UTF-8 cannot hold.
    """
    raw = service.raw_in_query
    try:
        query = "&".join(_pair(name, value, raw) for name, value in call.query.items())
    except EncodeError as error:
        failure = EncodeError(error.problem, error.path, call.operation)
    else:
        return f"{call.path}?{query}" if query else call.path
    raise failure


def write_url(service: Service, base_url: str, target: str, token: Secret | None) -> str:
    """Write the address of a request.

    Args:
        service: The facts of the service.
        base_url: The host to send the request to, as `https://host`.
        target: The path and its query.
        token: The access token; None for a call that needs none.
    """
    if token is None:
        return f"{base_url}{target}"
    mark = "&" if "?" in target else "?"
    pair = _pair(service.token_parameter, token.reveal(), service.raw_in_query)
    return f"{base_url}{target}{mark}{pair}"


def _pair(name: str, value: object, raw: str) -> str:
    """Write one parameter of a query."""
    # Quoting changes nothing of most texts.
    if isinstance(value, str) and _UNRESERVED.fullmatch(value) and _UNRESERVED.fullmatch(name):
        return f"{name}={value}"
    return f"{quote(utf8(name, name), safe='')}={quote(utf8(value, name), safe=raw)}"

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

__all__ = ["write_body", "write_url"]

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
    if body is None:
        return None
    return body.body() if isinstance(body, (Form, Upload)) else Bytes(json.dumps(body))


def write_url(service: Service, base_url: str, call: Call[object], token: Secret | None) -> str:
    """Write the address of a call, with its query.

    Args:
        service: The facts of the service.
        base_url: The host to send the call to, as `https://host`.
        call: The call.
        token: The access token; None for a call that needs none.

    Raises:
        EncodeError: If a parameter holds text that UTF-8 cannot.
    """
    raw = service.raw_in_query
    pairs = [_pair(name, value, raw) for name, value in call.query.items()]
    if token is not None:
        pairs.append(_pair(service.token_parameter, token.reveal(), raw))
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return f"{base_url}{call.path}{query}"


def _pair(name: str, value: str, raw: str) -> str:
    """Write one parameter of a query."""
    if _UNRESERVED.fullmatch(value) and _UNRESERVED.fullmatch(name):  # quoting changes nothing
        return f"{name}={value}"
    try:
        return f"{quote(name, safe='')}={quote(value, safe=raw)}"
    except UnicodeEncodeError as error:
        problem = f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    raise EncodeError(problem, (name,))

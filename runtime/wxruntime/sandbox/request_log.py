"""The latest requests that the local WeChat refused, for `base.get_rid` to look up by rid."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from urllib.parse import quote

from attrs import define, field, frozen

from wxruntime.httpd import Incoming
from wxruntime.redact import MASK, redact
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.tokens import LOOK

__all__ = ["RefusedRequest", "RefusedRequests", "new_rid"]

KEPT = 300
"""How many requests are kept; the oldest is dropped first."""
LIFETIME = 7 * 86400
"""How long a request can be looked up, in seconds."""
MAX_SHOWN = 2000
"""How many characters of a query or a body are kept."""
MAX_BODY = 1 << 16
"""The largest body that is kept, in bytes; of a larger one, only the size and the type are kept."""
_FORM = re.compile(r"[0-9a-f]{4,16}(-[0-9a-f]{4,16}){1,3}")

RID_NOT_FOUND = 76001
INVALID_RID = 76002


@frozen
class RefusedRequest:
    """One request that was refused, with its secrets masked."""

    time: int
    """When it came, in Unix seconds."""
    query: str
    body: str
    response: str


def new_rid(now: float) -> str:
    """Return a rid in the platform's form: the time and two random parts, all in hexadecimal."""
    return f"{int(now):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


@define
class RefusedRequests:
    """The latest refused requests, by their rids."""

    secret: str = field(repr=False)
    """The AppSecret, which is masked wherever it occurs in a request."""
    _kept: OrderedDict[str, RefusedRequest] = field(
        factory=OrderedDict[str, RefusedRequest], repr=False
    )

    def keep(self, rid: str, now: float, incoming: Incoming, response: str) -> None:
        """Keep a request, and drop the oldest if there are too many."""
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in incoming.query.items())
        # Masked before it is cut: half a secret would not be recognized.
        query, body = self._masked(query)[:MAX_SHOWN], self._masked(_body(incoming))[:MAX_SHOWN]
        self._kept[rid] = RefusedRequest(int(now), query, body, response)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def find(self, rid: str, now: float) -> RefusedRequest:
        """Return a request by its rid.

        Raises:
            Refusal: If the rid is malformed, unknown, or too old.
        """
        if not _FORM.fullmatch(rid):
            raise Refusal(INVALID_RID)
        request = self._kept.get(rid)
        if request is None or now - request.time >= LIFETIME:
            raise Refusal(RID_NOT_FOUND)
        return request

    def _masked(self, text: str) -> str:
        # By its form: ended tokens are not kept, but a caller may still send one.
        return redact(LOOK.sub(MASK, text), [self.secret])


def _body(incoming: Incoming) -> str:
    kind = incoming.content_type.partition(";")[0]
    if kind == "multipart/form-data" or len(incoming.body) > MAX_BODY:
        return f"<{len(incoming.body)} bytes of {kind}>"
    return incoming.body.decode("utf-8", "replace")

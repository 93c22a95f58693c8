"""What the local WeChat keeps of the requests it refused, to be asked for by their rids."""

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

__all__ = ["Record", "Records", "new_rid"]

KEPT = 300
"""How many requests are remembered."""
LIFETIME = 7 * 86400
"""How long a request is remembered, in seconds."""
SHOWN = 2000
"""How many characters of a query or a body are remembered."""
READ = 1 << 16
"""How large a body may be that is looked at for that, in bytes."""
_FORM = re.compile(r"[0-9a-f]{4,16}(-[0-9a-f]{4,16}){1,3}")

RID_NOT_FOUND = 76001
INVALID_RID = 76002


@frozen
class Record:
    """One request that was refused, without its secrets."""

    time: int
    """When it came, in Unix seconds."""
    query: str
    body: str
    response: str


def new_rid(now: float) -> str:
    """Make a rid as the platform's look: the time, and something random."""
    return f"{int(now):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


@define
class Records:
    """The latest refused requests."""

    secret: str = field(repr=False)
    """What stands in no record, whatever its name."""
    _kept: OrderedDict[str, Record] = field(factory=OrderedDict[str, Record], repr=False)

    def keep(self, rid: str, now: float, incoming: Incoming, response: str) -> None:
        """Remember a request, and forget the oldest."""
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in incoming.query.items())
        # Cut only then: half a secret would not be known for one.
        query, body = self._masked(query)[:SHOWN], self._masked(_body(incoming))[:SHOWN]
        self._kept[rid] = Record(int(now), query, body, response)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def find(self, rid: str, now: float) -> Record:
        """Return what is remembered of a request."""
        if not _FORM.fullmatch(rid):
            raise Refusal(INVALID_RID)
        record = self._kept.get(rid)
        if record is None or now - record.time >= LIFETIME:
            raise Refusal(RID_NOT_FOUND)
        return record

    def _masked(self, text: str) -> str:
        # By its look: nobody remembers the tokens that ended, and some caller may go on with one.
        return redact(LOOK.sub(MASK, text), [self.secret])


def _body(incoming: Incoming) -> str:
    kind = incoming.content_type.partition(";")[0]
    if kind == "multipart/form-data" or len(incoming.body) > READ:
        return f"<{len(incoming.body)} bytes of {kind}>"
    return incoming.body.decode("utf-8", "replace")

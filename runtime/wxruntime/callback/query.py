"""Reading the query of a delivery, in which each name may stand only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from wxruntime.errors import SignatureError

__all__ = ["Query", "read_query"]

Query: TypeAlias = "str | bytes | Mapping[str, str]"
"""The query as a server passes it: as text, as bytes, or as a mapping."""

_LONGEST = 4096
"""Characters of a query at most; those of the platform have about 250."""
_MOST = 32


def read_query(query: Query) -> Mapping[str, str]:
    """Return the parameters of a query.

    Raises:
        SignatureError: If it cannot come from the platform: it is too long, or has a name twice,
            so that it is not known which value was signed.
    """
    if isinstance(query, Mapping):
        return query
    text = query if isinstance(query, str) else query.decode("latin-1")
    if len(text) > _LONGEST:
        raise SignatureError(f"expected a query of at most {_LONGEST} characters, got {len(text)}")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST)
    except ValueError:
        raise SignatureError(f"expected at most {_MOST} names in the query, got more") from None
    names = dict(pairs)
    if len(names) < len(pairs):
        raise SignatureError("expected each name in the query once")
    return names

"""The query of a delivery: which names it has, each of them once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from wxruntime.errors import SignatureError

__all__ = ["Query", "read_query"]

Query: TypeAlias = "str | bytes | Mapping[str, str]"
"""As a server gives it: as it came, or taken apart."""

_LONGEST = 4096
"""How long a query may be, in characters; the platform's have about 250."""
_MOST = 32


def read_query(query: Query) -> Mapping[str, str]:
    """Take a query apart.

    Raises:
        SignatureError: If it is not one of the platform's; which of two values was signed, for
            example, would be a guess.
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

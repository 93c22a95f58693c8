"""What the platform's codes mean to a desk."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCOUNT_UNAVAILABLE", "ALREADY_TYPING", "INVALID_OPENID", "SERVED_BY_ANOTHER"]

SERVED_BY_ANOTHER: Final = frozenset({61458, 65414})
"""Another account serves this customer."""
ACCOUNT_UNAVAILABLE: Final = frozenset({61452, 61459, 65401, 65402, 65415})
"""Nobody can serve under this account now: it is gone, nobody's, or offline."""
INVALID_OPENID: Final = 40003
"""The account knows no such customer."""
ALREADY_TYPING: Final = 45081
"""The customer sees that somebody types already."""

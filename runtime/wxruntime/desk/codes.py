"""What the platform's error codes mean to a desk."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCOUNT_UNAVAILABLE", "ALREADY_TYPING", "INVALID_OPENID", "SERVED_BY_ANOTHER"]

SERVED_BY_ANOTHER: Final = frozenset({61458, 65414})
"""Another account already serves the customer."""
ACCOUNT_UNAVAILABLE: Final = frozenset({61452, 61459, 65401, 65402, 65415})
"""The account cannot serve now: it does not exist, has no agent, or is offline."""
INVALID_OPENID: Final = 40003
"""The platform knows no customer by this openid."""
ALREADY_TYPING: Final = 45081
"""The customer already sees the typing state."""

"""What the platform's answers mean to a desk, and what it means that there is none."""

from __future__ import annotations

from typing import Final

from wxruntime.errors import ApiError, DecodeError, TransportError, WeChatError

__all__ = [
    "ACCOUNT_UNAVAILABLE",
    "ALREADY_TYPING",
    "INVALID_OPENID",
    "NO_CONVERSATION",
    "SERVED_BY_ANOTHER",
    "may_be_done",
    "may_be_under_way",
]

SERVED_BY_ANOTHER: Final = frozenset({61458, 65414})
"""Another account already serves the customer."""
NO_CONVERSATION: Final = 65413
"""No account serves the customer."""
ACCOUNT_UNAVAILABLE: Final = frozenset({61452, 61459, 65401, 65402, 65415})
"""The account cannot serve now: it does not exist, has no agent, or is offline."""
INVALID_OPENID: Final = 40003
"""The platform knows no customer by this openid."""
ALREADY_TYPING: Final = 45081
"""The customer already sees the typing state."""


def may_be_done(error: WeChatError) -> bool:
    """Return whether the platform may have carried out a call that failed.

    Its answer may be missing or unreadable, or it is a code after which the call may be repeated.
    """
    if isinstance(error, ApiError):
        return error.retryable
    return isinstance(error, DecodeError) or may_be_under_way(error)


def may_be_under_way(error: WeChatError) -> bool:
    """Return whether the platform may carry out a call that failed even later.

    It may if the call was sent and not answered, or if something in between answered: a gateway
    that lost patience, for example.
    """
    return isinstance(error, TransportError) and error.sent

"""The signature of a push in plain mode.

It covers the token, the time and the nonce, not the body: it says that the sender knows the
token, and no more.

Source: https://developers.weixin.qq.com/doc/oplatform/developers/dev/push
"""

from __future__ import annotations

import hmac
from hashlib import sha1

from wxruntime.errors import SignatureError

__all__ = ["sign", "verify"]


def sign(token: str, timestamp: str, nonce: str) -> str:
    """Sign a push.

    Args:
        token: The callback token, shared with the platform.
        timestamp: Unix seconds, in digits.
        nonce: Any text, different each time.

    Returns:
        40 hexadecimal digits.
    """
    return sha1(
        "".join(sorted((token, timestamp, nonce))).encode(), usedforsecurity=False
    ).hexdigest()


def verify(token: str, signature: str, timestamp: str, nonce: str) -> None:
    """Check the signature of a push, in constant time.

    Raises:
        SignatureError: If the push was not signed with this token.
    """
    try:
        expected = sign(token, timestamp, nonce)
    except UnicodeEncodeError:
        raise SignatureError("the signature does not fit the callback token") from None
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
        raise SignatureError("the signature does not fit the callback token")

"""The signatures of a push.

The plain one covers the callback token, the time and the nonce, not the body: it says that the
sender knows the token, and no more. The one of an encrypted push covers the encrypted content
as well.

Source: https://developers.weixin.qq.com/doc/oplatform/developers/dev/push
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha1

from wxruntime.errors import SignatureError
from wxruntime.redact import Secret

__all__ = ["sign", "verify"]


def sign(token: str, *signed: str) -> str:
    """Sign a push.

    Args:
        token: The callback token, shared with the platform.
        signed: The timestamp and the nonce, and of an encrypted push the encrypted content.

    Returns:
        40 hexadecimal digits.
    """
    return sha1("".join(sorted((token, *signed))).encode(), usedforsecurity=False).hexdigest()


def verify(tokens: Iterable[Secret], signature: str, *signed: str) -> Secret:
    """Check the signature of a push, in a time that does not depend on what is secret.

    Args:
        tokens: The callback tokens that count; each is tried, whichever fits.
        signature: What came as the signature.
        signed: What it is to cover beside the token.

    Returns:
        The token that it was signed with.

    Raises:
        SignatureError: If the push was signed with none of these tokens.
    """
    came = signature.encode("utf-8", "surrogatepass")
    fitting: Secret | None = None
    try:
        for token in tokens:
            if hmac.compare_digest(sign(token.reveal(), *signed).encode(), came):
                fitting = token
    except UnicodeEncodeError:  # what was signed is no text that anybody could sign
        fitting = None
    if fitting is None:
        raise SignatureError("the signature does not fit the callback token")
    return fitting

"""The signatures of a push.

The plain signature covers the callback token, the time and the nonce, but not the body: it only
proves that the sender knows the token. The signature of an encrypted push also covers the encrypted
content.

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
        signed: The timestamp, the nonce, and for an encrypted push the encrypted content.

    Returns:
        40 hexadecimal digits.
    """
    return sha1("".join(sorted((token, *signed))).encode(), usedforsecurity=False).hexdigest()


def verify(tokens: Iterable[Secret], signature: str, *signed: str) -> Secret:
    """Check the signature of a push, in a time that does not depend on any secret.

    Args:
        tokens: The valid callback tokens; all of them are tried, even after a match.
        signature: The signature to check.
        signed: The texts that it covers besides the token.

    Returns:
        The token that the push was signed with.

    Raises:
        SignatureError: If the push was signed with none of the tokens.
    """
    came = signature.encode("utf-8", "surrogatepass")
    fitting: Secret | None = None
    try:
        for token in tokens:
            if hmac.compare_digest(sign(token.reveal(), *signed).encode(), came):
                fitting = token
    except UnicodeEncodeError:  # text that UTF-8 cannot hold cannot have been signed
        fitting = None
    if fitting is None:
        raise SignatureError("the signature does not fit the callback token")
    return fitting

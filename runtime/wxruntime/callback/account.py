"""The settings that an account's pushes are checked with: callback tokens, AES keys, AppIDs."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, cast

from attrs import frozen

from wxruntime.errors import SignatureError
from wxruntime.redact import Secret

if TYPE_CHECKING:
    from wxruntime.callback.crypto import AesKey

__all__ = ["Account"]


@frozen
class Account:
    """The callback settings of an account; the current value stands before the replaced one."""

    tokens: tuple[Secret, ...]
    keys: tuple[AesKey, ...]
    """The EncodingAESKeys; empty if pushes are not encrypted."""
    app_ids: tuple[str, ...]

    @classmethod
    def of(
        cls,
        tokens: Sequence[Secret],
        keys: Sequence[Secret],
        app_id: str | Collection[str],
    ) -> Account:
        """Check what an account is given.

        Args:
            tokens: The callback tokens.
            keys: The EncodingAESKeys.
            app_id: The AppIDs whose encrypted pushes are accepted.

        Raises:
            ValueError: If one of them cannot be right.
            ImportError: If there is a key, and cryptography is not installed.
        """
        _check("token", tokens)
        _check("encoding_aes_key", keys)
        if not tokens or not all(token.reveal() for token in tokens):
            raise ValueError("token: expected the callback token of the account's settings")
        app_ids = (app_id,) if isinstance(app_id, str) else tuple(app_id)
        if any(map(_half_a_pair, app_ids)):
            raise ValueError("app_id: expected text that UTF-8 can hold")
        if keys and not all((app_ids, *app_ids)):
            raise ValueError(
                "app_id: expected the account's AppID beside encoding_aes_key: an encrypted push "
                "contains an AppID, which has to be checked"
            )
        return cls(tuple(tokens), tuple(map(_ready, keys)), app_ids)

    def decrypt(self, encrypted: str) -> tuple[bytes, AesKey, str]:
        """Decrypt a push with the key that fits.

        Returns:
            The content, the key, and the AppID.

        Raises:
            SignatureError: If no key fits, or the push is for another AppID.
        """
        sound = False
        for key in self.keys:
            opened = key.open(encrypted)
            ours = ""
            for app_id in self.app_ids:
                if hmac.compare_digest(app_id.encode(), opened.app_id):
                    ours = app_id
            if opened.sound and ours:
                return opened.content, key, ours
            sound |= opened.sound
        raise SignatureError(_FOREIGN if sound else _NOT_OURS)


_NOT_OURS = "the content cannot be decrypted with the configured EncodingAESKey"
_FOREIGN = (
    "the encrypted content is for another AppID than the configured ones; the pushes of a "
    "third-party platform contain that platform's own AppID"
)


def _check(name: str, secrets: Sequence[Secret]) -> None:
    for secret in secrets:
        problem = _problem(secret)
        if isinstance(problem, TypeError):
            raise TypeError(f"{name}: {problem}")
        if problem is not None:
            raise ValueError(f"{name}: {problem}")


def _problem(secret: Secret) -> Exception | None:
    """Return what is wrong with a secret; if raised here, the frame would show the secret."""
    value = cast("object", secret.reveal())  # the caller may not use a type checker
    if not isinstance(value, str):
        return TypeError(f"expected text, got {type(value).__name__}")
    if value != value.strip():
        return ValueError("expected no white space around it; was it read from a file?")
    return ValueError("expected text that UTF-8 can hold") if _half_a_pair(value) else None


def _half_a_pair(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _ready(encoding_aes_key: Secret) -> AesKey:
    from wxruntime.callback.crypto import AesKey

    return AesKey(encoding_aes_key)

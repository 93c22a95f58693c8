"""The encryption of pushes and of the replies to them.

AES-256 in CBC mode, with the first half of the key as the initialization vector and PKCS#7 padding
to blocks of 32 bytes. The plaintext is: 16 random bytes, the length of the content, the content,
and the AppID.

Source: https://developers.weixin.qq.com/doc/oplatform/developers/dev/push/encryption.md
"""

from __future__ import annotations

import base64
import binascii
import os
import re

from attrs import field, frozen

from wxruntime.errors import SignatureError
from wxruntime.redact import Secret
from wxruntime.settings import InvalidSetting

try:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "cryptography":
        raise
    raise ImportError(
        "encrypted pushes need cryptography, which is not installed: pip install 'wxoa[crypto]'",
        name="cryptography",
    ) from None

__all__ = ["AesKey", "Opened"]

_KEY = re.compile("[A-Za-z0-9+/]{43}")
_BLOCK = 32
_RANDOM = 16
_HEAD = _RANDOM + 4
_NOT_OURS = "the content cannot be decrypted with the configured EncodingAESKey"
_ONES = int.from_bytes(b"\1" * _BLOCK, "big")
_TAILS = tuple((1 << 8 * min(count, _BLOCK)) - 1 for count in range(256))
"""Number of padding bytes → the mask of their places in the last block."""


class AesKey:
    """An EncodingAESKey, ready for use; no repr shows it."""

    __slots__ = ("_cipher", "_padding")

    def __init__(self, encoding_aes_key: Secret) -> None:
        """Read a key.

        Args:
            encoding_aes_key: The 43 characters from the account's settings.

        Raises:
            InvalidSetting: If it is no such key; the error does not show it.
        """
        if not _KEY.fullmatch(encoding_aes_key.reveal()):
            raise InvalidSetting(
                "encoding_aes_key",
                "expected 43 letters and digits, as the account's settings have it, got "
                f"{len(encoding_aes_key.reveal())} characters",
            )
        key = base64.b64decode(encoding_aes_key.reveal() + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._padding = PKCS7(_BLOCK * 8)

    def encrypt(self, content: bytes, app_id: str) -> str:
        """Encrypt a push or a reply.

        Args:
            content: The push or the reply.
            app_id: The AppID of the account.

        Returns:
            The encrypted content, in base64.
        """
        head = os.urandom(_RANDOM) + len(content).to_bytes(4, "big")
        padder = self._padding.padder()
        padded = padder.update(head + content + app_id.encode()) + padder.finalize()
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode("ascii")

    def decrypt(self, encrypted: str) -> tuple[bytes, bytes]:
        """Decrypt a push or a reply.

        Args:
            encrypted: The encrypted content, in base64.

        Returns:
            The content, and the AppID in it, which still has to be checked.

        Raises:
            SignatureError: If it was not encrypted with this key; the message is always the same.
        """
        opened = self.open(encrypted)
        if not opened.sound:
            raise SignatureError(_NOT_OURS)
        return opened.content, opened.app_id

    def open(self, encrypted: str) -> Opened:
        """Decrypt a push or a reply in a time that does not reveal where an error is.

        Args:
            encrypted: The encrypted content, in base64.

        Returns:
            The plaintext, and whether it is valid.

        Raises:
            SignatureError: If it is not base64 of whole blocks, and so not encrypted with any key.
        """
        try:
            sealed = base64.b64decode(encrypted, validate=True)
        except (ValueError, binascii.Error):
            sealed = b""
        if not sealed or len(sealed) % _BLOCK:
            raise SignatureError(_NOT_OURS)
        decryptor = self._cipher.decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        # No exception and no branch before everything is checked: an attacker who knows the token
        # but not the key could learn from the time at which step a forged content fails.
        count = padded[-1]
        sound = not (int.from_bytes(padded[-_BLOCK:], "big") ^ count * _ONES) & _TAILS[count]
        opened = padded[: len(padded) - count]
        length = int.from_bytes(opened[_RANDOM:_HEAD], "big")
        sound &= 0 < count <= _BLOCK
        sound &= _HEAD + length <= len(opened)
        return Opened(sound, opened[_HEAD : _HEAD + length], opened[_HEAD + length :])


@frozen
class Opened:
    """The result of decrypting with a key."""

    sound: bool
    """Whether it was encrypted with this key; if not, the other fields are meaningless."""
    content: bytes = field(repr=False)
    app_id: bytes
    """The AppID in it, which still has to be checked."""

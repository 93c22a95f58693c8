"""A captured push, decrypted if it is encrypted."""

from __future__ import annotations

import os
from argparse import Namespace

from wxruntime.commands.environment import AES_KEY, APP_ID
from wxruntime.commands.errors import WrongArgument, naming_options
from wxruntime.commands.parser import Options
from wxruntime.commands.secret import add_secret_option, offered_secret, source_of
from wxruntime.errors import SignatureError
from wxruntime.redact import Secret
from wxruntime.wire import JsonObject, document
from wxruntime.wire.document import form_of

__all__ = ["add_key_options", "given_key", "opened", "source_of_key"]

_OPTION = "encoding-aes-key"


def add_key_options(options: Options) -> None:
    """Add the options of encrypted pushes."""
    add_secret_option(options, _OPTION, AES_KEY, "The EncodingAESKey.", asked_for=False)
    options.add_argument(
        "--app-id", default=os.environ.get(APP_ID) or None,
        help=f"whose pushes they are (default: the variable {APP_ID})",
    )  # fmt: skip


def given_key(options: Namespace) -> Secret | None:
    """Return the EncodingAESKey that was given, without asking for one."""
    return offered_secret(AES_KEY, options.encoding_aes_key_file)


def source_of_key(options: Namespace) -> str:
    """Name the EncodingAESKey and where it came from, for the error of one that cannot work."""
    return source_of("EncodingAESKey", AES_KEY, options.encoding_aes_key_file)


def opened(content: bytes, options: Namespace) -> bytes:
    """Return a push in the clear.

    Args:
        content: As it was captured, in either form: plain, in compatible mode, or encrypted.
        options: Those of `add_key_options`.

    Raises:
        DecodeError: If it is no push.
        SignatureError: If the key, or the AppID, is that of others.
        WrongArgument: If a key is wanted and not given, or is none.
        ImportError: If it is encrypted, and cryptography is not installed.
    """
    wire = document.parse(content)
    encrypted = wire.get("Encrypt")
    if not isinstance(encrypted, str):
        return content
    key = given_key(options)
    if key is not None:
        return _decrypted(encrypted, key, options)
    return _beside(wire, content)


def _beside(wire: JsonObject, content: bytes) -> bytes:
    """Return the fields that stand beside the encrypted ones in compatible mode."""
    wire = {name: value for name, value in wire.items() if name != "Encrypt"}
    if len(wire) < 2:
        raise WrongArgument(
            f"the push is encrypted: put the EncodingAESKey into the variable {AES_KEY}, or name "
            f"a file that has it, --{_OPTION}-file"
        )
    return document.write(wire, form_of(content) or "xml")


def _decrypted(encrypted: str, secret: Secret, options: Namespace) -> bytes:
    # Imported here, because plain pushes are read without cryptography.
    from wxruntime.callback.crypto import AesKey

    with naming_options({"encoding_aes_key": source_of_key(options)}):
        key = AesKey(secret)
    content, owner = key.decrypt(encrypted)
    if options.app_id and owner != options.app_id.encode():
        raise SignatureError("the push is encrypted for another AppID than the one given")
    return content

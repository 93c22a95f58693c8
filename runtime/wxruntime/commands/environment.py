"""The environment variables that name an account and hold its secrets."""

from __future__ import annotations

__all__ = ["AES_KEY", "APP_ID", "APP_SECRET", "TOKEN", "TOKEN_STORE", "variable_of"]

APP_ID = "WXOA_APP_ID"
"""The AppID of the account."""
APP_SECRET = "WXOA_APP_SECRET"
"""The AppSecret of the account."""
TOKEN_STORE = "WXOA_TOKEN_STORE"
"""Where processes share the access token."""
TOKEN = "WXOA_TOKEN"
"""The token that signs pushes."""
AES_KEY = "WXOA_AES_KEY"
"""The EncodingAESKey that encrypts pushes."""


def variable_of(parameter: str) -> str:
    """Return the variable that may hold a secret parameter of a call."""
    return f"WXOA_{parameter.upper()}"

"""The account of the tests: what proves who calls, and what signs and encrypts its pushes."""

from __future__ import annotations

__all__ = ["AES_KEY", "APP_ID", "APP_SECRET", "TOKEN"]

APP_ID = "wx0123456789abcdef"
APP_SECRET = "the-app-secret"
TOKEN = "the-callback-token"
"""Signs pushes."""
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
"""Encrypts pushes: an EncodingAESKey."""

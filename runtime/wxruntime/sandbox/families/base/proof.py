"""The check of AppID and AppSecret, in calls that take no access token."""

from __future__ import annotations

import secrets

from wxruntime.sandbox.account import Account
from wxruntime.sandbox.calls import Given
from wxruntime.sandbox.refusal import Refusal

__all__ = ["INVALID_APPID", "check"]

INVALID_APPID = 40013
INVALID_APP_SECRET = 40125
APPID_MISSING = 41002
APP_SECRET_MISSING = 41004


def check(given: Given, account: Account) -> None:
    """Refuse a call unless its AppID and AppSecret are those of the account."""
    if not given["app_id"]:
        raise Refusal(APPID_MISSING)
    if not given["app_secret"]:
        raise Refusal(APP_SECRET_MISSING)
    if given["app_id"] != account.app_id:
        raise Refusal(INVALID_APPID)
    if not secrets.compare_digest(given["app_secret"].encode(), account.app_secret.encode()):
        raise Refusal(INVALID_APP_SECRET)

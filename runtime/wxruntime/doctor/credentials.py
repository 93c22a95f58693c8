"""Do id and secret look like those of the platform's console?"""

from __future__ import annotations

import re

from wxruntime.credentials import check_credential
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.redact import Secret

__all__ = ["check_credentials"]

_CHECK = "credentials"
_APP_ID = re.compile("wx[0-9a-z]{16}")
_APP_SECRET = re.compile("[0-9a-f]{32}")
_COPY = "Copy AppID and AppSecret from the platform's console, at the basic settings (基本配置)."


def check_credentials(app_id: str, app_secret: Secret, report: Report) -> bool:
    """Look at the credentials; return whether a client can be made with them."""
    if _APP_SECRET.fullmatch(app_id):
        report.hide(Secret(app_id))
        return _failed(report, "what was given as AppID looks like an AppSecret")
    if app_id.startswith("gh_"):
        return _failed(report, f"{app_id} is the account's original id (原始ID), not its AppID")
    try:
        check_credential("AppID", app_id)
        check_credential("AppSecret", app_secret.reveal())
    except ValueError as error:
        return _failed(report, str(error))
    odd = [
        words
        for fits, words in (
            (_APP_ID.fullmatch(app_id), f"the AppID {app_id} is not `wx` and 16 characters"),
            (_APP_SECRET.fullmatch(app_secret.reveal()), "the AppSecret is not 32 of 0-9 and a-f"),
        )
        if not fits
    ]
    if odd:
        report.show(Finding(_CHECK, Verdict.WARNING, "; ".join(odd), _COPY))
    else:
        details = f"AppID {app_id} and an AppSecret, both of the usual shape"
        report.show(Finding(_CHECK, Verdict.OK, details))
    return True


def _failed(report: Report, details: str) -> bool:
    report.show(Finding(_CHECK, Verdict.FAILED, details, _COPY))
    return False

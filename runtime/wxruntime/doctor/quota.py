"""May the calls still be sent today? Asking proves as well that the platform takes the token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from attrs import evolve

from wxruntime.doctor.bounded import bounded
from wxruntime.doctor.failures import failure
from wxruntime.doctor.patient import Patient, Token
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.errors import ApiError, WeChatError

__all__ = ["check_quota"]

_CHECK = "quota"
_OPERATION = "base.get_quota"
_WRONG_PATH = frozenset({76003, 76021, 76022})
"""The codes that speak of the path that was asked about, not of the account."""
_DEAD = (
    "A client replaces such a token at its next call. If it comes back, look for the program that "
    "asks for tokens of this account without this store."
)
_USED_UP = (
    "Wait for tomorrow in China, or set the counters back by base.clear_quota, at most ten "
    "times a month."
)


class _Quota(Protocol):
    daily_limit: int
    used: int
    remain: int


class _Result(Protocol):
    quota: _Quota


def check_quota(
    patient: Patient, hosts: Sequence[str], token: Token | None, report: Report
) -> None:
    """Ask how often the path may still be called."""
    reason = "there is no token" if token is None else "" if hosts else "no host answers"
    if token is None or reason:
        report.show(Finding(_CHECK, Verdict.SKIPPED, reason))
        return
    try:
        quota = bounded(lambda: _ask(patient, hosts, token), patient.timeout)
    except (WeChatError, TimeoutError) as error:
        report.show(_refused(patient, error))
        return
    details = f"{patient.path}: {quota.used} of {quota.daily_limit} used, {quota.remain} left today"
    if quota.remain > 0:
        report.show(Finding(_CHECK, Verdict.OK, details))
    else:
        report.show(Finding(_CHECK, Verdict.FAILED, details, _USED_UP))


def _ask(patient: Patient, hosts: Sequence[str], token: Token) -> _Quota:
    call = patient.surface.call(_OPERATION, cgi_path=patient.path)
    with patient.holding(token, hosts) as client:
        return cast("_Result", client.send(call)).quota


def _refused(patient: Patient, error: WeChatError | TimeoutError) -> Finding:
    found = failure(_CHECK, error)
    if not isinstance(error, ApiError):
        return found
    if error.code in patient.service.dead_token:
        return evolve(found, remedy=_DEAD)
    if error.code in _WRONG_PATH:
        details = f"{patient.path}: {found.details}"
        return evolve(found, verdict=Verdict.WARNING, details=details)
    return found

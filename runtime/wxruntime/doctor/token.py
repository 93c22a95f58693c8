"""Is there an access token? The stored one if it serves, or else one that the platform grants."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from wxruntime.doctor.bounded import bounded
from wxruntime.doctor.failures import failure
from wxruntime.doctor.patient import Patient, Token
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.doctor.store import Shared
from wxruntime.errors import DecodeError, WeChatError
from wxruntime.redact import Secret

__all__ = ["check_token"]

_CHECK = "token"
_REPLACES = "; it replaces the plain token before it, which ends within minutes"


def check_token(
    patient: Patient, hosts: Sequence[str], shared: Shared | None, report: Report
) -> Token | None:
    """Come by a token without harm to anybody; return it, None if there is none.

    Args:
        patient: Whose token.
        hosts: The base URLs that answer.
        shared: What the store holds; None if it could not be looked into.
        report: Where to say what was found.
    """
    if shared is not None and shared.token is not None:
        said = f"the {patient.token_source} one of the store, {shared.age:.0f} s old"
        left = f"{shared.token.expires_in} s left"
        untried = "the AppSecret was not tried; it is without --token-store"
        report.show(Finding(_CHECK, Verdict.OK, f"{said}, {left} ({untried})"))
        return shared.token
    if not hosts:
        report.show(Finding(_CHECK, Verdict.SKIPPED, "no host answers"))
        return None
    if patient.token_source == "plain" and (shared is None or shared.renewal):
        report.show(_not_replaced(shared))
        return None
    try:
        token = bounded(lambda: _ask(patient, hosts), patient.timeout)
    except (WeChatError, TimeoutError) as error:
        report.show(failure(_CHECK, error))
        return None
    report.hide(token.secret)
    kind = patient.token_source
    said = f"granted by the platform ({kind}), {token.expires_in} s left; AppID and AppSecret fit"
    report.show(Finding(_CHECK, Verdict.OK, said + (_REPLACES if kind == "plain" else "")))
    return token


def _not_replaced(shared: Shared | None) -> Finding:
    """Say why no plain token is asked for: it would replace one that others have, or will have."""
    if shared is None:
        return Finding(
            _CHECK, Verdict.SKIPPED, "another plain token would end the one that the store may hold"
        )
    details = "another process is renewing the plain token; a new one would end its token"
    return Finding(_CHECK, Verdict.FAILED, details, "Try again in some seconds.")


def _ask(patient: Patient, hosts: Sequence[str]) -> Token:
    """Ask the platform for a token; it is not forced, and not stored."""
    service = patient.service
    app_id, app_secret = patient.app_id, patient.app_secret.reveal()
    if patient.token_source == "stable":
        # Unforced it changes nothing, so that it may be sent again, and elsewhere.
        call = evolve(service.grant(app_id, app_secret, False), idempotent=True)
    elif service.plain_grant is None:
        raise DecodeError("this service has no plain tokens; leave --token-source away")
    else:
        call = service.plain_grant(app_id, app_secret)
    with patient.asking(hosts) as client:
        grant = client.send(call)
    if not grant.access_token:
        raise DecodeError("expected a token, got empty text", ("access_token",))
    return Token(Secret(grant.access_token), grant.expires_in)

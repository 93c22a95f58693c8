"""Is it the platform that answers, at each of its hosts, and is it as late there as here?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from functools import partial

from attrs import define, evolve

from wxruntime.call import nothing
from wxruntime.doctor.bounded import bounded
from wxruntime.doctor.failures import failure
from wxruntime.doctor.patient import Patient
from wxruntime.doctor.report import Finding, Report, Verdict
from wxruntime.errors import ApiError, WeChatError
from wxruntime.transport import HttpRequest, HttpResponse, Timeout
from wxruntime.transport.urllib3 import Urllib3Transport

__all__ = ["check_clock", "check_hosts"]

_HARMLESS = "base.get_callback_ip"
"""A call that only reads; without a token, the platform refuses it, which shows its presence."""
_SKEW = 30.0
"""How much a clock may differ, in seconds; a `Date` is whole seconds, and was some time on the way.
"""


@define
class _Listening:
    """A transport that notes how long an answer took, and how far this machine's clock is ahead."""

    _transport: Urllib3Transport
    seconds: float = 0.0
    ahead: float | None = None

    def send(self, request: HttpRequest, timeout: Timeout) -> HttpResponse:
        """Send a request and return the answer."""
        began = time.monotonic()
        response = self._transport.send(request, timeout)
        self.seconds = time.monotonic() - began
        self.ahead = _ahead(response.headers.get("date", ""))
        return response

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


def check_hosts(patient: Patient, report: Report) -> tuple[Sequence[str], float | None]:
    """Ask each host; return those that answer, and how far this machine's clock is ahead.

    Returns:
        The base URLs, and seconds, None if no host said the time.
    """
    answering: list[str] = []
    clock: float | None = None
    for number, host in enumerate(patient.hosts):
        check = "spare host" if number else "host"
        try:
            heard = bounded(partial(_ask, patient, host), patient.timeout)
        except (WeChatError, TimeoutError) as error:
            found = failure(check, error)
            if number:
                # A client asks another one only while the usual one fails.
                found = evolve(found, verdict=Verdict.WARNING)
            where = "" if host in found.details else f"{host}: "
            report.show(evolve(found, details=f"{where}{found.details}"))
        else:
            answering.append(host)
            clock = heard.ahead if clock is None else clock
            details = f"{host} answers after {1000 * heard.seconds:.0f} ms, connection included"
            report.show(Finding(check, Verdict.OK, details))
    return answering, clock


def _ask(patient: Patient, host: str) -> _Listening:
    """Ask a host something that it refuses if it is the platform."""
    call = evolve(patient.surface.call(_HARMLESS), token=False, decode=nothing)
    listening = _Listening(Urllib3Transport())
    try:
        with patient.anonymous(host, listening) as client:
            client.send(call)
    except ApiError:
        pass
    finally:
        listening.close()
    return listening


def check_clock(ahead: float | None, report: Report) -> None:
    """Compare this machine's clock with the platform's."""
    if ahead is None:
        report.show(Finding("clock", Verdict.SKIPPED, "no host has said the time"))
    elif abs(ahead) <= _SKEW:
        report.show(Finding("clock", Verdict.OK, "within half a minute of the platform's"))
    else:
        way = "ahead of" if ahead > 0 else "behind"
        details = f"this machine is {abs(ahead):.0f} s {way} the platform"
        remedy = (
            "Set it by a time server (NTP); the times of events and of shared tokens rely on it."
        )
        report.show(Finding("clock", Verdict.WARNING, details, remedy))


def _ahead(date: str) -> float | None:
    """Return how far this machine's clock is ahead of a `Date` that just came, in seconds."""
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

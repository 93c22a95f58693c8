"""Spans and durations of calls for OpenTelemetry, made from the events of `on_call`.

The names follow the semantic conventions for RPC clients. Those for HTTP require the full URL of a
request, and the access token is part of it.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TypeAlias

try:
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "opentelemetry":
        raise
    raise ImportError(
        "telemetry needs OpenTelemetry's API, which is not installed: pip install 'wxoa[otel]'",
        name="opentelemetry",
    ) from None

from wxruntime.errors import ApiError, HttpError, WeChatError
from wxruntime.observe import CallEvent, OnCall
from wxruntime.transport.address import split

__all__ = ["trace_calls"]

Attributes: TypeAlias = "dict[str, str | int | float]"

_SCOPE = "wxoa"
_SYSTEM = "wechat"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""The bucket bounds that the conventions recommend, in seconds."""


def trace_calls(
    tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
) -> OnCall:
    """Return an `on_call` that records a span and the duration of each attempt.

        client = Client(app_id=..., app_secret=..., on_call=trace_calls())

    The parent of a span is the span that is current where the call is made. A renewal of the access
    token in the background has no parent.

    Args:
        tracer_provider: Makes the spans; the global provider by default.
        meter_provider: Makes the histogram `rpc.client.call.duration`; the global provider by
            default.
    """
    scope = (_SCOPE, _version())
    tracer = get_tracer(*scope, tracer_provider=tracer_provider)
    durations = get_meter(*scope, meter_provider=meter_provider).create_histogram(
        "rpc.client.call.duration",
        unit="s",
        description="How long an attempt at a call took.",
        explicit_bucket_boundaries_advisory=_BUCKETS,
    )

    def on_call(event: CallEvent) -> None:
        # The event comes when the attempt has ended.
        end = int(event.ended_at * 1e9)
        common = {**_target(event), **_failure(event.error)}
        span = tracer.start_span(
            event.operation,
            kind=SpanKind.CLIENT,
            attributes={**common, **_details(event)},
            start_time=end - int(event.duration * 1e9),
        )
        if event.error is not None:
            # Only the text: a recorded exception would add its traceback to the span.
            span.set_status(Status(StatusCode.ERROR, str(event.error)))
        span.end(end)
        durations.record(event.duration, common)

    return on_call


def _version() -> str:
    try:
        return version(_SCOPE)
    except PackageNotFoundError:
        return ""


def _target(event: CallEvent) -> Attributes:
    """Return the attributes of the operation and the host."""
    origin, _ = split(event.host)
    return {
        "rpc.system.name": _SYSTEM,
        "rpc.method": event.operation,
        "server.address": origin.host.strip("[]"),
        "server.port": origin.port,
    }


def _failure(error: WeChatError | None) -> Attributes:
    """Return the attributes of the error, with few distinct values."""
    if error is None:
        return {}
    if isinstance(error, ApiError):
        code = str(error.code)
        return {"error.type": code, "rpc.response.status_code": code}
    if isinstance(error, HttpError):
        return {"error.type": str(error.status), "http.response.status_code": error.status}
    return {"error.type": type(error).__name__}


def _details(event: CallEvent) -> Attributes:
    """Return the attributes that the conventions have no name for."""
    details: Attributes = {"wxoa.attempt": event.attempt, "wxoa.outcome": event.outcome}
    if event.retry_in is not None:
        details["wxoa.retry_in"] = event.retry_in
    if isinstance(event.error, ApiError) and event.error.rid:
        details["wxoa.rid"] = event.error.rid
    return details

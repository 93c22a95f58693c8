"""What OpenTelemetry is told of calls, by its real SDK."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer

from tests.runtime.callers import CALLERS, Caller, callers
from tests.runtime.leaks import APP_SECRET, TOKEN_MARK, shows_secret
from tests.runtime.servers import Answer, Platform, Server, http
from wxoa import errors, kf_session
from wxruntime.telemetry import trace_calls

GET = "/customservice/kfsession/getsession"
SESSION = http({"kf_account": "sara@acme", "createtime": 1})
BUSY = http({"errcode": -1, "errmsg": "system busy rid: 5f1a2b3c-0d4e5f6a"})

get = kf_session.get("o6_a")

Make = Callable[..., Caller]
Serve = Callable[[Answer], Server]


class Observed:
    """An SDK that keeps what it is told."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracing = TracerProvider(shutdown_on_exit=False)
        self.tracing.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.metering = MeterProvider([self._reader], shutdown_on_exit=False)
        self.on_call = trace_calls(self.tracing, self.metering)

    @property
    def tracer(self) -> Tracer:
        """Makes the spans of the application."""
        return self.tracing.get_tracer("tests")

    def spans(self, name: str) -> list[ReadableSpan]:
        """Return the spans of one name."""
        return [span for span in self._exporter.get_finished_spans() if span.name == name]

    def everything(self) -> str:
        """Return all that left for a collector."""
        spans = [span.to_json() for span in self._exporter.get_finished_spans()]
        data = self._reader.get_metrics_data()
        return "".join([*spans, "" if data is None else data.to_json()])

    def points(self) -> list[HistogramDataPoint]:
        """Return what was measured."""
        data = self._reader.get_metrics_data()
        assert data is not None
        (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.unit) == ("rpc.client.call.duration", "s")
        assert isinstance(metric.data, Histogram)
        return [*metric.data.data_points]

    def close(self) -> None:
        """Stop the SDK."""
        self.tracing.shutdown()
        self.metering.shutdown()


@pytest.fixture
def observed() -> Iterator[Observed]:
    """An SDK; whatever it was told in the test showed no secret."""
    observed = Observed()
    yield observed

    assert not shows_secret(observed.everything())
    observed.close()


@pytest.fixture(params=list(CALLERS))
def make(request: pytest.FixtureRequest, observed: Observed) -> Iterator[Make]:
    """Make clients of either kind that tell the SDK."""
    for make_any in callers(request.param):
        yield partial(make_any, app_secret=APP_SECRET, on_call=observed.on_call)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    """Return what is known of a span."""
    return {**(span.attributes or {})}


def span_id(span: Any) -> int:
    """Return the number of a span, finished or not."""
    number: int = span.get_span_context().span_id
    return number


def test_each_attempt_is_a_span_below_the_current_one(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """The token's call is one as well, and all of them are of the trace of the application."""
    server = serve(Platform(script={GET: [BUSY, SESSION]}))

    with observed.tracer.start_as_current_span("desk") as parent:
        make(base_url=server.base_url).send(get)

    token, first, second = observed.spans("base.stable_token") + observed.spans("kf_session.get")
    for span in (token, first, second):
        assert span.parent is not None
        assert span.parent.span_id == span_id(parent)
        assert span.context is not None
        assert span.context.trace_id == parent.get_span_context().trace_id
        assert span.kind is SpanKind.CLIENT
    assert [attributes(span)["wxoa.attempt"] for span in (first, second)] == [1, 2]


def test_without_a_current_span_there_is_no_parent(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """Each attempt is a trace of its own."""
    server = serve(Platform(script={GET: [SESSION]}))

    make(base_url=server.base_url).send(get)

    assert all(span.parent is None for span in observed.spans("kf_session.get"))
    assert observed.spans("kf_session.get")


def test_a_span_says_what_was_called_and_where(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """In the names of the semantic conventions, and its times lie within those of the call."""
    server = serve(Platform(script={GET: [SESSION]}))

    before = time.time_ns()
    make(base_url=server.base_url).send(get)
    after = time.time_ns()

    (span,) = observed.spans("kf_session.get")
    assert attributes(span) == {
        "rpc.system.name": "wechat",
        "rpc.method": "kf_session.get",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "wxoa.attempt": 1,
        "wxoa.outcome": "ok",
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.start_time is not None
    assert span.end_time is not None
    assert before <= span.start_time < span.end_time <= after


def test_a_refusal_is_an_error_with_the_platforms_code(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """The code is the type of the error; the rid finds the request again."""
    server = serve(Platform(script={GET: [BUSY, SESSION]}))

    make(base_url=server.base_url).send(get)

    refused, _ = observed.spans("kf_session.get")
    found = attributes(refused)
    assert (found["error.type"], found["rpc.response.status_code"]) == ("-1", "-1")
    assert (found["wxoa.outcome"], found["wxoa.rid"]) == ("refused", "5f1a2b3c-0d4e5f6a")
    assert found["wxoa.retry_in"] >= 0
    assert refused.status.status_code is StatusCode.ERROR
    assert "-1 SystemBusy: system busy" in (refused.status.description or "")


@pytest.mark.parametrize(
    ("reply", "kind", "outcome"),
    [
        (http(b"busy", "502 Bad Gateway", "text/html"), "502", "unanswered"),
        (http(b'{"errcode":', length=100), "TransportError", "unanswered"),
        (http(b"<html>", content_type="text/html"), "DecodeError", "unreadable"),
    ],
    ids=["status", "half an answer", "page"],
)
def test_whatever_goes_wrong_has_a_type(
    make: Make, serve: Serve, observed: Observed, reply: Any, kind: str, outcome: str
) -> None:
    """A status where there is one, or the class of the error; few different values."""
    server = serve(Platform(script={GET: [reply]}))

    with pytest.raises(errors.WeChatError):
        make(base_url=server.base_url).send(get)

    last = observed.spans("kf_session.get")[-1]
    assert (attributes(last)["error.type"], attributes(last)["wxoa.outcome"]) == (kind, outcome)
    assert attributes(last).get("http.response.status_code") == (502 if kind == "502" else None)
    assert "wxoa.retry_in" not in attributes(last)


def test_durations_are_measured_by_operation_and_outcome(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """Without what differs between attempts, in the bounds that the conventions advise."""
    server = serve(Platform(script={GET: [BUSY, SESSION]}))

    make(base_url=server.base_url).send(get)

    found = {
        ((point.attributes or {})["rpc.method"], (point.attributes or {}).get("error.type")): point
        for point in observed.points()
    }
    assert {key: point.count for key, point in found.items()} == {
        ("base.stable_token", None): 1,
        ("kf_session.get", "-1"): 1,
        ("kf_session.get", None): 1,
    }
    for point in found.values():
        assert point.sum > 0
        assert point.explicit_bounds[0] == 0.005
        assert not any(name.startswith("wxoa.") for name in point.attributes or {})


def test_an_echo_of_secrets_reaches_no_collector(
    make: Make, serve: Serve, observed: Observed
) -> None:
    """Neither the token in an address nor the secret of the account."""
    echo = f"GET /x?access_token={TOKEN_MARK}-1 for {APP_SECRET}"
    server = serve(Platform(script={GET: [http({"errcode": 48001, "errmsg": echo})]}))

    with pytest.raises(errors.ApiError):
        make(base_url=server.base_url).send(get)

    (span,) = observed.spans("kf_session.get")
    assert "access_token=***" in (span.status.description or "")


def test_without_an_sdk_nothing_happens(serve: Serve) -> None:
    """The API's own providers let everything pass."""
    server = serve(Platform(script={GET: [SESSION]}))

    for kind in CALLERS:
        for make_any in callers(kind):
            caller = make_any(
                app_secret=APP_SECRET, on_call=trace_calls(), base_url=server.base_url
            )

            assert caller.send(get).kf_account == "sara@acme"


def test_a_missing_api_is_named_with_the_way_to_get_it() -> None:
    """And nothing of the runtime loads it unasked."""
    script = """
import sys
import wxoa, wxoa.client
assert "opentelemetry" not in sys.modules, "loaded early"
sys.modules["opentelemetry"] = None
try:
    import wxruntime.telemetry
except ImportError as error:
    print(error.name, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("opentelemetry telemetry needs OpenTelemetry's API")
    assert "pip install 'wxoa[otel]'" in done.stdout

"""The metrics of a worker, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from wxruntime.httpd import Incoming, LoopbackServer, Outgoing
from wxruntime.stream.progress import Progress

__all__ = ["exposition", "serving_metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METRICS = (
    ("handled", "wxoa_worker_handled_total", "counter", "Entries handled and acknowledged."),
    ("failed", "wxoa_worker_failed_total", "counter", "Tries of handlers that raised."),
    ("dead", "wxoa_worker_dead_total", "counter", "Entries made dead letters by this worker."),
    ("again", "wxoa_worker_again_total", "counter", "Entries begun again after another worker."),
    ("running", "wxoa_worker_running", "gauge", "Handlers that run."),
    ("partitions", "wxoa_worker_partitions", "gauge", "Partitions held by this worker."),
    ("workers", "wxoa_stream_workers", "gauge", "Living workers of the stream."),
    ("backlog", "wxoa_stream_backlog", "gauge", "Entries in the stream."),
    ("dead_letters", "wxoa_stream_dead_letters", "gauge", "Dead letters of the stream."),
)
"""Field, name, type and description of each metric."""


def exposition(progress: Progress) -> str:
    """Return the metrics of a worker in the text format of Prometheus."""
    return "".join(
        f"# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {getattr(progress, field)}\n"
        for field, name, kind, help in _METRICS
    )


def serving_metrics(progress: Callable[[], Progress], port: int) -> LoopbackServer:
    """Serve the metrics of a worker at `/metrics` on 127.0.0.1, until the server is closed.

    Args:
        progress: Returns the progress of the worker; called in a thread.
        port: The port to listen on; 0 takes a free port.

    Returns:
        The server; close it.

    Raises:
        ValueError: If the port is not from 0 to 65535.
        OSError: If the port is taken.
    """

    def answer(incoming: Incoming) -> Outgoing:
        if incoming.path != "/metrics":
            return Outgoing(404, CONTENT_TYPE, b"the numbers are at /metrics\n")
        return Outgoing(200, CONTENT_TYPE, exposition(progress()).encode())

    return LoopbackServer(answer, port)

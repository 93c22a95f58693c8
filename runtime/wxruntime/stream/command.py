"""The command `worker`: handle the pushes of a stream, or list and requeue its dead letters."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NoReturn, cast

from wxruntime.callback.base import BaseCallback
from wxruntime.commands.errors import WrongArgument, naming_options, naming_port
from wxruntime.surface import Surface

if TYPE_CHECKING:
    from wxruntime.stream.stream import Stream

__all__ = ["add_options", "worker"]

_LEAVING = 5.0
"""Seconds that threads which handlers have left behind may take to end."""
_SHOWN = 60
"""Characters of a dead letter's content that are shown."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.description = (
        "Handles the pushes that a callback has appended to its stream, together with all other "
        "workers of the stream. SIGTERM stops the worker after its running handlers."
    )
    parser.add_argument(
        "application", metavar="MODULE:CALLBACK",
        help="the callback with its handlers; modules of the current directory are found as well",
    )  # fmt: skip
    parser.add_argument(
        "--concurrency", type=_number, default=32, metavar="N",
        help="largest number of handlers that run at a time (default: 32)",
    )  # fmt: skip
    parser.add_argument(
        "--tries", type=_number, default=5, metavar="N",
        help="number of tries before a push becomes a dead letter (default: 5)",
    )  # fmt: skip
    parser.add_argument(
        "--grace", type=_seconds, default=30.0, metavar="SECONDS",
        help="time that handlers may take to end after SIGTERM (default: 30)",
    )  # fmt: skip
    parser.add_argument(
        "--metrics", type=int, metavar="PORT",
        help="serve Prometheus metrics on 127.0.0.1:PORT/metrics; 0 takes a free port",
    )  # fmt: skip
    parser.add_argument(
        "--progress", type=_seconds, default=10.0, metavar="SECONDS",
        help="time between two reports of progress; 0 for none (default: 10)",
    )  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--dead", action="store_true", help="list the dead letters and exit")
    instead.add_argument(
        "--requeue", metavar="ID", help="put one dead letter back, or `all`, and exit"
    )


def worker(surface: Surface, options: argparse.Namespace) -> int:
    """Run a worker until a signal stops it; return 0, or 1 if a dead letter was not found."""
    callback, stream = _load(options.application)
    if options.dead:
        return asyncio.run(_list(stream))
    if options.requeue is not None:
        return asyncio.run(_requeue(stream, options.requeue))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_work(callback, stream, options))
    return 0


async def _work(
    callback: BaseCallback[Any, Any], stream: Stream, options: argparse.Namespace
) -> None:
    from wxruntime.stream.metrics import serving_metrics
    from wxruntime.stream.progress import Progress
    from wxruntime.stream.worker import Worker

    def tell(progress: Progress) -> None:
        print(f"worker: {progress.line()}", file=sys.stderr, flush=True)

    callback.widen(options.concurrency)
    working = Worker(
        callback,
        stream,
        concurrency=options.concurrency,
        tries=options.tries,
        grace=options.grace,
        on_progress=tell if options.progress else None,
        every=options.progress or 10.0,
    )
    _on_signals(working.stop)
    with ExitStack() as stack:
        if options.metrics is not None:
            with naming_options({"port": "--metrics"}), naming_port("--metrics", options.metrics):
                server = stack.enter_context(serving_metrics(working.progress, options.metrics))
            print(f"worker: metrics at {server.url}/metrics", file=sys.stderr, flush=True)
        print(f"worker: {working.name} takes from {stream!r}", file=sys.stderr, flush=True)
        await working.run()
    if working.abandoned:
        # Python would wait for the threads of handlers that never end.
        _leave(0)
    # The same holds for threads that a handler has left behind, such as `wait_for(to_thread(...))`
    # after its timeout.
    late = threading.Timer(_LEAVING, _leave, (0,))
    late.daemon = True
    late.start()


def _on_signals(stop: Callable[[], None]) -> None:
    """Stop the worker at the first signal, and exit at once at the second."""
    told: list[None] = []

    def heard() -> None:
        if told:
            _leave(1)
        told.append(None)
        stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard)


def _leave(status: int) -> NoReturn:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def _list(stream: Stream) -> int:
    from wxruntime.stream.deadletters import DeadLetters

    try:
        async for letter in DeadLetters(stream):
            when = datetime.fromtimestamp(letter.died, timezone.utc)
            said = letter.content.decode(errors="replace")
            shown = ascii(said[:_SHOWN])[1:-1] + ("..." if len(said) > _SHOWN else "")
            print(
                f"{letter.id}  {ascii(letter.customer)[1:-1]}  {when:%Y-%m-%dT%H:%M:%SZ}  "
                f"tries {letter.tries}  {letter.error}  {shown}"
            )
    finally:
        await stream.aclose()
    return 0


async def _requeue(stream: Stream, which: str) -> int:
    from wxruntime.stream.deadletters import DeadLetters

    letters = DeadLetters(stream)
    try:
        count = await letters.requeue_all() if which == "all" else await letters.requeue(which)
    except ValueError as error:
        raise WrongArgument(f"--requeue: {error}") from None
    finally:
        await stream.aclose()
    print(f"put back: {int(count)}")
    return 0 if count or which == "all" else 1


def _load(name: str) -> tuple[BaseCallback[Any, Any], Stream]:
    """Import the callback that `module:attribute` names; return the callback and its stream.

    Raises:
        WrongArgument: If there is no such callback, or it has no stream.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute) or module.startswith("."):
        raise WrongArgument(f"expected MODULE:CALLBACK, such as app:callback, got {name!r}")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: object = importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{module}.".startswith(f"{missing.name}."):
            raise
        raise WrongArgument(f"{name}: there is no module {missing.name!r} here") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise WrongArgument(f"{name}: the module has no {attribute!r}")
        found = getattr(found, part)
    if not isinstance(found, BaseCallback):
        raise WrongArgument(f"{name}: expected a wxoa.Callback, got {type(found).__name__}")
    callback = cast("BaseCallback[Any, Any]", found)  # type: ignore[redundant-cast]
    if callback.stream is None:
        raise WrongArgument(
            f"{name}: the callback has no stream; give it stream=Stream.from_url(…)"
        )
    return callback, callback.stream


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86400:
        raise argparse.ArgumentTypeError("expected seconds, 0 or more")
    return seconds

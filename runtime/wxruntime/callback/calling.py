"""Calling registered functions: on the event loop or in a thread, and containing what they raise.

A `sys.exit()` in a handler (in some library, say) would end the event loop, and with it all other
handlers. It must end only the handling of its own push.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from typing import NoReturn, TypeVar

__all__ = ["EscapedError", "call", "contained", "is_async"]

T = TypeVar("T")


class EscapedError(Exception):
    """Raised instead of an exception that would end the event loop, such as SystemExit."""


async def contained(work: Awaitable[T]) -> T:
    """Await work, and raise only an `Exception` or a cancellation."""
    try:
        return await work
    except (Exception, asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:
        raise _contained(error) from error


def _contained(error: BaseException) -> Exception:
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    escaped = EscapedError(f"{type(error).__name__}: {error}")
    escaped.__cause__ = error
    return escaped


def is_async(function: Callable[..., object]) -> bool:
    """Return whether calling a function returns an awaitable."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object with an asynchronous __call__
    )


async def call(threads: Executor, function: Callable[..., object], *given: object) -> object:
    """Call a blocking function in a thread, or an asynchronous one on this event loop.

    Args:
        threads: Runs blocking functions.
        function: The function, of either kind.
        given: Its arguments.

    Returns:
        The result of the function.
    """
    told = function(*given) if is_async(function) else await _blocking(threads, function, *given)
    return await told if inspect.isawaitable(told) else told


async def _blocking(threads: Executor, function: Callable[..., object], *given: object) -> object:
    context = copy_context()
    loop = asyncio.get_running_loop()

    # A future cannot hold a StopIteration, and passes a SystemExit on to the event loop.
    def run() -> Callable[[], object]:
        try:
            told = context.run(function, *given)
        except BaseException as error:
            raised = _contained(error)
            return lambda: _raise(raised)
        return lambda: told

    try:
        ended = loop.run_in_executor(threads, run)
    except RuntimeError:
        # The interpreter is shutting down, and a pool refuses new work; this may come from an
        # `atexit` function that closes the callback.
        ended = _in_thread(loop, run)
    return (await ended)()


def _in_thread(loop: asyncio.AbstractEventLoop, run: Callable[[], T]) -> asyncio.Future[T]:
    """Run a function in a new thread."""
    ended: asyncio.Future[T] = loop.create_future()

    def give(result: T) -> None:
        if not ended.done():
            ended.set_result(result)

    def work() -> None:
        result = run()
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(give, result)

    threading.Thread(target=work, name="wxoa-handler", daemon=True).start()
    return ended


def _raise(error: Exception) -> NoReturn:
    raise error

"""Calling what users register, wherever it runs and whatever it raises.

What ends a program (`sys.exit()` in some library, say) would end the event loop, and with it
every other handler; it may end no more than its own push.
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
    """Raised in place of what is no `Exception`, or what no coroutine may let out."""


async def contained(work: Awaitable[T]) -> T:
    """Wait for something, and let out no more than an `Exception` or a cancellation."""
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
    """Say whether calling a function gives something to await."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object whose call is asynchronous
    )


async def call(threads: Executor, function: Callable[..., object], *given: object) -> object:
    """Call a function that blocks in a thread, and one that does not here.

    Args:
        threads: Where to call what blocks.
        function: Either of them.
        given: What it is called with.
    """
    told = function(*given) if is_async(function) else await _blocking(threads, function, *given)
    return await told if inspect.isawaitable(told) else told


async def _blocking(threads: Executor, function: Callable[..., object], *given: object) -> object:
    context = copy_context()
    loop = asyncio.get_running_loop()

    # A future takes no StopIteration, and hands a SystemExit on to the event loop.
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
        # The interpreter ends, and no pool takes anything more: `atexit` closes the callback.
        ended = _in_thread(loop, run)
    return (await ended)()


def _in_thread(loop: asyncio.AbstractEventLoop, run: Callable[[], T]) -> asyncio.Future[T]:
    """Run a function in a thread of its own."""
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

"""One process of a desk: several callers at once, told by lines on its standard input.

`round` lets each caller send its calls; the answer is one line of JSON. `end` ends the process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

from attrs import asdict, define, field

from wxoa import AsyncClient, Client, kf_session
from wxruntime.observe import CallEvent
from wxruntime.stores import AsyncRedisStore, AsyncTokenStore, FileStore, RedisStore, TokenStore

APP_ID = "wx0123456789abcdef"
APP_SECRET = "the-app-secret"

_sends: ContextVar[list[int]] = ContextVar("sends")


@define
class Report:
    """What came of one round in one process."""

    calls: int = 0
    most_sends: int = 0
    """How often the call that was sent most often was sent."""
    failures: list[str] = field(factory=list[str])


def count(event: CallEvent) -> None:
    """Count the sends of the call that this thread or task is at."""
    if event.operation == "kf_session.wait_case_list":
        _sends.get()[0] += 1


def noted(report: Report, sends: list[int], failure: BaseException | None) -> None:
    """Note how a call ended."""
    report.calls += 1
    report.most_sends = max(report.most_sends, sends[0])
    if failure is not None:
        report.failures.append(f"{type(failure).__name__}: {failure}")


def blocking(base_url: str, store: TokenStore, callers: int, calls: int) -> None:
    """Be a process whose callers are threads."""
    with (
        Client(
            app_id=APP_ID,
            app_secret=APP_SECRET,
            base_url=base_url,
            token_store=store,
            on_call=count,
        ) as client,
        ThreadPoolExecutor(callers) as pool,
    ):

        def caller(_: int) -> Report:
            report = Report()
            for _ in range(calls):
                sends = [0]
                _sends.set(sends)
                failure = None
                try:
                    client.send(kf_session.wait_case_list())
                except Exception as error:
                    failure = error
                noted(report, sends, failure)
            return report

        serve(lambda: list(pool.map(caller, range(callers))))


def awaiting(base_url: str, store: TokenStore | AsyncTokenStore, callers: int, calls: int) -> None:
    """Be a process whose callers are tasks."""
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 60.0  # the machine may be busy; that is no fault
    client = AsyncClient(
        app_id=APP_ID, app_secret=APP_SECRET, base_url=base_url, token_store=store, on_call=count
    )

    async def caller(_: int) -> Report:
        report = Report()
        for _ in range(calls):
            sends = [0]
            _sends.set(sends)
            failure = None
            try:
                await client.send(kf_session.wait_case_list())
            except Exception as error:
                failure = error
            noted(report, sends, failure)
        return report

    async def together() -> list[Report]:
        return await asyncio.gather(*(caller(number) for number in range(callers)))

    serve(lambda: loop.run_until_complete(together()))
    loop.run_until_complete(client.close())
    if isinstance(store, AsyncRedisStore):
        loop.run_until_complete(store.close())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def serve(play: Callable[[], list[Report]]) -> None:
    """Play rounds for as long as there are any."""
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            break
        whole = Report()
        for report in play():
            whole.calls += report.calls
            whole.most_sends = max(whole.most_sends, report.most_sends)
            whole.failures += report.failures
        print(json.dumps(asdict(whole)), flush=True)


def main(kind: str, base_url: str, where: str, callers: str, calls: str) -> None:
    """Run a process of one kind."""
    store: TokenStore | AsyncTokenStore
    if not where.startswith("redis:"):
        store = FileStore(where)
    elif kind == "awaiting":
        store = AsyncRedisStore.from_url(where)
    else:
        store = RedisStore.from_url(where)
    if kind == "awaiting":
        awaiting(base_url, store, int(callers), int(calls))
    else:
        assert isinstance(store, (FileStore, RedisStore))
        blocking(base_url, store, int(callers), int(calls))
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

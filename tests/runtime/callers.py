"""The two kinds of client, driven alike, so that a test holds for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from tests.account import APP_ID
from wxoa import AsyncClient, Client
from wxruntime.call import Call
from wxruntime.download import File, Saved, Target
from wxruntime.retry import Retry
from wxruntime.stores import AsyncTokenStore, TokenStore

T = TypeVar("T")


class Caller(Protocol):
    """A client, and what drives it; the token store that it is given is its own."""

    def send(self, call: Call[T], **options: Any) -> T:
        """Send a call; options are those of `with_options`."""
        ...

    def download(self, call: Call[File], target: Target) -> Saved:
        """Send a call and save its file."""
        ...

    def at_once(self, calls: list[Call[T]]) -> list[T | BaseException]:
        """Send many calls together; what each returns or raises."""
        ...

    def close(self) -> None:
        """Close the client."""
        ...


class Blocking:
    """The client that blocks."""

    def __init__(self, token_store: TokenStore | None = None, **options: Any) -> None:
        self.store = token_store
        self.client = Client(app_id=APP_ID, token_store=token_store, **options)

    def send(self, call: Call[T], **options: Any) -> T:
        return self.client.with_options(**options).send(call)

    def download(self, call: Call[File], target: Target) -> Saved:
        return self.client.download(call, target)

    def at_once(self, calls: list[Call[T]]) -> list[T | BaseException]:
        def sent(call: Call[T]) -> T | BaseException:
            try:
                return self.client.send(call)
            except Exception as error:
                return error

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(sent, calls))

    def close(self) -> None:
        self.client.close()
        if self.store is not None:
            self.store.close()


class Awaiting:
    """The client that awaits, on a loop in debug mode."""

    def __init__(self, token_store: AsyncTokenStore | None = None, **options: Any) -> None:
        self.store = token_store
        self.client = AsyncClient(app_id=APP_ID, token_store=token_store, **options)
        self.loop = asyncio.new_event_loop()
        self.loop.set_debug(True)

    def send(self, call: Call[T], **options: Any) -> T:
        return self.loop.run_until_complete(self.client.with_options(**options).send(call))

    def download(self, call: Call[File], target: Target) -> Saved:
        return self.loop.run_until_complete(self.client.download(call, target))

    def at_once(self, calls: list[Call[T]]) -> list[T | BaseException]:
        async def gathered() -> list[T | BaseException]:
            sending = (self.client.send(call) for call in calls)
            return await asyncio.gather(*sending, return_exceptions=True)

        return self.loop.run_until_complete(gathered())

    def close(self) -> None:
        if not self.loop.is_closed():
            self.loop.run_until_complete(self.client.close())
            if self.store is not None:
                self.loop.run_until_complete(self.store.close())
            tasks = asyncio.all_tasks(self.loop)
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

            assert not tasks


CALLERS: dict[str, Callable[..., Caller]] = {"blocking": Blocking, "awaiting": Awaiting}

QUICK = Retry(first=0.001)
"""The usual policy, without the long waits."""


def callers(kind: str) -> Iterator[Callable[..., Caller]]:
    """Make callers of one kind, and close each in the end."""
    made: list[Caller] = []

    def make(**options: Any) -> Caller:
        caller = CALLERS[kind](**{"retry": QUICK, "timeout": 20.0, **options})
        made.append(caller)
        return caller

    yield make
    for caller in made:
        caller.close()

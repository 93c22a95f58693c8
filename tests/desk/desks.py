"""Both kinds of desk, driven alike, so that a test holds for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Protocol

from attrs import frozen

from tests.account import APP_ID, APP_SECRET
from tests.desk.slow import AwaitingDetour, BlockingDetour, Slow
from tests.runtime.callers import Awaiting, Blocking
from wxruntime.desk import (
    Assignment,
    AsyncDesk,
    AsyncTyping,
    Desk,
    MaxCustomers,
    Strategy,
    Transfer,
    least_loaded,
)
from wxruntime.desk.typing_state import EVERY, RETRY_EVERY
from wxruntime.observe import OnCall
from wxruntime.retry import Retry

__all__ = [
    "APP_ID",
    "KINDS",
    "AnyDesk",
    "AwaitingDesk",
    "Block",
    "BlockingDesk",
    "Kept",
]

QUICK = Retry(attempts=2, first=0.001, deadline=600.0)


class Kept(Protocol):
    """What a block can see of its typing state."""

    @property
    def error(self) -> Exception | None: ...

    @property
    def kept(self) -> bool: ...

    def refresh(self) -> None: ...


Block = Callable[[Kept], object]


class AnyDesk(Protocol):
    """A desk with a client of its own."""

    def assign(self) -> Assignment: ...

    def drain(self) -> Assignment: ...

    def waiting(self, accept_for: str | None = None) -> list[str]:
        """Go through the customers who wait, and have an account accept each, if one is named."""
        ...

    def transfer(self, wanted: Transfer) -> None: ...

    def typing(
        self, openid: str, block: Block, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> Kept:
        """Run a block during which somebody types."""
        ...

    def close(self) -> None: ...


class BlockingDesk:
    """The desk that blocks."""

    def __init__(
        self,
        url: str,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
        on_call: OnCall | None = None,
        slow: Slow | None = None,
    ) -> None:
        self._detour = None if slow is None else BlockingDetour(slow)
        self.caller = Blocking(
            app_secret=APP_SECRET,
            base_url=url,
            on_call=on_call,
            retry=QUICK,
            timeout=600.0,
            transport=self._detour,
        )
        self.desk = Desk(self.caller.client, max_customers=max_customers, strategy=strategy)

    def assign(self) -> Assignment:
        return self.desk.assign()

    def drain(self) -> Assignment:
        return self.desk.drain()

    def waiting(self, accept_for: str | None = None) -> list[str]:
        seen: list[str] = []
        for case in self.desk.waiting():
            seen.append(case.openid)
            if accept_for is not None:
                self.caller.client.kf_session.create(case.openid, accept_for)
        return seen

    def transfer(self, wanted: Transfer) -> None:
        self.desk.transfer(wanted)

    def typing(
        self, openid: str, block: Block, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> Kept:
        with self.desk.typing(openid, every=every, retry_every=retry_every) as kept:
            block(kept)
        return kept

    def close(self) -> None:
        self.caller.close()
        if self._detour is not None:
            self._detour.close()


@frozen
class _FromThread:
    """What a block sees of its typing state from a thread of its own."""

    typing: AsyncTyping
    loop: asyncio.AbstractEventLoop

    @property
    def error(self) -> Exception | None:
        return self.typing.error

    @property
    def kept(self) -> bool:
        return self.typing.kept

    def refresh(self) -> None:
        self.loop.call_soon_threadsafe(self.typing.refresh)


class AwaitingDesk:
    """The desk that awaits, on a loop in debug mode."""

    def __init__(
        self,
        url: str,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
        on_call: OnCall | None = None,
        slow: Slow | None = None,
    ) -> None:
        self._detour = None if slow is None else AwaitingDetour(slow)
        self.caller = Awaiting(
            app_secret=APP_SECRET,
            base_url=url,
            on_call=on_call,
            retry=QUICK,
            timeout=600.0,
            transport=self._detour,
        )
        # The strategies and hooks of these tests ask the local WeChat, which takes its time.
        self.caller.loop.slow_callback_duration = 60.0
        self.desk = AsyncDesk(self.caller.client, max_customers=max_customers, strategy=strategy)

    def assign(self) -> Assignment:
        return self.caller.loop.run_until_complete(self.desk.assign())

    def drain(self) -> Assignment:
        return self.caller.loop.run_until_complete(self.desk.drain())

    def waiting(self, accept_for: str | None = None) -> list[str]:
        async def gone_through() -> list[str]:
            seen: list[str] = []
            async for case in self.desk.waiting():
                seen.append(case.openid)
                if accept_for is not None:
                    await self.caller.client.kf_session.create(case.openid, accept_for)
            return seen

        return self.caller.loop.run_until_complete(gone_through())

    def transfer(self, wanted: Transfer) -> None:
        self.caller.loop.run_until_complete(self.desk.transfer(wanted))

    def typing(
        self, openid: str, block: Block, *, every: float = EVERY, retry_every: float = RETRY_EVERY
    ) -> Kept:
        async def typed() -> Kept:
            loop = asyncio.get_running_loop()
            async with self.desk.typing(openid, every=every, retry_every=retry_every) as kept:
                await asyncio.to_thread(block, _FromThread(kept, loop))
            return kept

        return self.caller.loop.run_until_complete(typed())

    def close(self) -> None:
        if self._detour is not None:
            self.caller.loop.run_until_complete(self._detour.close())
        self.caller.close()


class MakeDesk(Protocol):
    """Makes a desk of one kind."""

    def __call__(
        self,
        url: str,
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
        on_call: OnCall | None = None,
        slow: Slow | None = None,
    ) -> AnyDesk: ...


KINDS: dict[str, MakeDesk] = {"blocking": BlockingDesk, "awaiting": AwaitingDesk}


@frozen
class Desks:
    """Makes desks of one kind, and closes them in the end."""

    url: str
    make: MakeDesk
    made: list[AnyDesk]

    def __call__(
        self,
        url: str = "",
        *,
        max_customers: MaxCustomers = None,
        strategy: Strategy = least_loaded,
        on_call: OnCall | None = None,
        slow: Slow | None = None,
    ) -> AnyDesk:
        desk = self.make(
            url or self.url,
            max_customers=max_customers,
            strategy=strategy,
            on_call=on_call,
            slow=slow,
        )
        self.made.append(desk)
        return desk


def desks(kind: str, url: str) -> Iterator[Desks]:
    """Make desks of one kind, and close each in the end."""
    made = Desks(url, KINDS[kind], [])
    yield made
    for desk in made.made:
        desk.close()

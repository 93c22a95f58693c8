"""Calls whose answers come in pages: everything they list, one item after the other.

Where a page ends is said by the answer before it; where a call covers a limited span of time,
a longer time is split into such spans. Nothing is sent before somebody asks for an item, and a
page only once all items of the one before it have been taken.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from math import inf
from typing import Generic, Protocol, TypeVar, cast

from attrs import Factory, define, field, frozen

from wxruntime.call import AsyncSender, Call, Sender
from wxruntime.errors import DecodeError
from wxruntime.wire.scalars import Timestamp

__all__ = ["WHOLE", "Pages", "Span", "Spans", "split"]

T = TypeVar("T")
P = TypeVar("P")
C = TypeVar("C")


@frozen
class Span:
    """A span of time, in Unix seconds."""

    since: int
    """Where it begins."""
    until: int
    """Where it ends."""


class Spans(Protocol):
    """Spans of time, one after the other."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __getitem__(self, number: int, /) -> Span:
        """Return one of them."""
        ...


WHOLE = (Span(0, 0),)
"""The spans of a call that knows none."""


def split(since: int, until: int, seconds: int) -> Spans:
    """Split a time into spans, each of which begins where the one before ends.

    Args:
        since: Where it begins, in Unix seconds.
        until: Where it ends, in Unix seconds.
        seconds: How long a span may be.

    Raises:
        ValueError: If these are no Unix seconds, or the end lies before the beginning.
    """
    for moment in (since, until):
        # Whoever passes milliseconds would ask for the records of fifty thousand years.
        if not isinstance(cast("object", moment), int) or not 0 <= moment <= Timestamp.LAST:
            raise ValueError(
                f"expected whole Unix seconds from 0 to {Timestamp.LAST}, got {moment!r}"
            )
    if until < since:
        raise ValueError(f"expected an end at {since} or later, got {until}")
    return _Split(range(since, max(until, since + 1), seconds), until)


@frozen
class _Split:
    """A time that is split into spans of one length, the last one as long as what is left."""

    starts: range
    until: int

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> Span:
        start = self.starts[number]
        return Span(start, min(start + self.starts.step, self.until))


@frozen
class Pages(Generic[T, P, C]):
    """Everything that a call lists, page after page: a value, until somebody goes through it."""

    ask: Callable[[Span, C], Call[P]] = field(eq=False)
    """Makes the call for a page."""
    read: Callable[[P], tuple[list[T], C]] = field(eq=False)
    """Takes from a page its items and where to go on."""
    first: C
    """Where to begin."""
    size: int | None = None
    """How many items a page has that is not the last; None where none says so."""
    most: int | None = None
    """How many items may be asked for at once; None where nobody says."""
    count: Callable[[P], int] | None = field(default=None, eq=False)
    """Says how many items a page has, listed or not; None where they are counted."""
    spans: Spans = WHOLE
    """The spans of time to go through."""
    time: Callable[[T], int] | None = field(default=None, eq=False)
    """Says when an item happened; None where time is not split."""

    def __attrs_post_init__(self) -> None:
        most = inf if self.most is None else self.most
        # A platform that gives fewer than it was asked for would seem to be at its end.
        if self.size is not None and not 1 <= self.size <= most:
            limit = "or more" if self.most is None else f"to {self.most}"
            raise ValueError(f"expected pages of 1 {limit} items, got {self.size}")

    def sent_by(self, sender: Sender) -> Iterator[T]:
        """Go through all items.

        Args:
            sender: Sends the calls, such as a client.

        Raises:
            WeChatError: Whatever a call raises; what came before it has been taken.
        """
        walk = _Walk(self)
        while (call := walk.call()) is not None:
            yield from walk.take(call, sender.send(call))

    async def awaited_by(self, sender: AsyncSender) -> AsyncIterator[T]:
        """Go through all items, and let others go on until a page is there.

        Args:
            sender: Sends the calls, such as a client for asyncio.

        Raises:
            WeChatError: Whatever a call raises; what came before it has been taken.
        """
        walk = _Walk(self)
        while (call := walk.call()) is not None:
            for item in walk.take(call, await sender.send(call)):
                yield item


def _beginning(walk: _Walk[T, P, C]) -> C:
    return walk.pages.first


@define
class _Walk(Generic[T, P, C]):
    """One way through the pages."""

    pages: Pages[T, P, C]
    cursor: C = field(init=False, default=Factory(_beginning, takes_self=True))
    span: int = 0
    """Which of the spans it is in."""
    behind: set[C] = field(init=False, factory=set[C])
    """Where the pages of this span began that have been taken."""
    lost: DecodeError | None = None
    """Why there is no way on; raised once what came has been given."""
    meeting: list[T] = field(init=False, factory=list[T])
    """The items of the second where this span meets the one before, which came already."""
    last: list[T] = field(init=False, factory=list[T])
    """The items of the last second of this span."""

    def call(self) -> Call[P] | None:
        """Make the next call; None when there is nothing more to ask for."""
        if self.lost is not None:
            raise self.lost
        if self.span == len(self.pages.spans):
            return None
        return self.pages.ask(self.pages.spans[self.span], self.cursor)

    def take(self, call: Call[P], page: P) -> list[T]:
        """Take a page, and return those of its items that are new."""
        pages = self.pages
        items, cursor = pages.read(page)
        fresh = items if pages.time is None else self._fresh(items, pages.time)
        self.behind.add(self.cursor)
        if self._is_last(page, len(items), cursor):
            self._next_span()
        elif not cursor or cursor in self.behind:
            # It would be gone through without end, or what comes behind it would be lost.
            self.lost = DecodeError(
                f"{call.operation}: expected a full page to say where the next one begins, got "
                f"{cursor!r}"
            )
        else:
            self.cursor = cursor
        return fresh

    def _is_last(self, page: P, listed: int, cursor: C) -> bool:
        pages = self.pages
        if pages.size is None:
            return not listed or not cursor
        # The platform counts what it does not list, too.
        return max(listed, 0 if pages.count is None else pages.count(page)) < pages.size

    def _next_span(self) -> None:
        self.span += 1
        self.cursor = self.pages.first
        self.behind.clear()
        self.meeting, self.last = self.last, []

    def _fresh(self, items: list[T], time: Callable[[T], int]) -> list[T]:
        """Leave out what came in the span before.

        The platform does not say whether a span includes its first and its last second, so two
        spans share one, and an item of it counts as often as in the span that has it most often.
        """
        span = self.pages.spans[self.span]
        fresh: list[T] = []
        for item in items:
            when = time(item)
            if when == span.until:
                self.last.append(item)
            if when == span.since and item in self.meeting:
                self.meeting.remove(item)
            else:
                fresh.append(item)
        return fresh

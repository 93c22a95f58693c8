"""Calls whose answers come in pages: all items that they list, one after the other.

Each answer says where the next page begins. If a call covers a limited span of time, a longer time
is split into such spans. A page is requested only when its first item is asked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from math import inf
from typing import Generic, Protocol, TypeVar, cast

from attrs import Factory, define, field, frozen

from wxruntime.call import AsyncSender, Call, Sender
from wxruntime.errors import DecodeError
from wxruntime.wire.scalars import Timestamp

__all__ = ["MAX_EMPTY", "WHOLE", "Pages", "Span", "Spans", "split"]

MAX_EMPTY = 100
"""How many pages in a row may list no item and still promise a next page."""

T = TypeVar("T")
P = TypeVar("P")
C = TypeVar("C")


@frozen
class Span:
    """A span of time, in Unix seconds."""

    since: int
    """The first second."""
    until: int
    """The last second."""


class Spans(Protocol):
    """Spans of time, one after the other."""

    def __len__(self) -> int:
        """Return the number of spans."""
        ...

    def __getitem__(self, number: int, /) -> Span:
        """Return the span of an index."""
        ...


WHOLE = (Span(0, 0),)
"""A single placeholder span, for endpoints that take no time range."""


def split(since: int, until: int, seconds: int) -> Spans:
    """Split a time range into spans; each span begins with the last second of the one before.

    Args:
        since: The first second, in Unix seconds.
        until: The last second, in Unix seconds.
        seconds: The length of a span at most, in seconds.

    Returns:
        The spans in order; at least one.

    Raises:
        ValueError: If a time is not in Unix seconds, or `until` is before `since`.
    """
    for moment in (since, until):
        # Milliseconds by mistake would ask for the records of fifty thousand years.
        if not isinstance(cast("object", moment), int) or not 0 <= moment <= Timestamp.LAST:
            raise ValueError(
                f"expected whole Unix seconds from 0 to {Timestamp.LAST}, got {moment!r}"
            )
    if until < since:
        raise ValueError(f"expected an end at {since} or later, got {until}")
    return _Split(range(since, max(until, since + 1), seconds), until)


@frozen
class _Split:
    """A time range in spans of equal length; the last one may be shorter."""

    starts: range
    until: int

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> Span:
        start = self.starts[number]
        return Span(start, min(start + self.starts.step, self.until))


@frozen(eq=False, repr=False)
class Pages(Generic[T, P, C]):
    """All items that a call lists, page after page; a value, from which nothing is sent yet.

    Two values are equal if they begin with equal calls and go through the same spans of time.
    """

    ask: Callable[[Span, C], Call[P]]
    """Makes the call for the page of a span that begins at a cursor."""
    read: Callable[[P], tuple[list[T], C]]
    """Returns the items of a page, and the cursor of the next page."""
    first: C
    """The cursor of the first page."""
    size: int | None = None
    """Items in a full page; a page with fewer is the last. None if the endpoint has no page size.
    """
    most: int | None = None
    """The largest page size that the platform accepts; None if it is not documented."""
    count: Callable[[P], int] | None = None
    """Returns how many items the platform counts in a page, listed or not; None to count the
    listed items.
    """
    spans: Spans = WHOLE
    """The spans of time to go through."""
    time: Callable[[T], int] | None = None
    """Returns the time of an item, in Unix seconds; None if the endpoint takes no time range."""

    def __attrs_post_init__(self) -> None:
        most = inf if self.most is None else self.most
        # A platform that returns fewer items than requested would seem to be at the last page.
        if self.size is not None and not 1 <= self.size <= most:
            limit = "or more" if self.most is None else f"to {self.most}"
            raise ValueError(f"expected pages of 1 {limit} items, got {self.size}")

    @property
    def _first_call(self) -> Call[P]:
        """The call for the first page, which says what is listed."""
        return self.ask(self.spans[0], self.first)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pages):
            return NotImplemented
        pages = cast("Pages[object, object, object]", other)
        mine, others = (self.spans, self.size), (pages.spans, pages.size)
        return mine == others and self._first_call == pages._first_call

    def __hash__(self) -> int:
        # By the name alone of the call: its parameters are in a dict.
        return hash((self._first_call.operation, self.spans, self.size))

    def __repr__(self) -> str:
        return f"<Pages of {len(self.spans)} span(s) from {self._first_call!r}>"

    def sent_by(self, sender: Sender) -> Iterator[T]:
        """Yield all items.

        Args:
            sender: Sends the calls, such as a client.

        Raises:
            WeChatError: If a call fails, after all items of the pages before it.
        """
        walk = _Walk(self)
        while (call := walk.call()) is not None:
            yield from walk.take(call, sender.send(call))

    async def awaited_by(self, sender: AsyncSender) -> AsyncIterator[T]:
        """Yield all items; other tasks run while a page is on its way.

        Args:
            sender: Sends the calls, such as a client for asyncio.

        Raises:
            WeChatError: If a call fails, after all items of the pages before it.
        """
        walk = _Walk(self)
        while (call := walk.call()) is not None:
            for item in walk.take(call, await sender.send(call)):
                yield item


def _beginning(walk: _Walk[T, P, C]) -> C:
    return walk.pages.first


@define
class _Walk(Generic[T, P, C]):
    """One iteration over the pages."""

    pages: Pages[T, P, C]
    cursor: C = field(init=False, default=Factory(_beginning, takes_self=True))
    span: int = 0
    """The index of the current span."""
    behind: set[C] = field(init=False, factory=set[C])
    """The cursors of the pages of this span that have been read."""
    lost: DecodeError | None = None
    """The error to raise once the items of the last page have been yielded."""
    meeting: list[T] = field(init=False, factory=list[T])
    """Items already yielded from the second that this span shares with the one before."""
    last: list[T] = field(init=False, factory=list[T])
    """Items of the last second of this span."""
    empty: int = 0
    """The number of pages in a row, up to now, that listed no item."""

    def call(self) -> Call[P] | None:
        """Return the call for the next page; None after the last page."""
        if self.lost is not None:
            raise self.lost
        if self.span == len(self.pages.spans):
            return None
        return self.pages.ask(self.pages.spans[self.span], self.cursor)

    def take(self, call: Call[P], page: P) -> list[T]:
        """Read a page, and return the items that have not been yielded yet."""
        pages = self.pages
        items, cursor = pages.read(page)
        fresh = items if pages.time is None else self._fresh(items, pages.time)
        self.behind.add(self.cursor)
        self.empty = 0 if items else self.empty + 1
        if self._is_last(page, len(items), cursor):
            self._next_span()
        elif not cursor or cursor in self.behind:
            # The iteration would never end, or the items of later pages would be lost.
            self.lost = DecodeError(
                f"{call.operation}: expected a full page to say where the next one begins, got "
                f"{cursor!r}"
            )
        elif self.empty == MAX_EMPTY:
            self.lost = DecodeError(
                f"{call.operation}: expected an item or the last page, got {MAX_EMPTY} pages in a "
                "row that list nothing and promise more"
            )
        else:
            self.cursor = cursor
        return fresh

    def _is_last(self, page: P, listed: int, cursor: C) -> bool:
        pages = self.pages
        if pages.size is None:
            return not listed or not cursor
        # The platform may count items that it does not list.
        return max(listed, 0 if pages.count is None else pages.count(page)) < pages.size

    def _next_span(self) -> None:
        self.span += 1
        self.cursor = self.pages.first
        self.empty = 0
        self.behind.clear()
        self.meeting, self.last = self.last, []

    def _fresh(self, items: list[T], time: Callable[[T], int]) -> list[T]:
        """Return the items without those that the span before has yielded.

        The documentation does not say whether a span includes its first and its last second, so
        two neighbouring spans share one second. An item of that second is yielded as often as it
        stands in one of the two spans, whichever lists it more often.
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

"""Functions that go through all the pages of a call, and of a time that is too long for one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from wxruntime.call import Call
from wxruntime.errors import DecodeError


class Pages:
    """Answers calls with pages, in their order, and keeps what was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self._pages = [*pages]
        self.asked: list[dict[str, Any]] = []

    def send(self, call: Call[Any]) -> Any:
        """Answer with the next page."""
        body = call.body if isinstance(call.body, dict) else {}
        self.asked.append({**call.query, **body})
        return call.decode(self._pages.pop(0))


class AwaitedPages(Pages):
    """Answers them when it is awaited."""

    async def send(self, call: Call[Any]) -> Any:
        """Answer with the next page."""
        return super().send(call)


def _record(text: str, time: int) -> dict[str, Any]:
    return {"text": text, "time": time}


def test_pages_follow_where_the_one_before_says(package: ModuleType) -> None:
    """The cursor is a text in one call; the first page begins where its default says."""
    sender = Pages(
        {"data": {"list": {"one": [{"sort": "fan", "openid": "a"}]}, "next_openid": "a"}},
        {"data": {"list": [{"sort": "bot", "name": "b"}, {"sort": "cat", "lives": 9}]}},
    )
    things = package.things
    found: Iterator[Any] = things.Things(sender).everybody("open-the-list-please")

    assert sender.asked == []
    assert [*found] == [
        things.Fan("a"),
        things.Bot("b"),
        things.UnknownAnybody({"sort": "cat", "lives": 9}),
    ]
    assert [asked["next_openid"] for asked in sender.asked] == ["", "a"]
    assert {asked["tag"] for asked in sender.asked} == {"7"}


def test_a_page_with_fewer_items_is_the_last_of_its_span(package: ModuleType) -> None:
    """Each span of time begins anew, and what happened where two of them meet comes once."""
    sender = Pages(
        {"recordlist": [_record("a", 5), _record("b", 9)], "msgid": 4},
        {"recordlist": [_record("c", 60)], "msgid": 5},
        {"recordlist": [_record("c", 60), _record("d", 70)], "msgid": 6},
        {"recordlist": [], "msgid": 6},
    )
    found = package.things.Things(sender).records(0, 100, "narrow", "b")

    assert [record.text for record in found] == ["a", "b", "c", "d"]
    assert [(a["starttime"], a["endtime"], a["msgid"]) for a in sender.asked] == [
        *((0, 60, 1), (0, 60, 4), (60, 100, 1), (60, 100, 6)),
    ]
    assert {(a["span"], a["page"], a["number"]) for a in sender.asked} == {("narrow", "b", 2)}


def test_a_loop_may_await_pages(package: ModuleType) -> None:
    """The façade for asyncio gives them as they come."""
    sender = AwaitedPages({"recordlist": [_record("a", 5)], "msgid": 3}, {"recordlist": []})

    async def texts() -> list[str]:
        things = package.things.AsyncThings(sender)
        return [record.text async for record in things.float_through()]

    assert asyncio.run(texts()) == ["a"]
    assert [asked["since"] for asked in sender.asked] == ["0", "3"]


def test_a_page_that_leads_to_itself_is_an_error(package: ModuleType) -> None:
    """It would never end."""
    page = {"recordlist": [_record("a", 5)], "msgid": 3}
    sender = Pages(page, {**page, "recordlist": [_record("b", 6)]})

    with pytest.raises(DecodeError, match=r"things\.strict: expected a full page to say"):
        list(package.things.Things(sender).float_through())


def test_nobody_is_asked_where_a_page_begins(package: ModuleType) -> None:
    """What one call of the pages takes beside it, the function takes too."""
    things = package.things

    assert [*inspect.signature(things.records).parameters] == [
        *("start_time", "end_time", "span", "page", "item"),
    ]
    assert [*inspect.signature(things.everybody).parameters] == ["cursor", "kind"]
    assert "open-the-list-please" not in repr(things.everybody("open-the-list-please"))
    paging = package.catalog.CATALOG.endpoints["things.get"].paging
    assert (paging.name, paging.cursor) == ("everybody", "next_openid")

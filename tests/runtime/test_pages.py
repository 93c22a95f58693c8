"""Going through pages and spans of time, against a platform that keeps records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wxoa import kf_record
from wxoa.kf_record import Record, RecordPage
from wxruntime.call import Call
from wxruntime.errors import DecodeError
from wxruntime.pages import MAX_EMPTY, Pages, Span, split
from wxruntime.wire import JsonObject, JsonValue, integer
from wxruntime.wire.json import dumps, loads_object

DAY = 86400

T = TypeVar("T")


class Archive:
    """Answers `get_msg_list` as the platform may: nobody says which ends of a span count."""

    def __init__(self, times: list[int], *, since: bool = True, until: bool = True) -> None:
        self.records = [*enumerate(sorted(times), 1)]
        self.counts_since = since
        self.counts_until = until
        self.asked: list[tuple[int, int, int]] = []

    def send(self, call: Call[T]) -> T:
        """Answer one call; a number says where the next page begins."""
        assert isinstance(call.body, dict)
        given = call.body
        since, until, first, number = (
            integer(given[name], name) for name in ("starttime", "endtime", "msgid", "number")
        )
        self.asked.append((since, until, first))

        assert 0 <= until - since <= DAY

        inside = [
            (at, when)
            for at, when in self.records
            if since <= when <= until
            and (self.counts_since or when != since)
            and (self.counts_until or when != until)
        ]
        found = [(at, when) for at, when in inside if at >= first][:number]
        answer: JsonObject = {
            "recordlist": [
                {"openid": "o6", "opercode": 2002, "text": f"{at}", "time": when}
                for at, when in found
            ],
            "number": len(found),
            "msgid": found[-1][0] + 1 if found else first,
        }
        return call.decode(loads_object(dumps(answer)))


class Awaited:
    """The same, awaited."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    async def send(self, call: Call[T]) -> T:
        """Answer one call."""
        return self.archive.send(call)


def texts_of(pages: Pages[Record, RecordPage, int], archive: Archive) -> list[str]:
    """Go through all pages both ways, which have to agree in what they ask and give."""

    async def collect(items: AsyncIterator[Record]) -> list[str]:
        return [item.text async for item in items]

    sent = [item.text for item in pages.sent_by(archive)]
    asked = archive.asked[:]
    archive.asked.clear()
    awaited = asyncio.run(collect(pages.awaited_by(Awaited(archive))))

    assert (awaited, archive.asked) == (sent, asked)

    return sent


@given(
    times=st.lists(st.integers(0, 8).map(lambda step: step * DAY // 2), max_size=12),
    days=st.integers(0, 8),
    number=st.integers(1, 4),
    until=st.booleans(),
)
@example(times=[DAY, DAY, DAY], days=4, number=1, until=False)
def test_property_everything_comes_once(
    times: list[int], days: int, number: int, until: bool
) -> None:
    """Whether or not the last second of a span counts; those that fall on two spans as well."""
    archive = Archive(times, until=until)
    end = days * DAY // 2
    expected = [f"{at}" for at, when in archive.records if when < end or (until and when == end)]

    assert texts_of(kf_record.iterate(0, end, number), archive) == expected


@given(
    times=st.lists(st.integers(1, 8).map(lambda step: step * DAY // 2), max_size=12),
    number=st.integers(1, 4),
)
def test_property_the_first_second_need_not_count(times: list[int], number: int) -> None:
    """The second where two spans meet belongs to one of them at least."""
    archive = Archive(times, since=False)

    assert texts_of(kf_record.iterate(0, 4 * DAY, number), archive) == [
        f"{at}" for at, _ in archive.records
    ]


def test_a_page_is_asked_for_when_the_one_before_is_through() -> None:
    """Nothing goes out before the first item is wanted, and nothing that nobody wants."""
    archive = Archive([1, 2, 3, 4])
    records = kf_record.iterate(0, DAY, 2).sent_by(archive)

    assert archive.asked == []
    assert [next(records).text, next(records).text] == ["1", "2"]
    assert len(archive.asked) == 1
    assert next(records).text == "3"
    assert archive.asked == [(0, DAY, 1), (0, DAY, 3)]


def test_one_value_can_be_gone_through_twice() -> None:
    """It holds no state."""
    archive = Archive([1, 2])
    pages = kf_record.iterate(0, 10)

    assert [*pages.sent_by(archive)] == [*pages.sent_by(archive)]


def listing(owner: str, operation: str = "a.call") -> Pages[str, JsonObject, str]:
    """Make pages of what belongs to an owner."""

    def ask(span: Span, cursor: str) -> Call[JsonObject]:
        return Call("GET", "/a", operation, query={"owner": owner, "cursor": cursor})

    return Pages(ask, lambda page: ([], ""), "")


def test_pages_are_equal_if_they_ask_for_the_same() -> None:
    """Pages are compared by their first call, their spans and their size."""
    pages = kf_record.iterate(0, 10)

    assert pages == kf_record.iterate(0, 10)
    assert hash(pages) == hash(kf_record.iterate(0, 10))
    assert pages != kf_record.iterate(0, 11)
    assert pages != kf_record.iterate(0, 10, 7)
    assert listing("anna") == listing("anna")
    assert listing("anna") != listing("bert")
    assert listing("anna") != listing("anna", "another.call")
    assert len({listing("anna"), listing("bert"), listing("anna"), pages}) == 3
    assert listing("anna") != "anna"


def test_the_repr_of_pages_shows_their_first_call() -> None:
    """The repr has the number of spans, and the repr of the call."""
    assert repr(listing("anna")) == (
        "<Pages of 1 span(s) from <Call a.call(owner='anna', cursor='') GET /a>>"
    )
    assert repr(kf_record.iterate(0, 3 * DAY)).startswith(
        "<Pages of 3 span(s) from <Call kf_record.get_msg_list("
    )


def test_a_page_that_leads_nowhere_is_an_error() -> None:
    """A full page that ends where it began would be asked for without end."""

    class Stuck:
        def send(self, call: Call[T]) -> T:
            answer = b'{"recordlist": [%b, %b], "number": 2, "msgid": 1}'
            record = b'{"openid": "o6", "opercode": 2002}'
            return call.decode(loads_object(answer % (record, record)))

    with pytest.raises(DecodeError, match=r"kf_record\.get_msg_list: expected a full page to say"):
        list(kf_record.iterate(0, 10, 2).sent_by(Stuck()))


@pytest.mark.parametrize("leads", [[3, 2, 3], [2, 1], [0], [None]])
def test_pages_that_go_in_circles_are_an_error(leads: list[int | None]) -> None:
    """So is a full page that leads nowhere: what comes behind it would be lost."""
    left = list(leads)

    class Circling:
        def send(self, call: Call[T]) -> T:
            record: JsonObject = {"openid": "o6", "opercode": 2002}
            return call.decode({"recordlist": [record, {**record}], "msgid": left.pop(0)})

    taken: list[Record] = []
    with pytest.raises(DecodeError, match="expected a full page to say where the next one begins"):
        taken.extend(kf_record.iterate(0, 10, 2).sent_by(Circling()))

    assert left == []
    assert len(taken) == 2 * len(leads)


def test_a_page_that_lists_fewer_than_it_counts_is_not_the_last() -> None:
    """The platform withholds some, and says how many there were."""
    texts = [["a", "b"], [], ["c"]]

    class Withholding:
        def send(self, call: Call[T]) -> T:
            listed: list[JsonValue] = [
                {"openid": "o6", "opercode": 2002, "text": text} for text in texts.pop(0)
            ]
            left = 3 if texts else 1
            return call.decode({"recordlist": listed, "number": left, "msgid": 9 - len(texts)})

    assert [r.text for r in kf_record.iterate(0, 10, 3).sent_by(Withholding())] == ["a", "b", "c"]


class Promising:
    """A platform that says of some pages that they are full, and lists nothing in them."""

    def __init__(self, empty: list[int]) -> None:
        self.runs = empty
        """How many such pages stand before each page with a record."""
        self.calls = 0

    def send(self, call: Call[T]) -> T:
        """Answer with the next page, whose cursor is larger than all before."""
        self.calls += 1
        listed: list[JsonValue] = []
        if self.runs and self.runs[0] == 0:
            self.runs.pop(0)
            listed = [{"openid": "o6", "opercode": 2002}]
        elif self.runs:
            self.runs[0] -= 1
        number = 2 if self.runs else 1
        return call.decode({"recordlist": listed, "number": number, "msgid": self.calls + 1})


def test_pages_that_list_nothing_without_end_are_an_error() -> None:
    """After 100 of them in a row, the iteration ends with an error."""
    platform = Promising([10**6])

    with pytest.raises(
        DecodeError, match=r"^kf_record\.get_msg_list: .*100 pages in a row that list nothing"
    ):
        next(kf_record.iterate(0, 10, 2).sent_by(platform))

    assert platform.calls == MAX_EMPTY


def test_pages_that_list_nothing_may_stand_between_others() -> None:
    """Only pages in a row are counted, and a page with an item ends the row."""
    most = MAX_EMPTY - 1
    platform = Promising([most, most, most])

    assert len(list(kf_record.iterate(0, 10, 2).sent_by(platform))) == 3
    assert platform.calls == 3 * MAX_EMPTY


def test_each_span_counts_its_own_empty_pages() -> None:
    """The last page of a span ends the row."""

    class Empty:
        calls = 0

        def send(self, call: Call[T]) -> T:
            self.calls += 1
            return call.decode({"recordlist": [], "number": 0, "msgid": 1})

    platform = Empty()

    assert list(kf_record.iterate(0, 2 * MAX_EMPTY * DAY).sent_by(platform)) == []
    assert platform.calls == 2 * MAX_EMPTY


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_a_size_that_no_page_has_is_refused(number: int) -> None:
    """The platform would give fewer, and seem to be at its end."""
    with pytest.raises(ValueError, match=f"expected pages of 1 to 10000 items, got {number}"):
        kf_record.iterate(0, 10, number)


def spans(since: int, until: int, seconds: int) -> list[Span]:
    """List the spans of a time."""
    made = split(since, until, seconds)
    return [made[number] for number in range(len(made))]


@pytest.mark.parametrize("until", [1_795_399_287_000, -1, 2.5, "9", None])
def test_what_is_no_time_is_refused_at_once(until: Any) -> None:
    """Milliseconds among it, which would make spans of fifty thousand years."""
    with pytest.raises(ValueError, match="expected whole Unix seconds from 0 to 253402300799"):
        kf_record.iterate(0, until)


def test_a_long_time_is_split() -> None:
    """The spans meet, and none is longer than a call covers; an instant is a span as well."""
    assert spans(0, 250, 100) == [Span(0, 100), Span(100, 200), Span(200, 250)]
    assert spans(7, 7, 100) == [Span(7, 7)]
    assert spans(0, 100, 100) == [Span(0, 100)]
    with pytest.raises(ValueError, match="expected an end at 9 or later, got 8"):
        split(9, 8, 100)
    with pytest.raises(ValueError, match="expected an end at 9 or later, got 8"):
        kf_record.iterate(9, 8)

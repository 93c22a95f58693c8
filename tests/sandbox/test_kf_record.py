"""Records: the messages and events of the desk, page by page."""

from __future__ import annotations

import pytest

from tests.runtime.callers import Caller
from tests.sandbox.platform import BEGAN, StillPlatform
from tests.sandbox.scene import Scene
from wxoa import kf_record
from wxoa.kf_record import OperCode, Record
from wxruntime.call import Call
from wxruntime.sandbox.desk import IDLE_LIMIT
from wxruntime.sandbox.transcript import KEPT, Transcript
from wxruntime.wire import JsonObject, json

SARA = "sara@acme"
BO = "bo@acme"
ANN = "o6_ann"
BEN = "o6_ben"
DAY = 86400
MIDNIGHT = BEGAN - (BEGAN + 8 * 3600) % DAY
"""The start of the day of these tests in Beijing."""


def told(records: list[Record]) -> list[tuple[int, str, int, str, str]]:
    """Return the records as tuples, with times relative to the start."""
    return [(r.time - BEGAN, r.openid, int(r.oper_code), r.text, r.worker) for r in records]


def said(
    start: int = BEGAN, end: int = BEGAN + DAY, msg_id: int = 1, number: int = 10000
) -> Call[kf_record.RecordPage]:
    """Build the call that lists messages."""
    return kf_record.get_msg_list(start, end, msg_id, number)


def happened(start: int = BEGAN, end: int = MIDNIGHT + DAY - 1) -> Call[list[Record]]:
    """Build the call that lists messages and events."""
    return kf_record.get_record(start, end)


def talk(scene: Scene) -> None:
    """Act a conversation out, with a transfer and an idle end."""
    admin = scene.admin
    for name in (SARA, BO):
        admin.put_account(name)
    admin.write(ANN, "is anybody there?")
    admin.advance(1)
    admin.accept(ANN, SARA)
    admin.say(ANN, SARA, "您好")
    admin.advance(1)
    admin.write(ANN, "my order…")
    admin.send_message(ANN, "image")
    admin.advance(1)
    admin.transfer(ANN, BO)
    admin.send_message(ANN, content="hello Bo")
    admin.advance(IDLE_LIMIT)
    admin.send_message(ANN, content="bye")


def test_a_conversation_is_written_down(still_scene: Scene, still_caller: Caller) -> None:
    """One call lists the messages of agent and customer, the older one also the events."""
    talk(still_scene)
    page = still_caller.send(said())
    everything = still_caller.send(happened())

    assert told(page.records) == [
        (1, ANN, OperCode.SENT, "您好", SARA),
        (2, ANN, OperCode.RECEIVED, "my order…", SARA),
        (2, ANN, OperCode.RECEIVED, "[image]", SARA),
        (3, ANN, OperCode.RECEIVED, "hello Bo", BO),
    ]
    assert (page.number, page.unknown) == (4, {})
    assert told(everything) == [
        (0, ANN, OperCode.ACCOUNT_RECEIVED, "is anybody there?", ""),
        (1, ANN, OperCode.SESSION_ACCEPTED, "", SARA),
        *told(page.records[:3]),
        (3, ANN, OperCode.SESSION_TRANSFERRED, "", BO),
        *told(page.records[3:]),
        (3 + IDLE_LIMIT, ANN, OperCode.SESSION_CLOSED, "", BO),
        (3 + IDLE_LIMIT, ANN, OperCode.ACCOUNT_RECEIVED, "bye", ""),
    ]
    assert all(record.unknown == {} for record in everything)


def test_what_is_pushed_is_written_down_too(still_scene: Scene) -> None:
    """A message to the account has a record without a worker."""
    still_scene.admin.wait_for_delivery(still_scene.admin.send_message(ANN, content="hi"))
    (record,) = still_scene.client.send(happened())

    assert told([record]) == [(0, ANN, OperCode.ACCOUNT_RECEIVED, "hi", "")]


def test_pages_follow_each_other(still_scene: Scene, still_caller: Caller) -> None:
    """Each page starts where the one before ends; the last has fewer records than asked for."""
    admin = still_scene.admin
    admin.put_account(SARA)
    admin.write(ANN)
    admin.accept(ANN, SARA)
    for number in range(5):
        admin.say(ANN, SARA, str(number))
    first = still_caller.send(said(number=2))
    second = still_caller.send(said(msg_id=first.msg_id, number=2))
    third = still_caller.send(said(msg_id=second.msg_id, number=2))
    fourth = still_caller.send(said(msg_id=third.msg_id, number=2))
    pages = [first, second, third, fourth]

    assert [[r.text for r in page.records] for page in pages] == [["0", "1"], ["2", "3"], ["4"], []]
    assert [page.number for page in pages] == [2, 2, 1, 0]
    assert fourth.msg_id == third.msg_id


def test_days_follow_each_other(still_scene: Scene) -> None:
    """No record is missing or repeated where one day meets the next."""
    admin = still_scene.admin
    admin.put_account(SARA)
    for number, seconds in enumerate([0, DAY - 1, 1, 1, DAY - 1, 1, 2 * DAY]):
        admin.advance(seconds)
        admin.write(ANN)
        admin.accept(ANN, SARA)
        admin.say(ANN, SARA, str(number))
        admin.say(ANN, SARA, f"{number} again")
    for number in (1, 2, 10_000):
        records = [*still_scene.client.kf_record.iterate(BEGAN, BEGAN + 5 * DAY, number)]
        texts = [r.text for r in records if r.oper_code is OperCode.SENT]

        assert texts == [text for n in range(7) for text in (str(n), f"{n} again")]


def test_pages_of_the_older_call(still_scene: Scene, still_caller: Caller) -> None:
    """Pages are numbered from 1, and can be limited to one customer."""
    for number in range(5):
        still_scene.admin.write(ANN, f"ann {number}")
        still_scene.admin.write(BEN, f"ben {number}")

    def page(index: int, size: int, openid: str | None) -> list[str]:
        call = kf_record.get_record(BEGAN, BEGAN, index, size, openid=openid)
        return [record.text for record in still_caller.send(call)]

    assert page(1, 3, None) == ["ann 0", "ben 0", "ann 1"]
    assert page(2, 3, None) == ["ben 1", "ann 2", "ben 2"]
    assert page(2, 3, BEN) == ["ben 3", "ben 4"]
    assert page(3, 3, BEN) == []
    assert page(1, 50, "o6_nobody") == []


def test_a_time_includes_its_ends(still_scene: Scene) -> None:
    """Records of the first and of the last second are included."""
    admin, client = still_scene.admin, still_scene.client
    admin.put_account(SARA)
    admin.write(ANN)
    admin.accept(ANN, SARA)
    for number in range(4):
        admin.say(ANN, SARA, str(number))
        admin.advance(1)
    records = client.send(said(BEGAN + 1, BEGAN + 2)).records

    assert [record.text for record in records] == ["1", "2"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"msgid": None, "number": None}, 0),
        ({"endtime": BEGAN}, 0),
        ({"endtime": BEGAN + DAY}, 0),
        ({"endtime": BEGAN + DAY + 1}, 65417),
        ({"endtime": BEGAN - 1}, 65416),
        ({"starttime": 0}, 65416),
        ({"starttime": -1}, 65416),
        ({"starttime": None}, 65416),
        ({"endtime": "soon"}, 65416),
        ({"endtime": "１７００００００００"}, 65416),
        ({"endtime": "9" * 5000}, 65416),
        ({"msgid": 0}, 65416),
        ({"msgid": "x"}, 65416),
        ({"number": 0}, 65416),
        ({"number": 1.5}, 65416),
        ({"number": 10000}, 0),
        ({"number": 10001}, 65416),
        ({"number": []}, 40035),
    ],
)
def test_what_may_be_asked_for(changed: JsonObject, code: int) -> None:
    """At most a day and 10,000 records are allowed; wrong numbers are refused."""
    asked: JsonObject = {"starttime": BEGAN, "endtime": BEGAN + 60, "msgid": 1, "number": 100}
    given: JsonObject = {
        name: value for name, value in {**asked, **changed}.items() if value is not None
    }
    answer = StillPlatform().call("POST", "/customservice/msgrecord/getmsglist", json.dumps(given))

    assert answer.get("errcode", 0) == code
    assert ("recordlist" in answer) is (code == 0)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"pageindex": None, "pagesize": None}, 0),
        ({"starttime": MIDNIGHT, "endtime": MIDNIGHT + DAY - 1}, 0),
        ({"starttime": MIDNIGHT, "endtime": MIDNIGHT + DAY}, 65417),
        ({"starttime": MIDNIGHT - 1, "endtime": MIDNIGHT}, 65417),
        ({"starttime": BEGAN + 1}, 65416),
        ({"pageindex": 0}, 65416),
        ({"pagesize": 0}, 65416),
        ({"pagesize": 50}, 0),
        ({"pagesize": 51}, 65416),
    ],
)
def test_what_the_older_call_may_be_asked_for(changed: JsonObject, code: int) -> None:
    """At most one day in Beijing and 50 records are allowed."""
    asked: JsonObject = {"starttime": BEGAN, "endtime": BEGAN, "pageindex": 1, "pagesize": 10}
    given: JsonObject = {
        name: value for name, value in {**asked, **changed}.items() if value is not None
    }
    answer = StillPlatform().call("POST", "/customservice/msgrecord/getrecord", json.dumps(given))

    assert answer.get("errcode", 0) == code


def test_only_the_latest_is_kept() -> None:
    """The transcript keeps the latest 100,000 entries, and their numbers continue."""
    transcript = Transcript()
    for number in range(KEPT + 2):
        transcript.note(number, ANN, 2002)
    kept = [*transcript.between(0, KEPT + 2)]

    assert len(kept) == KEPT
    assert (kept[0].time, kept[-1].time) == (2, KEPT + 1)
    assert kept[-1].number - kept[0].number == KEPT - 1

"""Records of conversations."""

from __future__ import annotations

from itertools import islice

from wxruntime.httpd import Outgoing
from wxruntime.sandbox.calls import Given, as_json
from wxruntime.sandbox.families.family import Family
from wxruntime.sandbox.refusal import Refusal
from wxruntime.sandbox.transcript import RECEIVED, SENT, Entry
from wxruntime.wire import JsonObject

__all__ = ["KfRecordCalls"]

MAX_RECORDS = 10_000
"""How many records one answer of `get_msg_list` lists."""
MAX_PAGE = 50
"""How many records one answer of `get_record` lists."""
DAY = 86400
BEIJING = 8 * 3600
"""How far the time in Beijing is ahead of UTC, in seconds."""

INVALID_PARAMETER = 65416
TOO_LONG = 65417


class KfRecordCalls(Family):
    """Answers the calls of the family `kf_record`."""

    def get_msg_list(self, given: Given) -> Outgoing:
        start, end = _range(given)
        first = _number(given["msg_id"] or "1", 1)
        most = _number(given["number"] or str(MAX_RECORDS), 1, MAX_RECORDS)
        if end - start > DAY:
            raise Refusal(TOO_LONG)
        messages = (
            entry
            for entry in self._state.transcript.between(start, end)
            if entry.number >= first and entry.code in (SENT, RECEIVED)
        )
        page = [*islice(messages, most)]
        return as_json(
            {
                "recordlist": [_described(entry) for entry in page],
                "number": len(page),
                "msgid": page[-1].number + 1 if page else first,
            }
        )

    def get_record(self, given: Given) -> Outgoing:
        start, end = _range(given)
        index = _number(given["page_index"] or "1", 1)
        size = _number(given["page_size"] or str(MAX_PAGE), 1, MAX_PAGE)
        if (start + BEIJING) // DAY != (end + BEIJING) // DAY:
            raise Refusal(TOO_LONG)
        openid = given["openid"]
        entries = (
            entry
            for entry in self._state.transcript.between(start, end)
            if openid in ("", entry.openid)
        )
        page = islice(entries, (index - 1) * size, index * size)
        return as_json({"retcode": 0, "recordlist": [_described(entry) for entry in page]})


def _range(given: Given) -> tuple[int, int]:
    start = _number(given["start_time"], 1)
    return start, _number(given["end_time"], start)


def _number(given: str, least: int, most: int = 1 << 53) -> int:
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 20 else 0
    if not least <= number <= most:
        raise Refusal(INVALID_PARAMETER)
    return number


def _described(entry: Entry) -> JsonObject:
    return {
        "openid": entry.openid,
        "opercode": entry.code,
        "text": entry.text,
        "time": entry.time,
        "worker": entry.worker,
    }

"""What is read and written: pushes and answers as the platform writes them, and what they mean."""

from __future__ import annotations

import json
from typing import TypeAlias

from attrs import frozen

from wxoa import events, kf_session
from wxruntime.wire import Timestamp

__all__ = ["ANSWERS", "EVENTS", "KF_ACCOUNT", "Answer", "Item", "Push"]

Item: TypeAlias = "dict[str, str | int]"

KF_ACCOUNT = "sara@acme"
"""Whose conversations are listed."""

_TO = "gh_7f083739789a"
_FROM = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
_TIME = 1399197672


@frozen
class Push:
    """One push: its document, its fields by their names on the wire, and the event it means."""

    name: str
    body: bytes
    fields: dict[str, str]
    event: events.Event


def _push(event: events.Event, name: str, **own: str) -> Push:
    """Write a push, an element a line as the platform does it, apart from any code of ours."""
    fields = {
        "ToUserName": _TO,
        "FromUserName": _FROM,
        "CreateTime": str(_TIME),
        "MsgType": "event",
        "Event": name,
        **own,
    }
    lines = (
        f"<{tag}>{text}</{tag}>" if text.isdigit() else f"<{tag}><![CDATA[{text}]]></{tag}>"
        for tag, text in fields.items()
    )
    body = "\n".join(("<xml>", *lines, "</xml>"))
    return Push(name, body.encode(), fields, event)


EVENTS = (
    _push(
        events.KfCreateSessionEvent(_TO, _FROM, Timestamp(_TIME), KF_ACCOUNT),
        "kf_create_session",
        KfAccount=KF_ACCOUNT,
    ),
    _push(
        events.KfCloseSessionEvent(_TO, _FROM, Timestamp(_TIME), KF_ACCOUNT, "KF"),
        "kf_close_session",
        KfAccount=KF_ACCOUNT,
        CloseType="KF",
    ),
    _push(
        events.KfSwitchSessionEvent(_TO, _FROM, Timestamp(_TIME), KF_ACCOUNT, "omar@acme"),
        "kf_switch_session",
        FromKfAccount=KF_ACCOUNT,
        ToKfAccount="omar@acme",
    ),
)
"""The three events of a conversation."""


@frozen
class Answer:
    """One answer: its document, the items in it, and what they mean."""

    name: str
    body: bytes
    key: str
    """Where the items are in it."""
    items: list[Item]
    means: list[kf_session.Session] | kf_session.WaitCaseListResult


def _openid(number: int) -> str:
    return f"o6_bmjrPTlm6_2sgVt7hMZOPf{number:03}"


def _sessions(count: int) -> Answer:
    """List conversations, which do not repeat whose they are."""
    items: list[Item] = [
        {"createtime": _TIME + number, "openid": _openid(number)} for number in range(count)
    ]
    means = [
        kf_session.Session(_openid(number), KF_ACCOUNT, Timestamp(_TIME + number))
        for number in range(count)
    ]
    name = "1 session" if count == 1 else f"{count} sessions"
    return Answer(name, json.dumps({"sessionlist": items}).encode(), "sessionlist", items, means)


def _wait_cases(count: int) -> Answer:
    items: list[Item] = [
        {"latest_time": _TIME + number, "openid": _openid(number)} for number in range(count)
    ]
    means = kf_session.WaitCaseListResult(
        count,
        [
            kf_session.WaitCase(_openid(number), Timestamp(_TIME + number))
            for number in range(count)
        ],
    )
    body = json.dumps({"count": count, "waitcaselist": items}).encode()
    return Answer(f"{count} waiting cases", body, "waitcaselist", items, means)


ANSWERS = (_sessions(1), _sessions(100), _wait_cases(100))
"""The answers of `kf_session.list` and `kf_session.wait_case_list`."""

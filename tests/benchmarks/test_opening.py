"""Everybody opens the same push, and the servers under load do what the callback does."""

from __future__ import annotations

import json

import pytest

from benchmarks import serving
from benchmarks.measure import Figure, Rate
from benchmarks.opening import opening
from benchmarks.report import as_json, as_text
from benchmarks.sealed import AES_KEY, APP_ID, TOKEN, deliver, text_message
from benchmarks.tables import WrongResult, checked, same
from wxoa import events
from wxruntime.callback.account import Account
from wxruntime.callback.crypto import AesKey
from wxruntime.callback.gate import Gate
from wxruntime.errors import SignatureError
from wxruntime.redact import Secret


def test_a_message_has_the_size_it_is_said_to_have() -> None:
    """As the platform writes it, line by line."""
    content, fields = text_message(1)

    assert 590 <= len(content) <= 600
    assert content.decode().count("\n") == len(fields) + 1


def test_a_message_is_read_by_the_scanner() -> None:
    """The benchmark does not measure the fallback."""
    content, fields = text_message(1)
    message = events.FORMAT.scan(content)

    assert isinstance(message, events.TextMessage)
    assert message == events.FORMAT.decode_reference(content)
    assert message.content == fields["Content"]


def test_every_way_opens_the_push() -> None:
    """Each is run once, and its result compared, before anything is timed."""
    floor, *others = opening().rows

    assert [row.name.split(":")[0] for row in others] == ["wxoa", "wechatpy"]
    assert callable(floor.ways[0])
    assert callable(others[0].ways[0])


def test_a_way_that_opens_something_else_is_noticed() -> None:
    """Otherwise a fast way could be a wrong one."""
    with pytest.raises(WrongResult):
        checked(lambda: b"something else", same, text_message(1)[0])


def test_a_push_that_was_changed_is_opened_by_nobody() -> None:
    """The signature and the AppID are part of the work that is timed."""
    sealed = deliver(text_message(1)[0], "safe", "1320562132")
    gate = Gate(Account.of((Secret(TOKEN),), (Secret(AES_KEY),), APP_ID), 300.0)
    gate.admit(sealed.query, sealed.body)
    foreign = AesKey(Secret(AES_KEY)).encrypt(text_message(1)[0], "wx_of_somebody_else")

    with pytest.raises(SignatureError):
        gate.admit({**sealed.query, "msg_signature": "0" * 40}, sealed.body)
    with pytest.raises(SignatureError):
        gate.admit(sealed.query, sealed.body.replace(sealed.encrypted.encode(), foreign.encode()))


def test_servers_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is a 200, and the callback's is a reply; the report shows what was found."""
    monkeypatch.setattr(serving, "TURN", 40)
    results = serving.measure_serving(1)
    tables = json.loads(as_json(results, {}, 1))["tables"]

    assert len(results) == len(tables) == 2
    for result in results:
        assert len(result.rows) == 3
        for rate, p50, p99 in result.rows.values():
            assert isinstance(rate, Rate)
            assert isinstance(p50, Figure)
            assert isinstance(p99, Figure)
            assert rate.a_second > 0
            assert p50.seconds <= p99.seconds
        assert result.title in as_text(results, {}, 1)

"""What somebody outside learns of a refusal, and what we do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import pytest

from tests.callback.gate import scheme
from tests.callback.gate.receiving import NOW, receiving, text_push
from tests.callback.gate.scheme import Request, Sender
from wxruntime.callback.answer import REFUSED, Answer

SENDER = Sender()
SAFE = SENDER.safe(text_push())


def _sealed(content: bytes) -> Request:
    return SENDER.carrying(scheme.encrypt(SENDER.key, content))


def _framed(length: int | None = None) -> bytes:
    return scheme.frame(text_push(), SENDER.app_id.encode(), bytes(16), length)


WRONG: Mapping[str, Request] = {
    "nothing at all": Request({}),
    "a body and no query": Request({}, text_push()),
    "no signature": SAFE.without("signature"),
    "a signature of zeros": SAFE.asking(signature="0" * 40),
    "no signature of the content": SAFE.without("msg_signature"),
    "a wrong signature of the content": SAFE.asking(msg_signature="0" * 40),
    "another token": Sender(token="nobodys-token-at-all").safe(text_push()),
    "another key": Sender(encoding_aes_key="X" * 43).safe(text_push()),
    "another AppID": Sender(app_id="wx00000000000000ff").safe(text_push()),
    "too late": Sender(timestamp=str(int(NOW) - 301)).safe(text_push()),
    "too early": Sender(timestamp=str(int(NOW) + 301)).safe(text_push()),
    "a time that is none": Sender(timestamp="now").safe(text_push()),
    "a plain push": SENDER.plain(text_push()),
    "a plain push that says it is raw": SENDER.plain(text_push()).asking(encrypt_type="raw"),
    "an empty body": SAFE.carrying(b""),
    "a body that is no document": SAFE.carrying(b"hello"),
    "a body that breaks off": SAFE.carrying(SAFE.body[:60]),
    "bad padding": _sealed(_framed() + bytes(-len(_framed()) % 32)),
    "a length beyond the end": _sealed(scheme.pad(_framed(10**6))),
    "a length that is too small": _sealed(scheme.pad(_framed(3))),
    "no base64": SENDER.carrying("!" * 64),
    "content that is no document": SENDER.safe(b"hello"),
    "content of nothing": SENDER.safe(b""),
    "a document type in the content": SENDER.safe(b"<!DOCTYPE xml><xml/>"),
    "a forged echo": SENDER.check("echo").asking(signature="0" * 40),
}


@pytest.mark.parametrize("case", WRONG)
def test_every_refusal_is_answered_alike(case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Blocking and awaited: 403 and nothing else, one line in our log, and no handler."""
    request = WRONG[case]
    with receiving(SENDER) as receiver, caplog.at_level(logging.INFO, "wxoa"):
        blocking = receiver.take(request)
        awaited = asyncio.run(receiver.callback.handle_async(request.encoded, request.body))

    assert blocking == awaited == REFUSED == Answer(403, b"", "text/plain; charset=utf-8")
    assert not receiver.handled
    lines = [record for record in caplog.records if record.name.startswith("wxoa")]
    assert len(lines) == 2
    for line in lines:
        assert line.levelno == logging.WARNING
        assert line.exc_info is None
        assert line.getMessage().startswith("refused a delivery: ")
        assert "\n" not in line.getMessage()


@pytest.mark.parametrize("case", WRONG)
def test_no_refusal_shows_what_was_sent(case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Our log has the reason, and nothing of the query, of the body or of a secret."""
    request = WRONG[case]
    with receiving(SENDER) as receiver:
        receiver.take(request)

    for shown in (
        SENDER.token,
        SENDER.encoding_aes_key,
        *(value for value in request.query.values() if len(value) >= 12),
        "hello",
        "o6_customer",
    ):
        assert shown not in caplog.text


def test_what_a_customer_said_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """A push that is not as it is described is logged by its field, and not by what is in it."""
    private = text_push().replace(b"<CreateTime>1700000000", b"<CreateTime>my private words")
    with receiving(SENDER) as receiver:
        receiver.take(SENDER.safe(private))

    assert len(receiver.handled) == 1
    assert "CreateTime" in caplog.text
    assert "my private words" not in caplog.text


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1])
def test_a_body_that_is_too_large_is_refused_before_its_signature(size: int) -> None:
    """413 for whatever is larger than any push, signed or not; up to that size it is read."""
    with receiving(SENDER) as receiver:
        for request in (SENDER.plain(bytes(size)), Request({}, bytes(size))):
            assert receiver.take(request).status == (413 if size > 1 << 20 else 403)


def test_who_makes_requests_does_not_choose_how_long_our_log_lines_are(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Names and values of any length, and lines of their own, leave one short line."""
    tag = "T" * 100_000
    odd = [
        SENDER.plain(f"<xml><{tag} {tag}='1'/></xml>".encode()),
        SENDER.safe(f"<xml><{tag} {tag}='1'/></xml>".encode()),
        SENDER.plain(f'{{"{tag}\\n": 1, "CreateTime": "{tag}\\nrefused"}}'.encode()),
        SENDER.safe(f'{{"MsgType":"text","CreateTime": "{tag}\\n"}}'.encode()),
        Request({tag: tag}),
        Request({"signature": tag, "timestamp": tag, "nonce": tag}),
    ]
    for request in odd:
        with receiving(SENDER) as receiver:
            receiver.take(request)

    for record in caplog.records:
        if record.name.startswith("wxoa"):
            assert len(record.getMessage()) < 400, record.getMessage()[:200]
            assert "\n" not in record.getMessage()

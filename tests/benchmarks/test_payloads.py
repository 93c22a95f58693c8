"""What the benchmarks time means what they say it means; no peer is needed."""

import pytest

from benchmarks.payloads import ANSWERS, EVENTS, KF_ACCOUNT, Answer, Push
from wxoa import events, kf_session
from wxruntime.wire import json

PUSHES = pytest.mark.parametrize("push", EVENTS, ids=lambda push: push.name)


@PUSHES
def test_a_push_is_about_300_bytes(push: Push) -> None:
    """The payloads are of the size the platform's have."""
    assert 280 <= len(push.body) <= 370


@PUSHES
def test_scanner_and_reference_read_a_push_equally(push: Push) -> None:
    """The scanner takes the push itself: a benchmark of it does not measure the fallback."""
    assert events.FORMAT.scan(push.body) == push.event
    assert events.FORMAT.decode_reference(push.body) == push.event


@PUSHES
def test_a_push_survives_encoding(push: Push) -> None:
    """What is encoded reads as the same event."""
    assert events.decode(events.encode(push.event)) == push.event


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_an_answer_decodes_to_what_it_means(answer: Answer) -> None:
    """The calls of the module read the answers."""
    wire = json.loads_object(answer.body)
    if isinstance(answer.means, kf_session.WaitCaseListResult):
        assert kf_session.wait_case_list().decode(wire) == answer.means
    else:
        assert kf_session.list(KF_ACCOUNT).decode(wire) == answer.means

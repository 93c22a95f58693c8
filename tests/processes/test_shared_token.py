"""One token for many processes: fetched once, replaced once, whoever is killed meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.desk import Process, desk
from tests.processes.worker import APP_ID, APP_SECRET
from tests.redis_server import serving_redis
from tests.runtime.servers import TOKEN_PATH, Reply, Seen, Server
from wxoa.catalog import CATALOG
from wxruntime.sandbox import Admin, LocalWeChat

CALLERS = 4
CALLS = 3
INVALIDATIONS = 20


@pytest.fixture(params=["redis", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the processes share their token: a real Redis server, or a file."""
    if request.param == "file":
        yield str(tmp_path / "tokens.db")
    else:
        with serving_redis() as server:
            yield server.url


@pytest.fixture
def wechat() -> Iterator[LocalWeChat]:
    """A local WeChat."""
    with LocalWeChat(CATALOG, app_id=APP_ID, app_secret=APP_SECRET) as wechat:
        yield wechat


def fetched(admin: Admin) -> int:
    """How often the platform was asked for a token."""
    number = admin.state()["tokens_fetched"]

    assert isinstance(number, int)
    return number


def executed(admin: Admin) -> int:
    """How many calls the platform has answered."""
    counts = admin.state()["executed"]

    assert isinstance(counts, dict)
    number = counts.get("kf_session.wait_case_list", 0)

    assert isinstance(number, int)
    return number


@pytest.mark.timeout(240)
def test_all_processes_share_one_fetch_and_one_replacement(store: str, wechat: LocalWeChat) -> None:
    """They start cold with one fetch; each time the token ends, it is fetched once more.

    No call fails, and none is sent more often than twice. Thirty-two processes share a Redis
    server, half of them blocking and half of them awaiting; a file is for fewer.
    """
    processes = 32 if store.startswith("redis") else 8
    in_a_round = processes * CALLERS * CALLS
    shape = {"processes": processes, "callers": CALLERS, "calls": CALLS}
    with Admin(wechat.url) as admin, desk(wechat.url, store, **shape) as callers:
        cold = callers.play()
        at_first = fetched(admin)
        pause = threading.Event()
        after_each: list[int] = []
        most_sends = 0
        for _ in range(INVALIDATIONS):
            before, fetched_before = executed(admin), fetched(admin)

            def invalidate(before: int = before) -> None:
                while executed(admin) < before + in_a_round // 4:
                    pause.wait(0.001)
                admin.revoke_token()

            during = callers.play(invalidate)
            # A process that slept through an invalidation would be two tokens behind at the next.
            settled = callers.play()
            after_each.append(fetched(admin) - fetched_before)
            most_sends = max(most_sends, during.most_sends, settled.most_sends)

            assert not during.failures
            assert not settled.failures
            assert executed(admin) - before == 2 * in_a_round
        said = callers.end()

    assert not cold.failures
    assert (cold.calls, cold.most_sends, at_first) == (in_a_round, 1, 1)
    assert after_each == [1] * INVALIDATIONS
    assert most_sends == 2
    assert not said


@pytest.mark.timeout(120)
def test_a_process_killed_while_it_renews_delays_the_others_by_its_lease(
    store: str, wechat: LocalWeChat
) -> None:
    """The token request of one process is never answered; it is killed, and the others go on."""
    asked = threading.Event()
    never = threading.Event()

    def answer(request: Seen) -> Reply:
        assert request.path == TOKEN_PATH
        asked.set()
        never.wait()
        return Reply([], keep=False)

    stuck = Server(answer)
    victim = Process("blocking", stuck.base_url, store, 1, 1)
    try:
        assert victim.hear() == "ready"
        with desk(wechat.url, store, processes=4, callers=2, calls=1) as others:
            victim.tell("round")

            assert asked.wait(60)
            victim.kill()
            report = others.play()
            others.end()
    finally:
        never.set()
        victim.close()
        stuck.close()
    with Admin(wechat.url) as admin:
        assert fetched(admin) == 1
    assert not report.failures
    assert (report.calls, report.most_sends) == (8, 1)

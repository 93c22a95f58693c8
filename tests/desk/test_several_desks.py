"""Several desks at one queue: nobody is assigned twice, and nobody is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from attrs import frozen

from tests.desk.desks import KINDS
from tests.desk.drainer import Preferring
from tests.desk.people import JUDY, MIKE, SARA, come, served, waiting
from wxoa import errors
from wxruntime.sandbox import Admin, AdminError, LocalWeChat

CUSTOMERS = 230
ROOT = Path(__file__).parents[2]


@frozen
class Report:
    """What one desk says about its run."""

    assigned: list[tuple[str, str]]
    waiting: list[str]
    elsewhere: list[str]


def check(admin: Admin, customers: list[str], reports: list[Report]) -> None:
    """Compare what the desks say with how the local WeChat stands."""
    stands = served(admin)
    account_of = dict(stands)
    assert sorted(openid for openid, _ in stands) == customers
    assert not waiting(admin)
    for report in reports:
        mine = [openid for openid, _ in report.assigned]
        assert not report.waiting
        assert all(account_of[openid] == account for openid, account in report.assigned)
        assert len(mine) == len(set(mine))
        assert not set(mine) & set(report.elsewhere)
    # They got into each other's way: all have listed the first customer, and one was first.
    assert any(report.elsewhere for report in reports)


def accept_by_hand(url: str, customers: list[str], kf_account: str) -> Report:
    """Let an agent take over whoever is to be had."""
    report = Report([], [], [])

    def taken(admin: Admin, openid: str) -> bool:
        try:
            admin.accept(openid, kf_account)
        except AdminError as error:
            if error.code != errors.ServedByAnotherWorker.code:
                raise
            return False
        return True

    with Admin(url) as admin:
        for openid in customers:
            if taken(admin, openid):
                report.assigned.append((openid, kf_account))
            else:
                report.elsewhere.append(openid)
    return report


def test_two_desks_of_either_kind_and_an_agent_share_a_queue(
    wechat: LocalWeChat, admin: Admin
) -> None:
    """In threads of one process; the agent accepts by hand, from the end of the queue."""
    customers = come(admin, CUSTOMERS, SARA, MIKE, JUDY)
    meeting = threading.Barrier(2)

    def drained(kind: str, kf_account: str) -> Report:
        desk = KINDS[kind](wechat.url, strategy=Preferring(kf_account, meeting.wait))
        result = desk.drain()
        desk.close()
        return Report(
            [(one.openid, one.kf_account) for one in result.assigned],
            [one.openid for one in result.waiting],
            [*result.served_elsewhere],
        )

    runs: list[Callable[[], Report]] = [
        partial(drained, "blocking", SARA),
        partial(drained, "awaiting", MIKE),
        partial(accept_by_hand, wechat.url, customers[::-1], JUDY),
    ]
    with ThreadPoolExecutor(len(runs)) as pool:
        reports = [run.result() for run in [pool.submit(run) for run in runs]]

    check(admin, customers, reports)


def start(kind: str, url: str, kf_account: str) -> subprocess.Popen[str]:
    """Start a process that drains the queue."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.desk.drainer", kind, url, kf_account],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_share_a_queue(wechat: LocalWeChat, admin: Admin) -> None:
    """Three of them, of both kinds, each with an account that it prefers."""
    customers = come(admin, CUSTOMERS, SARA, MIKE, JUDY)
    kinds = (("blocking", SARA), ("awaiting", MIKE), ("blocking", JUDY))
    with ExitStack() as running:
        processes = [
            running.enter_context(start(kind, wechat.url, account)) for kind, account in kinds
        ]
        for process in processes:
            running.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=100) for process in processes]

    assert [problem for _, problem in said] == [""] * len(kinds)
    told = [json.loads(out) for out, _ in said]
    reports = [
        Report([(o, a) for o, a in one["assigned"]], one["waiting"], one["elsewhere"])
        for one in told
    ]
    check(admin, customers, reports)

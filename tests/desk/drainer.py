"""A process that drains the queue: `python -m tests.desk.drainer KIND URL ACCOUNT`.

It says that it is ready once it has listed the queue, goes on with a line on its standard input,
and prints what it assigned.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from tests.desk.desks import KINDS
from wxruntime.desk import Agent, WaitingCase, least_loaded

__all__ = ["Preferring"]


class Preferring:
    """A strategy: one account, as long as it can serve."""

    def __init__(self, kf_account: str, meet: Callable[[], object]) -> None:
        """Choose nobody yet.

        Args:
            kf_account: The account.
            meet: Waits for the other desks; called before the first choice, when the queue is
                listed already.
        """
        self._kf_account = kf_account
        self._meeting = [meet]

    def __call__(self, agents: Sequence[Agent], case: WaitingCase) -> Agent:
        if self._meeting:
            self._meeting.pop()()
        mine = [agent for agent in agents if agent.kf_account == self._kf_account]
        return mine[0] if mine else least_loaded(agents, case)


def meet() -> None:
    """Say that the queue is listed, and wait for the others."""
    print("ready", flush=True)
    sys.stdin.readline()


def main(kind: str, url: str, kf_account: str) -> None:
    """Drain once."""
    desk = KINDS[kind](url, strategy=Preferring(kf_account, meet))
    result = desk.drain()
    desk.close()
    report = {
        "assigned": [[one.openid, one.kf_account] for one in result.assigned],
        "waiting": [one.openid for one in result.waiting],
        "elsewhere": result.served_elsewhere,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Twenty thousand events through a web tier, a real Redis and four workers, all of them mortal."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from collections import Counter, defaultdict
from contextlib import ExitStack, closing

import pytest

from tests.redis_server import RedisServer, serving_redis
from tests.stream.platform import Platform
from tests.stream.processes import Process, Told, told
from wxruntime.stream.keys import Keys

CUSTOMERS, EACH = 200, 100
WORKERS, KILLS = 4, 8
EVENTS = CUSTOMERS * EACH
SAVED = ("--appendonly", "yes", "--appendfsync", "always")


class Record:
    """What the handlers did, and whether it was in order.

    Order means: an event is begun only when every earlier one of its customer has been handled to
    its end at least once, and never after a later one was begun. So an event may be handled
    twice, but only in its place.
    """

    def __init__(self) -> None:
        self.handled: dict[int, int] = defaultdict(int)
        """How many events of a customer are handled, all of them the first ones."""
        self.begun: Counter[tuple[int, int]] = Counter()
        self._last: dict[int, int] = defaultdict(int)

    def note(self, word: str, customer: int, number: int) -> None:
        """Take one line of a handler."""
        if word == "begin":
            where = f"customer {customer}, event {number}"
            assert number <= self.handled[customer], f"{where}: begun before the ones before it"
            assert number >= self._last[customer], f"{where}: begun after a later one"
            self.begun[customer, number] += 1
            self._last[customer] = number
        else:
            self.handled[customer] = max(self.handled[customer], number + 1)

    @property
    def total(self) -> int:
        """How many events are handled."""
        return sum(self.handled.values())

    @property
    def duplicates(self) -> int:
        """How often an event was begun again."""
        return self.begun.total() - len(self.begun)


def play(server: RedisServer, lines: Told, workers: list[Process], stack: ExitStack) -> Record:
    """Kill workers and the server, at moments drawn beforehand, until everything is handled."""
    chance = random.Random(4)
    record = Record()
    kills = sorted(chance.sample(range(EVENTS // 20, EVENTS), KILLS))
    crashed = False
    for line in lines.lines():
        record.note(line[0], int(line[1]), int(line[2]))
        if kills and record.total >= kills[0]:
            del kills[0]
            which = chance.randrange(WORKERS)
            workers[which].kill()
            workers[which] = stack.enter_context(closing(_worker(server, lines)))
        if not crashed and record.total >= EVENTS // 2:
            crashed = True
            server.kill()
            server.start()
        if record.total == EVENTS:
            return record
    raise AssertionError("there is always a next line")


def _worker(server: RedisServer, lines: Told) -> Process:
    return Process("-m", "tests.stream.hands", "tests.stream.desk", redis=server.url, told=lines)


@pytest.mark.timeout(300)
def test_every_event_is_handled_in_order_whoever_dies(capsys: pytest.CaptureFixture[str]) -> None:
    """None is lost, each customer's are in order, and what is handled twice is counted."""
    with ExitStack() as stack:
        server = stack.enter_context(serving_redis(*SAVED))
        lines = stack.enter_context(told())
        web = stack.enter_context(
            closing(Process("-m", "tests.stream.web", redis=server.url, told=lines))
        )
        workers = [stack.enter_context(closing(_worker(server, lines))) for _ in range(WORKERS)]
        platform = Platform(f"http://127.0.0.1:{web.line()}/wechat")
        failures: list[BaseException] = []

        def deliver() -> None:
            try:
                asyncio.run(platform.deliver_all(CUSTOMERS, EACH))
            except BaseException as error:
                failures.append(error)

        delivering = threading.Thread(target=deliver)
        delivering.start()
        stack.callback(delivering.join)
        record = play(server, lines, workers, stack)
        delivering.join()
        for process in workers:
            process.signal(signal.SIGTERM)
        ended = [process.wait() for process in workers]
        keys = Keys("wxoa:")
        left = [server.ask("XLEN", keys.partition(number)) for number in range(16)]
        dead = server.ask("XLEN", keys.dead)

    with capsys.disabled():
        print(
            f"\n{EVENTS} events, {KILLS} workers killed, Redis killed once: "
            f"{record.duplicates} handled again, {platform.redelivered} delivered again"
        )
    assert not failures
    assert dict(record.handled) == dict.fromkeys(range(CUSTOMERS), EACH)
    assert all(status == 0 for status, _ in ended), ended
    assert left == [0] * 16
    assert dead == 0

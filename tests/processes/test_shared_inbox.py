"""Several processes behind one address: each push is handled once, whoever its deliveries reach."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

import pytest

from tests.callback.platform import Platform, text_message
from tests.redis_server import RedisServer, serving_redis

PLATFORM = Platform()
RECEIVER = Path(__file__).parent / "receiver.py"


class Receiver:
    """A process that receives pushes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.url = self.line()

    def line(self) -> str:
        """Wait for the next thing that happens there."""
        assert process_out(self.process) is not None
        return process_out(self.process).readline().strip()

    def deliver(self, timeout: float = 60.0) -> tuple[int, bytes]:
        """Deliver the push of these tests."""
        query, body = PLATFORM.deliver(text_message("hello"))
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)
        try:
            connection.request("POST", f"/?{urlencode(query)}", body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def process_out(process: subprocess.Popen[str]) -> IO[str]:
    """Return what a process prints."""
    assert process.stdout is not None
    return process.stdout


@contextmanager
def receiving(server: RedisServer) -> Generator[Receiver]:
    """Run a process that receives pushes."""
    command = [sys.executable, "-W", "error", str(RECEIVER), server.url]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield Receiver(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """Run a Redis server."""
    with serving_redis() as running:
        yield running


def delivered(server: RedisServer) -> int:
    """Return how many deliveries the inbox has counted."""
    # It stands in the record's JSON; nothing else is as near to what the processes know.
    keys = server.ask("KEYS", "wxoa:push:*")
    assert isinstance(keys, list)
    texts = [str(server.ask("GET", key)) for key in keys]  # pyright: ignore
    return max((int(text.split('"deliveries": ')[1].split(",")[0]) for text in texts), default=0)


def until_delivered(server: RedisServer, times: int) -> None:
    """Wait until the inbox has counted that many deliveries."""
    while delivered(server) < times:
        pass


def test_the_second_delivery_in_another_process_carries_the_reply(server: RedisServer) -> None:
    """The handler runs on in the first one, whose connection was cut."""
    with ExitStack() as stack:
        first = stack.enter_context(receiving(server))
        second = stack.enter_context(receiving(server))
        cut = threading.Thread(target=first.deliver)
        cut.start()
        assert first.line() == "begun"
        answers: list[tuple[int, bytes]] = []
        waiting = threading.Thread(target=lambda: answers.append(second.deliver()))
        waiting.start()
        until_delivered(server, 2)
        server.ask("RPUSH", "release", "now")
        waiting.join()
        cut.join()

    ((status, body),) = answers
    assert status == 200
    assert PLATFORM.read(body)["Content"] == f"from {first.process.pid}"


def test_a_process_that_was_killed_has_a_successor(server: RedisServer) -> None:
    """Its handler died with it: the next delivery, elsewhere, runs it again."""
    with ExitStack() as stack:
        first = stack.enter_context(receiving(server))
        second = stack.enter_context(receiving(server))
        cut = threading.Thread(target=delivered_in_vain, args=(first,))
        cut.start()
        assert first.line() == "begun"
        first.process.kill()
        cut.join()
        answers: list[tuple[int, bytes]] = []
        waiting = threading.Thread(target=lambda: answers.append(second.deliver()))
        waiting.start()
        assert second.line() == "begun"
        server.ask("RPUSH", "release", "now")
        waiting.join()

    ((status, body),) = answers
    assert status == 200
    assert PLATFORM.read(body)["Content"] == f"from {second.process.pid}"


def delivered_in_vain(receiver: Receiver) -> None:
    """Deliver to a process that dies meanwhile."""
    with pytest.raises((OSError, http.client.HTTPException)):
        receiver.deliver()


def test_a_process_that_is_stopped_sends_its_reply_another_way(server: RedisServer) -> None:
    """It ends the handlers that it has begun."""
    with receiving(server) as only:
        cut = threading.Thread(target=only.deliver)
        cut.start()
        assert only.line() == "begun"
        cut.join()
        assert only.process.stdin is not None
        only.process.stdin.close()
        server.ask("RPUSH", "release", "now")

        assert only.line() == "late"
        assert only.process.wait(60) == 0
        only.process.stdin = None

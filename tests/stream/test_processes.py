"""Workers as processes: the command, signals, and what happens to those who die or stand still."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.redis_server import RedisServer, serving_redis
from tests.stream.parts import play
from tests.stream.processes import ROOT, Process, Told, told
from wxruntime.stream import Appended, Stream, Verified
from wxruntime.stream.keys import Keys

KEYS = Keys("wxoa:")
ONE = KEYS.partition(0)
COMMAND = ("-m", "wxoa", "worker", "tests.stream.acting:callback")
HANDS = ("-m", "tests.stream.hands", "tests.stream.acting")

Start = Callable[..., Process]


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server of the test's own: its blocking commands outlive the workers that sent them."""
    with serving_redis() as server:
        yield server


@pytest.fixture
def lines() -> Iterator[Told]:
    """What handlers tell."""
    with told() as lines:
        yield lines


@pytest.fixture
def start(server: RedisServer, lines: Told, tmp_path: Path) -> Iterator[Start]:
    """Start processes that are ended with the test."""
    with ExitStack() as stack:

        def start(*arguments: str) -> Process:
            process = Process(
                *arguments, redis=server.url, told=lines, more={"DESK_GATES": str(tmp_path)}
            )
            return stack.enter_context(closing(process))

        yield start


def write(server: RedisServer, *messages: tuple[str, str]) -> None:
    """Append what customers write: (customer, text)."""

    async def append() -> None:
        stream = Stream.from_url(server.url, partitions=1)
        for customer, text in messages:
            content = (
                f"<xml><ToUserName>gh_desk</ToUserName><FromUserName>{customer}</FromUserName>"
                "<CreateTime>1700000000</CreateTime><MsgType>text</MsgType>"
                f"<Content>{text}</Content><MsgId>1</MsgId></xml>"
            ).encode()
            push = Verified(f"{customer} {text}", customer, content)
            assert await stream.append(push) is Appended.APPENDED
        await stream.aclose()

    play(append())


def command(server: RedisServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-W", "error", *COMMAND[:3], *arguments],
        cwd=ROOT,
        env={**os.environ, "DESK_REDIS": server.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# Signals.


def test_sigterm_lets_handlers_end(
    server: RedisServer, start: Start, lines: Told, tmp_path: Path
) -> None:
    """What runs is finished and acknowledged, the lease is given back, the status is 0."""
    write(server, ("sara", "wait"), ("sara", "more"))
    worker = start(*COMMAND, "--progress", "0.05")
    lines.next("begin")
    worker.error_line("partitions 1")
    worker.signal(signal.SIGTERM)
    worker.error_line("partitions 0")
    (tmp_path / str(worker.pid)).touch()
    lines.next("end")
    status, said = worker.wait()

    assert status == 0, said
    assert "handled 1 " in said
    assert server.ask("XLEN", ONE) == 1
    lease = server.ask("GET", KEYS.lease(0))
    assert isinstance(lease, bytes)
    assert json.loads(lease)["owner"] == ""


@pytest.mark.parametrize("how", ["hang", "block"])
def test_a_handler_that_never_ends_keeps_neither_others_nor_the_exit(
    server: RedisServer, start: Start, lines: Told, how: str
) -> None:
    """In a coroutine or in a thread; its entry is left to the next worker."""
    write(server, ("sara", how), ("tom", "hello"))
    worker = start(*COMMAND, "--grace", "0.1")
    lines.next("end", str(worker.pid), "hello")
    worker.signal(signal.SIGTERM)
    status, said = worker.wait()

    assert status == 0, said
    assert "1 handlers have not ended" in said
    assert server.ask("XLEN", ONE) == 1


def test_a_second_signal_ends_at_once(server: RedisServer, start: Start, lines: Told) -> None:
    """With status 1, whatever is going on."""
    write(server, ("sara", "hang"))
    worker = start(*COMMAND, "--grace", "3600", "--progress", "0.01")
    lines.next("begin")
    worker.error_line("partitions 1")
    worker.signal(signal.SIGTERM)
    worker.error_line("partitions 0")
    worker.signal(signal.SIGINT)

    assert worker.wait()[0] == 1


# Death.


def test_an_entry_that_kills_its_workers_is_a_dead_letter_in_the_end(
    server: RedisServer, start: Start, lines: Told
) -> None:
    """After three workers; those that wait beside it and behind it are handled."""
    write(server, ("sara", "die"), ("sara", "after"), ("tom", "hello"))
    for _ in range(3):
        worker = start(*HANDS)
        lines.next("begin", str(worker.pid), "die")
        assert worker.wait()[0] == 9
    worker = start(*HANDS)
    lines.next("end", str(worker.pid), "after")
    worker.end()

    listed = command(server, "tests.stream.acting:callback", "--dead")
    assert re.fullmatch(
        r"\d+-\d+  sara  20\d\d-\S+Z  tries 3  WorkerDied  <xml>.*\n", listed.stdout
    )
    assert server.ask("XLEN", ONE) == 0


def test_a_worker_that_stood_still_is_no_holder_any_more(
    server: RedisServer, start: Start, lines: Told, tmp_path: Path
) -> None:
    """It neither acknowledges what it had begun nor goes on with it; the next holder does."""
    write(server, ("sara", "wait"))
    still = start(*HANDS)
    lines.next("begin", str(still.pid))
    still.pause()
    heir = start(*HANDS)
    lines.next("begin", str(heir.pid))
    still.signal(signal.SIGCONT)
    (tmp_path / str(still.pid)).touch()
    lines.next("end", str(still.pid))
    still.error_line("partition 0 was lost to another worker")

    assert server.ask("XLEN", ONE) == 1
    (tmp_path / str(heir.pid)).touch()
    lines.next("end", str(heir.pid))
    for worker in (still, heir):
        worker.end()
    assert server.ask("XLEN", ONE) == 0


# The command.


def test_dead_letters_are_listed_and_put_back(
    server: RedisServer, start: Start, lines: Told
) -> None:
    """One by its id or all of them; one that is not there is status 1."""
    write(server, ("sara", "raise"), ("tom", "raise"))
    worker = start(*COMMAND, "--tries", "1", "--progress", "0.01")
    worker.error_line("dead 2")
    worker.end()
    app = COMMAND[3]

    listed = command(server, app, "--dead").stdout.splitlines()
    assert len(listed) == 2
    assert all("tries 1  LookupError  <xml>" in line for line in listed)
    first = listed[0].split()[0]
    assert command(server, app, "--requeue", first).stdout == "put back: 1\n"
    again = command(server, app, "--requeue", first)
    assert (again.returncode, again.stdout) == (1, "put back: 0\n")
    assert command(server, app, "--requeue", "all").stdout == "put back: 1\n"
    assert command(server, app, "--dead").stdout == ""
    assert "expected the id of a dead letter" in command(server, app, "--requeue", "it").stderr
    assert server.ask("XLEN", ONE) == 2


def test_a_dead_letter_writes_nothing_to_the_terminal_but_itself(server: RedisServer) -> None:
    """Its customer is text of somebody else's: no escape, and no second line."""
    server.ask("XADD", KEYS.dead, "*", "customer", "gh o6\x1b[31m\nforged", "content", "\x1b[31m")

    listed = command(server, COMMAND[3], "--dead").stdout

    assert listed.count("\n") == 1
    assert "gh o6\\x1b[31m\\nforged" in listed
    assert "\x1b" not in listed


def test_numbers_are_served_and_said(server: RedisServer, start: Start, lines: Told) -> None:
    """For Prometheus, and on standard error; nothing is said twice."""
    write(server, ("sara", "hello"))
    worker = start(*COMMAND, "--metrics", "0", "--progress", "0.02")
    url = worker.error_line("metrics at").split()[-1]
    worker.error_line("handled 1 ", "backlog 0")

    with urlopen(url) as answer:
        text = answer.read().decode()
    assert "# TYPE wxoa_worker_handled_total counter\nwxoa_worker_handled_total 1\n" in text
    assert "\nwxoa_worker_partitions 1\n" in text
    worker.signal(signal.SIGTERM)
    status, said = worker.wait()
    assert status == 0
    assert said.count("partitions 0") == 1


@pytest.mark.parametrize(
    ("application", "said"),
    [
        ("tests.stream.acting", "expected MODULE:CALLBACK, such as app:callback"),
        (".acting:callback", "expected MODULE:CALLBACK, such as app:callback"),
        ("tests.stream.nowhere:callback", "there is no module 'tests.stream.nowhere' here"),
        ("tests.stream.acting:nothing", "has no 'nothing'"),
        ("tests.stream.acting:act", "expected a wxoa.Callback, got function"),
        ("tests.stream.acting:without_stream", "the callback has no stream"),
    ],
)
def test_an_application_that_is_none(server: RedisServer, application: str, said: str) -> None:
    """The command says what it expected, in one line, with status 2."""
    ended = command(server, application)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_wrong_credentials_end_the_command() -> None:
    """They do not get right by waiting; the password is not shown."""
    with serving_redis("--requirepass", "the-right-password") as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", *COMMAND],
            cwd=ROOT,
            env={
                **os.environ,
                "DESK_REDIS": f"redis://:the-wrong-password@127.0.0.1:{server.port}/0",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert ended.returncode == 1
    assert "refused the credentials" in ended.stderr
    assert "the-wrong-password" not in ended.stderr + ended.stdout

"""Processes share a store: real ones, which also die in the middle of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.redis_server import RedisServer
from tests.runtime.leaks import TOKEN_MARK
from tests.runtime.stores.kinds import Clocked, state_of
from wxruntime.redact import Secret
from wxruntime.stores import FileStore, RedisStore, TokenStore
from wxruntime.stores.state import Busy, Lease, TokenState, end

PROCESSES, THREADS, TIMES = 4, 3, 10

OPEN = """
import sys
from wxruntime.stores import FileStore, RedisStore
from wxruntime.stores.state import Lease, TokenState, begin

def open_store():
    kind, place = sys.argv[1:]
    return FileStore(place, busy=60.0) if kind == "file" else RedisStore.from_url(place)

def said(*words):
    print(*words, flush=True)
"""

RACE = f"""{OPEN}
import os
from concurrent.futures import ThreadPoolExecutor

def counted(state, now):
    return TokenState(state.stored, state.fence + 1, state.owner, state.leased_until), None

def work(number):
    owner = f"{{os.getpid()}}-{{number}}"
    told = store.update("desk", begin(owner, 60.0, refused=(), spare=0.0, longest=7200.0))
    for _ in range({TIMES}):
        store.update("desk", counted)
    return isinstance(told, Lease)

with open_store() as store, ThreadPoolExecutor({THREADS}) as pool:
    said("ready")
    sys.stdin.readline()
    said(sum(pool.map(work, range({THREADS}))))
"""

INSIDE = f"""{OPEN}
def change(state, now):
    said("inside")
    sys.stdin.readline()
    return state, None

open_store().update("desk", change)
"""

HOLDER = f"""{OPEN}
open_store().update("desk", begin("dead", 60.0, refused=(), spare=0.0, longest=7200.0))
said("holding")
sys.stdin.readline()
"""

WRITING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[2], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE states SET state = 'half written'")
for number in range(200):
    connection.execute("INSERT INTO states VALUES (?, randomblob(4000))", (str(number),))
print("inside", flush=True)
sys.stdin.readline()
"""

FORKING = f"""{OPEN}
import os, threading, time, warnings
warnings.simplefilter("ignore")
store, done = open_store(), threading.Event()

def count():
    store.update("desk", lambda state, now: (TokenState(fence=state.fence + 1), None))

def keep_busy():
    while not done.is_set():
        count()

count()  # imports what the first connection needs: a fork amid an import is Python's own affair
threads = [threading.Thread(target=keep_busy) for _ in range(3)]
for thread in threads:
    thread.start()
codes = []
for _ in range(10):
    child = os.fork()
    if child == 0:
        try:
            count()
        finally:
            os._exit(sys.exc_info()[0] is not None)
    codes.append(os.waitpid(child, 0)[1])
done.set()
for thread in threads:
    thread.join()
said(sum(codes))
store.close()
"""

MEMORY = f"""{OPEN}
import os, threading, warnings
warnings.simplefilter("ignore")
from wxruntime.stores import MemoryStore
store, inside, leave = MemoryStore(), threading.Event(), threading.Event()
ask = begin("parent", 60.0, refused=(), spare=0.0, longest=7200.0)
first = store.update("desk", ask)

def change(state, now):
    inside.set()
    leave.wait()
    return state, None

thread = threading.Thread(target=store.update, args=("other", change))
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    ask = begin("child", 60.0, refused=(), spare=0.0, longest=7200.0)
    os._exit(store.update("desk", ask) != Lease("child", first.fence + 1))
said(os.waitpid(child, 0)[1])
leave.set()
thread.join()
"""


@contextmanager
def running(script: str, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """Run a script for the length of a block."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    """Wait for a line from a process."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    """Let a process that waits go on."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Kind and place of a store that processes share."""
    if request.param == "file":
        return "file", str(tmp_path / "tokens.db")
    server = request.getfixturevalue("empty_redis")
    assert isinstance(server, RedisServer)
    return "redis", server.url


@pytest.fixture
def shared(place: tuple[str, str]) -> Iterator[TokenStore]:
    """The same store in this process."""
    kind, where = place
    opened: Callable[[], FileStore | RedisStore] = lambda: (  # noqa: E731
        FileStore(where) if kind == "file" else RedisStore.from_url(where)
    )
    with opened() as store:
        yield store


def test_one_of_all_gets_the_lease_and_no_count_is_lost(
    place: tuple[str, str], shared: TokenStore
) -> None:
    """However many processes and threads come at once, they count as one after the other."""
    with ExitStack() as together:
        crowd = [together.enter_context(running(RACE, *place)) for _ in range(PROCESSES)]

        assert [heard(process) for process in crowd] == ["ready"] * PROCESSES

        for process in crowd:
            go(process)
        leases = sum(int(heard(process)) for process in crowd)

    assert leases == 1
    assert state_of(shared).fence == 1 + PROCESSES * THREADS * TIMES


def test_a_process_killed_in_the_middle_of_a_change_holds_nobody_up(
    place: tuple[str, str], shared: TokenStore
) -> None:
    """Its change never was, and the next one is made."""
    with running(INSIDE, *place) as process:
        assert heard(process) == "inside"

        process.send_signal(signal.SIGKILL)
        process.wait()

        assert shared.update("desk", lambda _, now: (TokenState(fence=7), "done")) == "done"
    assert state_of(shared).fence == 7


def test_a_holder_that_was_killed_is_waited_for_and_then_replaced(
    place: tuple[str, str], shared: TokenStore
) -> None:
    """Its lease lasts until it runs out, and then the next one renews."""
    with running(HOLDER, *place) as process:
        assert heard(process) == "holding"

        process.send_signal(signal.SIGKILL)
        process.wait()
    clocked = Clocked(shared, state_of(shared).leased_until - 10.0)

    assert clocked.begin("next") == Busy(10.0)

    clocked.now += 10.0

    assert clocked.begin("next") == Lease("next", 2)


def test_a_file_half_written_is_put_back(tmp_path: Path) -> None:
    """What a killed process had written already is undone by the next one."""
    file = tmp_path / "tokens.db"
    clocked = Clocked(FileStore(file))
    stored = clocked.update(end(clocked.lease("me"), Secret(TOKEN_MARK), 7200.0))
    with running(WRITING, "file", str(file)) as process:
        assert heard(process) == "inside"

        process.send_signal(signal.SIGKILL)
        process.wait()

    assert b"half written" in file.read_bytes()
    assert clocked.begin("next") == stored
    assert b"half written" not in file.read_bytes()


@pytest.mark.parametrize("script", [FORKING, MEMORY], ids=["shared", "memory"])
def test_a_process_may_fork_while_its_threads_use_the_store(
    place: tuple[str, str], script: str
) -> None:
    """The child uses it too, and takes nothing of the parent's along."""
    run = subprocess.run(
        [sys.executable, "-c", script, *place],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (run.stdout.strip(), run.stderr) == ("0", "")

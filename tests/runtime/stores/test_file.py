"""A file of tokens: private, whole after a crash, and clear about what is wrong with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.runtime.leaks import TOKEN_MARK, failing
from tests.runtime.stores.kinds import counted, state_of
from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores import FileStore
from wxruntime.stores.state import Lease, begin, end

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a store's file may be."""
    return tmp_path / "tokens.db"


@pytest.fixture
def kept(file: Path) -> Path:
    """A store's file with a token in it."""
    store = FileStore(file)
    lease = store.update("desk", begin("me", 30.0, refused=(), spare=0.0, longest=7200.0))
    assert isinstance(lease, Lease)
    store.update("desk", end(lease, Secret(TOKEN_MARK), 7200.0))
    return file


@contextmanager
def connected(file: Path) -> Generator[sqlite3.Connection]:
    """Open a file beside the store."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


@contextmanager
def unprivileged(*things: Path) -> Generator[None]:
    """Be somebody to whom permissions apply, the owner of some things; root is not."""
    if os.geteuid() != 0:
        yield
        return
    for thing in things:
        os.chown(thing, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that is reached without any privilege."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
        os.chmod(folder, 0o700)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o277])
def test_it_is_made_for_its_owner_only(file: Path, mask: int) -> None:
    """Whatever the process gives away by default, nobody else may read the file."""
    before = os.umask(mask)
    try:
        FileStore(file).update("desk", lambda state, _: (state, None))
    finally:
        os.umask(before)

    assert file.stat().st_mode & 0o777 == 0o600 & ~mask


def test_its_journal_is_for_its_owner_only(kept: Path) -> None:
    """The journal holds the token while it is written."""
    before = os.umask(0)
    try:
        with connected(kept) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE states SET state = 'x'")
            [journal] = [path for path in kept.parent.iterdir() if path != kept]

            assert journal.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["a b?c#d%20.db", "客服.db", ":memory:", "file:x.db"])
def test_any_name_is_a_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name means anything else, and the file is where the process was when it was named."""
    monkeypatch.chdir(tmp_path)
    store = FileStore(name)
    monkeypatch.chdir("/")
    store.update("desk", counted)

    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_looking_writes_nothing(kept: Path) -> None:
    """A token that serves is read without a write, however often."""
    before = kept.stat().st_mtime_ns, kept.read_bytes()
    state_of(FileStore(kept))

    assert (kept.stat().st_mtime_ns, kept.read_bytes()) == before


def test_it_may_be_deleted_and_comes_back(kept: Path) -> None:
    """Nothing is kept open, so deleting it is how to begin anew."""
    store = FileStore(kept)
    kept.unlink()

    assert state_of(store).stored is None
    assert kept.stat().st_mode & 0o777 == 0o600


def _refused(file: Path | str, *words: str, busy: float = 5.0) -> None:
    with failing(StoreError) as info:
        FileStore(file, busy=busy).update("desk", counted)

    assert str(info.value).startswith(f"{os.path.abspath(file)}")
    for word in words:
        assert word in str(info.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The error says what was found, and what to give."""
    _refused(tmp_path, "found a folder", "give the path of a file")


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """It is not made: nobody knows how private it was to be."""
    _refused(tmp_path / "missing" / "tokens.db", f"{tmp_path / 'missing'} does not exist")


def test_a_name_that_cannot_be(tmp_path: Path) -> None:
    """Not even this comes out as another error."""
    _refused(f"{tmp_path}/a\0b", "no file can have this name")


def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    """The error says that the folder is the reason."""
    open_folder.chmod(0o500)
    with unprivileged(open_folder):
        _refused(open_folder / "tokens.db", "let this user write to its folder")


@pytest.mark.parametrize(
    ("mode", "words"), [(0o400, "it may only be read"), (0o000, "it cannot be opened")]
)
def test_a_file_that_may_not_be_written(open_folder: Path, mode: int, words: str) -> None:
    """The error says so, and whom to let write."""
    file = open_folder / "tokens.db"
    with unprivileged(open_folder):
        FileStore(file).update("desk", counted)
        file.chmod(mode)
        _refused(file, words, "let this user")


def _write_text(file: Path) -> None:
    file.write_text(f"{TOKEN_MARK}, a file of somebody else\n" * 50)


def _write_database(file: Path) -> None:
    with connected(file) as connection:
        connection.execute("CREATE TABLE states (account TEXT, state TEXT)")


def _mark_database(file: Path) -> None:
    with connected(file) as connection:
        connection.execute("PRAGMA application_id = 7")


@pytest.mark.parametrize("write", [_write_text, _write_database, _mark_database])
def test_somebody_elses_file_is_left_alone(file: Path, write: Callable[[Path], None]) -> None:
    """Neither a text nor another program's database becomes a store."""
    write(file)
    before = file.read_bytes()
    _refused(file, "expected a file of this store", "give another path")

    assert file.read_bytes() == before


def test_a_damaged_file_is_refused(kept: Path) -> None:
    """The error says what to do about it."""
    content = bytearray(kept.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    kept.write_bytes(content)
    _refused(kept, "it is damaged; delete it")


@pytest.mark.parametrize("value", [f"{TOKEN_MARK}", f"{TOKEN_MARK}\xff".encode("latin-1"), 7, b""])
def test_a_damaged_row_is_refused(kept: Path, value: object) -> None:
    """Its account is named, what is in it is not shown, and other accounts go on."""
    with connected(kept) as connection:
        connection.execute("UPDATE states SET state = ?", (value,))
    _refused(kept, ", row desk: expected a token's state", "delete it")

    assert FileStore(kept).update("other", counted) == 1


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_file_is_not_waited_for_without_end(kept: Path, lock: str) -> None:
    """A process that hangs with the lock does not take the others with it."""
    with connected(kept) as connection:
        connection.execute(f"BEGIN {lock}")
        _refused(kept, "another process has kept it locked", busy=0.1)

    assert state_of(FileStore(kept)).stored is not None


FULL = """
import resource, signal, sys
from wxruntime.errors import StoreError
from wxruntime.stores import FileStore
from wxruntime.stores.state import TokenState

store = FileStore(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    store.update("other", lambda state, _: (TokenState(owner="x" * 100_000), None))
except StoreError as error:
    print(error)
"""


def test_a_full_disk_is_an_error_of_the_store(kept: Path) -> None:
    """What was there before is still there afterwards."""
    run = subprocess.run(
        [sys.executable, "-c", FULL, kept], capture_output=True, text=True, timeout=60, check=True
    )

    assert run.stdout.startswith(f"{kept}: ")
    assert state_of(FileStore(kept)).stored is not None


def test_an_interruption_leaves_everything_as_it_was(kept: Path) -> None:
    """The lock is free and the row is whole after Ctrl-C."""
    store = FileStore(kept)
    before = state_of(store)

    def interrupted(*_: object) -> tuple[object, None]:
        raise KeyboardInterrupt

    with failing(KeyboardInterrupt):
        store.update("desk", interrupted)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    assert state_of(store) == before

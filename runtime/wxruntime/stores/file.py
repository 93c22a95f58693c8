"""A token store for the processes of one machine: a file that SQLite locks and keeps intact."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Generic, TypeVar

from attrs import frozen

from wxruntime.closing import Closing
from wxruntime.errors import StoreError
from wxruntime.redact import Secret
from wxruntime.stores.codec import decode, encode, key_of
from wxruntime.stores.state import Change, TokenState

__all__ = ["FileStore"]

R = TypeVar("R")

_OURS = 0x77786F61
"""The application id in the header of the file: `wxoa`."""

# One operation at a time in a process, and none while it forks. A file lock belongs to the whole
# process: the first thread that closes the file would end the lock of another thread. And after a
# fork during an operation, SQLite in the child would believe that it holds the lock.
_operating = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_operating.acquire,
        after_in_parent=_operating.release,
        after_in_child=_operating.release,
    )

_WORDS = {
    "database is locked": "another process has kept it locked; look for a process that hangs",
    "readonly database": "it may only be read; let this user write to it and to its folder",
    "unable to open": "it cannot be opened; let this user read and write it and its folder",
    "file is not a database": "expected a file of this store, found another; give another path",
    "malformed": "it is damaged; delete it, and a new token is requested",
    "is full": "there is no room to write; free some",
    "disk I/O error": "the disk failed to read or write it; look for room and for a broken disk",
}
"""A part of SQLite's message → what it means, and what to do."""


@frozen
class _Result(Generic[R]):
    """The result of a change, to distinguish it from a failure in words if the result is text."""

    value: R


class FileStore(Closing):
    """Keeps tokens in a file, for any number of threads and processes of one machine.

    Its time is the system's clock. The file must be on a local disk, because the locks of several
    machines on a network file system do not exclude each other. To share tokens between machines,
    use a `RedisStore`.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy: float = 5.0) -> None:
        """Build a store; the file is created on first use, readable by its owner only.

        Args:
            path: The file. Its folder must exist, and must be private, like the token.
            busy: Seconds to wait at most while other threads or processes use the file.
        """
        self._path: str = os.path.abspath(os.fspath(path))
        self._busy = busy

    def __repr__(self) -> str:
        return f"FileStore({self._path!r})"

    def update(self, account: str, change: Change[R]) -> R:
        """Apply a change to an account's state; see `TokenStore.update`.

        Raises:
            StoreError: If the file cannot be opened, read or written, or is in use for too long.
        """
        row = key_of(account)
        until = time.monotonic() + self._busy
        if not _operating.acquire(timeout=self._busy):
            raise StoreError(f"{self._path}: other threads have used it for {self._busy:g} s")
        try:
            connection = self._connect(max(0.0, until - time.monotonic()))
            with closing(connection):
                outcome = self._transact(connection, row, change)
        finally:
            _operating.release()
        if isinstance(outcome, _Result):
            return outcome.value
        raise StoreError(f"{self._path}: {outcome}")

    def _connect(self, patience: float) -> sqlite3.Connection:
        outcome = self._open(patience)
        if isinstance(outcome, str):
            raise StoreError(f"{self._path}: {outcome}")
        return outcome

    def _open(self, patience: float) -> sqlite3.Connection | str:
        """Return a connection, or the failure in words."""
        try:
            self._create()
            # By a URL, because only its `mode` keeps SQLite from creating the file itself.
            address = f"{Path(self._path).as_uri()}?mode=rw"
            connection = sqlite3.connect(address, timeout=patience, isolation_level=None, uri=True)
            connection.text_factory = bytes  # the codec refuses what is not UTF-8
            return connection
        except (OSError, ValueError, sqlite3.Error) as error:
            return self._in_words(error)

    def _create(self) -> None:
        """Create the file for its owner alone; SQLite's journal gets the same mode."""
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
        with suppress(FileExistsError):
            os.close(os.open(self._path, flags, 0o600))

    def _transact(
        self, connection: sqlite3.Connection, row: str, change: Change[R]
    ) -> _Result[R] | str:
        """Return the result of the change, or the failure in words."""
        try:
            connection.execute("BEGIN IMMEDIATE")
            if not _prepare(connection):
                return _WORDS["file is not a database"]
            held = _read(connection, row)
        except sqlite3.Error as error:
            return self._in_words(error)
        state = TokenState() if held is None else decode(held, f"{self._path}, row {row}")
        # Outside the try block, because an error of the change is no failure of the file. A
        # connection that is closed without COMMIT leaves the file unchanged.
        after, result = change(state, time.time())
        new = None if after == state else encode(after)
        try:
            if new is not None:
                sql = "INSERT OR REPLACE INTO states (account, state) VALUES (?, ?)"
                connection.execute(sql, (row, new.reveal().encode()))
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            return self._in_words(error)
        return _Result(result)

    def _in_words(self, error: Exception) -> str:
        """Describe a failure by what is at the path, or else by SQLite's message."""
        folder = os.path.dirname(self._path)
        if isinstance(error, ValueError):
            return "no file can have this name; give another path"
        if os.path.isdir(self._path):
            return "expected a file, found a folder; give the path of a file in it"
        if not os.path.isdir(folder):
            return f"the folder {folder} does not exist, or may not be entered; create it"
        if isinstance(error, PermissionError):
            return "it cannot be created; let this user write to its folder"
        message = str(error)
        for part, words in _WORDS.items():
            if part in message:
                return words
        return f"it cannot be used ({type(error).__name__}); look at the file and its disk"

    def close(self) -> None:
        """Do nothing: the file is open only while it is used."""


def _prepare(connection: sqlite3.Connection) -> bool:
    """Create the table in a new file; return whether the file belongs to this store."""
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    if kind == _OURS:
        return True
    (things,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if kind or things:
        return False
    connection.execute("CREATE TABLE states (account TEXT PRIMARY KEY, state BLOB NOT NULL)")
    connection.execute(f"PRAGMA application_id = {_OURS}")
    return True


def _read(connection: sqlite3.Connection, row: str) -> Secret | None:
    """Read an account's text; in its own function, so that no other frame holds the text."""
    found = connection.execute("SELECT state FROM states WHERE account = ?", (row,)).fetchone()
    if found is None:
        return None
    return Secret(found[0].decode(errors="replace") if isinstance(found[0], bytes) else "")

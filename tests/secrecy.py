"""Looks through everything that a test made visible, for anything that is secret.

It runs with every test: each error that a client raised and each that the test caught, what
they drag along, each log record and each object of ours that is still alive is looked at in
the end. An error that never left the library is nobody's to see.
"""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast
from urllib.parse import quote

import pytest

from wxruntime.dispatch import Dispatcher
from wxruntime.redact import Secret

__all__ = ["Walk", "texts_of", "walking"]

SHORTEST = 12
"""Shorter secrets of tests are words that stand anywhere."""
_LOCAL_TOKEN = re.compile("local-[0-9a-f]{16}")
"""What an access token of the local WeChat looks like."""
_OURS = ("/wxruntime/", "/wxoa/", "/urllib3/", "/aiohttp/", "/http/", "/redis/", "/asyncio/")


class _Records(logging.Handler):
    """Keeps every record."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)


class Walk:
    """What became visible during one test."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.errors: list[BaseException] = []
        self.records = _Records()
        # How many secrets there were, and what to look for then: to quote them takes long.
        self._looked_for: tuple[int, frozenset[str]] = (0, frozenset())

    def kept(self, method: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        """Return a method of all clients, so that what it raises is kept."""

        async def send(*given: object) -> object:
            try:
                return await method(*given)
            except BaseException as error:
                self.errors.append(error)
                raise

        return send

    def leaks(self) -> list[str]:
        """Return where something secret shows."""
        seen: set[int] = set()
        return [where for where, text in self._texts(seen) if self.shows(text)]

    def shows(self, text: str) -> bool:
        """Say whether a text shows a secret of this test."""
        if _LOCAL_TOKEN.search(text):
            return True
        return any(needle in text for needle in self._needles())

    def _needles(self) -> frozenset[str]:
        """Return the secrets, as they are and as an address shows them."""
        if self._looked_for[0] != len(self.secrets):
            quoted = (quote(secret, safe="", errors="replace") for secret in self.secrets)
            self._looked_for = len(self.secrets), frozenset({*self.secrets, *quoted})
        return self._looked_for[1]

    def _texts(self, seen: set[int]) -> Iterator[tuple[str, str]]:
        for error in self.errors:
            yield from texts_of(error, seen)
        formatter = logging.Formatter()
        for record in self.records.kept:
            yield f"the log of {record.name}", formatter.format(record)
            yield f"a record of {record.name}", repr(record.args)


def texts_of(error: BaseException, seen: set[int]) -> Iterator[tuple[str, str]]:
    """Walk all a person or a crash reporter may see of an error: (where, text)."""
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        name = type(found).__name__
        yield f"str of {name}", str(found)
        yield f"repr of {name}", repr(found)
        yield f"args of {name}", repr(found.args)
        yield f"attributes of {name}", repr(vars(found))
        where = found.__traceback__
        while where is not None:
            yield from _locals_of(name, where.tb_frame)
            where = where.tb_next
        waiting += [found.__cause__, found.__context__]


def _locals_of(name: str, frame: FrameType) -> Iterator[tuple[str, str]]:
    """Walk what a crash reporter prints of a frame; a test's own frames know the secrets."""
    path = frame.f_code.co_filename
    if "/tests/" in path or not any(room in path for room in _OURS):
        return
    for local, value in frame.f_locals.items():
        try:
            shown = repr(value)
        except Exception:  # half made, when its making failed
            continue
        yield f"{name}: {local} in {frame.f_code.co_name} of {path}", shown


def living_leaks(shows: Callable[[str], bool]) -> list[str]:
    """Return what is alive of ours and shows something secret when it is printed."""
    leaks: list[str] = []
    for thing in gc.get_objects():
        kind = cast("type[object]", type(thing))
        if kind not in _own:
            # Not every class says where it is from by a text.
            module = cast("object", kind.__module__)
            _own[kind] = isinstance(module, str) and module.startswith(("wxruntime", "wxoa"))
        if _own[kind] and shows(repr(thing)):
            leaks.append(f"repr of a living {kind.__name__}")
    return leaks


_own: dict[type[object], bool] = {}
"""Which classes are ours."""


@contextmanager
def walking(monkeypatch: pytest.MonkeyPatch) -> Generator[Walk]:
    """Keep what becomes visible in a block."""
    walk = Walk()
    secret_made, caught = Secret.__init__, pytest.RaisesExc.__exit__

    def keep_secret(self: Secret, value: str) -> None:
        secret_made(self, value)
        if len(value) >= SHORTEST:
            walk.secrets.add(value)

    def keep_caught(self: pytest.RaisesExc[BaseException], *raised: object) -> bool:
        if isinstance(raised[1], BaseException):
            walk.errors.append(raised[1])
        return caught(self, *raised)  # type: ignore[arg-type]

    monkeypatch.setattr(Secret, "__init__", keep_secret)
    monkeypatch.setattr(pytest.RaisesExc, "__exit__", keep_caught)
    for method in ("send", "download"):
        monkeypatch.setattr(Dispatcher, method, walk.kept(getattr(Dispatcher, method)))
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(walk.records)
    try:
        yield walk
    finally:
        root.removeHandler(walk.records)
        root.setLevel(level)


def described(leaks: list[str]) -> str:
    """Say where secrets show, and nothing of them."""
    return "something secret shows in:\n" + "\n".join(sorted(set(leaks)))

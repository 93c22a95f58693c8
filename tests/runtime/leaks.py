"""Where a secret could show itself: errors, what they drag along, log records, reprs."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar
from urllib.parse import quote

import pytest

APP_SECRET = "app5ecret/+91f3a7"
TOKEN_MARK = "7oken/+c0ffee"
"""Every token of these tests begins with it."""

E = TypeVar("E", bound=BaseException)

_TREES = ("wxruntime", "generated", "urllib3", "http", "aiohttp", "yarl")


def shows_secret(text: str) -> bool:
    """Say whether a text shows a secret, in full, escaped, or down to its tail."""
    marks = {APP_SECRET, TOKEN_MARK, "91f3a7", "c0ffee"}
    return any(mark in text or quote(mark, safe="") in text for mark in marks)


def texts_of(error: BaseException) -> Iterator[tuple[str, str]]:
    """Walk all a person or a crash reporter may see of an error: (where, text)."""
    seen: set[int] = set()
    waiting: list[tuple[str, BaseException | None]] = [(type(error).__name__, error)]
    while waiting:
        where, found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield f"str of {where}", str(found)
        yield f"repr of {where}", repr(found)
        yield f"args of {where}", repr(found.args)
        yield f"attributes of {where}", repr(vars(found))
        traceback = found.__traceback__
        while traceback is not None:
            yield from _locals_of(where, traceback.tb_frame)
            traceback = traceback.tb_next
        waiting.append((f"cause of {where}", found.__cause__))
        waiting.append((f"context of {where}", found.__context__))


def _locals_of(where: str, frame: FrameType) -> Iterator[tuple[str, str]]:
    """Walk what a crash reporter prints of a frame; a test's own frames know the secrets."""
    if not any(f"/{tree}/" in frame.f_code.co_filename for tree in _TREES):
        return
    for name, value in frame.f_locals.items():
        yield f"{where}: {name} in {frame.f_code.co_name}", repr(value)


@contextmanager
def failing(kind: type[E]) -> Generator[pytest.ExceptionInfo[E]]:
    """Expect an error, as `pytest.raises`, and find no secret in anything it drags along."""
    with pytest.raises(kind) as info:
        yield info
    shown = [where for where, text in texts_of(info.value) if shows_secret(text)]

    assert not shown


def secrets_logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List the records that show a secret, in their text or in what they are made of."""
    formatter = logging.Formatter()
    return [
        record.name
        for record in caplog.records
        if shows_secret(formatter.format(record)) or shows_secret(repr(vars(record)))
    ]

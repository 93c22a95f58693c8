"""Matching over pushes: complete when every class has its case, and known to be so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.client import matching
from tests.client.test_documents import PUSHES, described
from wxoa import events

ROOT = Path(__file__).parents[2]
WHOLE = Path(matching.__file__).read_text("utf-8")
CASE = re.compile(r"        case events\.(\w+)\(\):\n            return \"\1\"\n")
CHECKERS = {
    "mypy": ("--no-error-summary", "--show-error-codes"),
    "pyright": ("--pythonpath", sys.executable),
}


LEFT_OUT = ("KfCloseSessionEvent", "DeviceTextMessage", "UnknownEvent")


def check(checker: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run a type checker, strict as it is set up here, over some files."""
    rooms = [str(ROOT / room) for room in ("generator", "runtime", "generated")]
    return subprocess.run(
        [sys.executable, "-m", checker, *CHECKERS[checker], *map(str, paths)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": os.pathsep.join(rooms)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("checker", CHECKERS)
class TestTypes:
    def test_every_class_has_its_case(self, checker: str) -> None:
        """A type checker finds nothing left."""
        done = check(checker, Path(matching.__file__))

        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_case_is_missed(self, checker: str, tmp_path: Path) -> None:
        """A type checker names the class that has none: an event, a message, the unknown one."""
        copies = [tmp_path / f"without_{name}.py" for name in LEFT_OUT]
        for copy, name in zip(copies, LEFT_OUT, strict=True):
            copy.write_text(without(name), "utf-8")

        done = check(checker, *copies)

        assert done.returncode == 1, done.stdout + done.stderr
        for name in LEFT_OUT:
            assert re.search(rf"without_{name}\.py:.* error: .*\b{name}\b", done.stdout)


def without(name: str) -> str:
    """Write the matching with one case less."""
    left = CASE.sub(lambda case: "" if case[1] == name else case[0], WHOLE)
    assert len(CASE.findall(left)) == len(CASE.findall(WHOLE)) - 1
    return left


def test_no_class_is_left_out() -> None:
    """There is a case for each class of the union, in its order, and for no other."""
    union = [kind.__name__ for kind in events.Event.__args__]

    assert CASE.findall(WHOLE) == union


@pytest.mark.parametrize("path", PUSHES, ids=lambda path: path.name)
def test_a_push_comes_to_its_case(path: Path) -> None:
    """What is decoded is what the case is named for."""
    assert matching.told(events.decode(path.read_bytes())) == described(path).class_name


def test_what_nobody_described_comes_to_its_case() -> None:
    """An event of tomorrow has a case already."""
    body = b"<xml><ToUserName>g</ToUserName><FromUserName>o</FromUserName>"
    body += b"<CreateTime>1</CreateTime><MsgType>event</MsgType><Event>new</Event></xml>"

    assert matching.told(events.decode(body)) == "UnknownEvent"

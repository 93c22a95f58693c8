"""Specifications that tests change, and packages that come of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from wxspec.diagnostics import Report
from wxspec.ir import Ir
from wxspec.lower import lower
from wxspec.passes import PASSES, Pass
from wxspec.reader import read_folder
from wxspec.wellformed import check_form

PROJECT = Path(__file__).parent.parent.parent
REAL = PROJECT / "spec"
BASE = PROJECT / "tests" / "cases" / "_base"
COMPILER = PROJECT / "generator"


def real_spec(folder: Path) -> Path:
    """Copy the specification of this project."""
    return Path(shutil.copytree(REAL, folder / "spec"))


def small_spec(folder: Path, **files: str | bytes) -> Path:
    """Write the specification that the cases share, with some files added or put in their place."""
    spec = Path(shutil.copytree(BASE, folder / "spec"))
    for name, content in files.items():
        body = content if isinstance(content, bytes) else content.encode()
        (spec / f"{name}.yaml").write_bytes(body)
    return spec


def passed(spec: Path, last: Pass) -> tuple[Ir, list[str]]:
    """Run the passes up to one of them; return what they made, and the codes of what is wrong."""
    report = Report()
    reading = read_folder(spec, report)
    check_form(reading, report)
    whole = lower(reading)
    for run in PASSES[: PASSES.index(last) + 1]:
        whole = run(whole, report)
    return whole, [f"{found.span.line}: {found.code}" for found in report]


def replace(path: Path, old: str, new: str) -> None:
    """Change a file in one place."""
    text = path.read_bytes().decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_bytes(text.replace(old, new).encode())


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def wxspec(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the compiler in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "wxspec", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(COMPILER), **(env or {})},
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # it may be told to write in another encoding
    )

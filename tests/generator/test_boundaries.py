"""The compiler knows the names that it prints, and none of the code behind them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generator.specs import COMPILER, PROJECT

MODULES = sorted((COMPILER / "wxspec").rglob("*.py"))
ALLOWED = {*sys.stdlib_module_names, "attrs", "cattrs", "jinja2", "yaml", "wxspec"}

_ALONE = """
import importlib, pkgutil, sys
import wxspec
for found in pkgutil.walk_packages(wxspec.__path__, "wxspec."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
from wxspec.compiler import compile_spec
from pathlib import Path
compile_spec(Path(sys.argv[1]))
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(COMPILER).as_posix())
def test_a_module_imports_the_compiler_s_own_needs(path: Path) -> None:
    """Neither the runtime nor what is generated."""
    assert set(_imported(path)) <= ALLOWED


def test_a_whole_run_loads_neither_runtime_nor_client(tmp_path: Path) -> None:
    """Though both could be imported: they stand on the path."""
    path = [str(PROJECT / room) for room in ("generator", "runtime", "generated")]
    done = subprocess.run(
        [sys.executable, "-c", _ALONE, str(PROJECT / "spec")],
        cwd=tmp_path, env={"PYTHONPATH": ":".join(path)}, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"wxspec", "jinja2", "yaml"} <= loaded
    assert loaded.isdisjoint({"wxruntime", "wxoa", "urllib3", "hypothesis"})

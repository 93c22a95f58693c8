"""A folder is a test: a specification, and what the compiler has to make of it.

`spec/` holds the files of a specification; what it does not hold comes from `_base/`. Beside it
stands either `diagnostics.txt`, what the compiler prints about a wrong one, or, for a right one:

- `wire/<module>.<Model>[.<what>].json`, documents that the model has to read and give back;
- `wire/events.<what>.{json,xml}` and `wire/replies.<what>.{json,xml}`, the same for pushes and
  for replies;
- `wire/….encoded.json` where a document is given back in another form than it came in;
- `checks.py` with checks of its own, functions that take the generated package.

The package is called as the folder.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy

from wxruntime.wire import Codecs
from wxruntime.wire.push import PushFormat
from wxspec.cli import main

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
CASES = sorted(path.parent.name for path in HERE.glob("*/spec"))
WRONG = [case for case in CASES if (HERE / case / "diagnostics.txt").exists()]
RIGHT = [case for case in CASES if case not in WRONG]
# A few examples of each are enough here; a profile that asks for more gets more.
FEW = settings(max_examples=max(10, settings().max_examples // 8))

DOCUMENTS = {"events": "event", "replies": "reply"}
"""The modules whose documents have two forms, and the strategy that makes any of them."""

Generate = Callable[[str], Path]


def _write_spec(case: str, folder: Path) -> Path:
    """Bring the files of a case together."""
    own = HERE / case / "spec"
    spec = folder / "spec"
    for path in (*(HERE / "_base").glob("*.yaml"), *own.rglob("*.yaml")):
        inside = path.relative_to(own) if path.is_relative_to(own) else Path(path.name)
        body = path.read_bytes()
        if case in RIGHT:
            body = body.replace(b"service: acme\n", f"service: {case}\n".encode())
        (spec / inside).parent.mkdir(parents=True, exist_ok=True)
        (spec / inside).write_bytes(body)
    return spec


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the folder of the generated packages, from which they can be imported."""
    folder = tmp_path_factory.mktemp("cases") / "generated"
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def generate(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Generate:
    """Generate the package of a right case, once."""

    def generated(case: str) -> Path:
        if not (out / case).exists():
            assert importlib.util.find_spec(case) is None, "the case's name belongs to a module"
            spec = _write_spec(case, tmp_path_factory.mktemp(case))
            assert main(["generate", "--spec", str(spec), "--out", str(out)]) == 0
            importlib.invalidate_caches()
        return out / case

    return generated


def _import(generate: Generate, case: str, module: str = "") -> ModuleType:
    generate(case)
    return importlib.import_module(f"{case}.{module}" if module else case)


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_spec_is_explained_and_nothing_is_written(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything that is wrong is shown where it stands, in one run."""
    spec = _write_spec(case, tmp_path)

    code = main(["generate", "--spec", str(spec), "--out", str(tmp_path / "generated")])
    printed = capsys.readouterr()

    assert printed.err == (HERE / case / "diagnostics.txt").read_text("utf-8")
    assert (code, printed.out) == (1, "")
    assert [path.name for path in tmp_path.iterdir()] == ["spec"]


def _documents() -> Iterator[tuple[str, str]]:
    for case in RIGHT:
        for path in sorted((HERE / case / "wire").glob("*")):
            if ".encoded." not in path.name:
                yield case, path.name


def _decode_and_encode(package: str, name: str, body: bytes) -> object:
    """Read a document with what its name asks for, and give it back."""
    module, kind, *_ = name.split(".")
    owner = importlib.import_module(f"{package}.{module}")
    if module in DOCUMENTS:
        form = name.rpartition(".")[2]
        # Formats differ; the document is what both of them hold.
        return PushFormat[Any].parse(owner.encode(owner.decode(body), form))
    codec = owner.CODECS[getattr(owner, kind)]
    return codec.encode(codec.decode(json.loads(body)))


@pytest.mark.parametrize(("case", "name"), [*_documents()])
def test_a_document_comes_back_as_it_came(case: str, name: str, generate: Generate) -> None:
    """What nobody described comes back too; a value in another form comes back in the usual one."""
    generate(case)
    path = HERE / case / "wire" / name
    encoded = path.with_suffix(f".encoded{path.suffix}")
    expected = PushFormat[Any].parse((encoded if encoded.exists() else path).read_bytes())

    assert _decode_and_encode(case, name, path.read_bytes()) == expected


def _checks() -> Iterator[tuple[str, str]]:
    for case in RIGHT:
        if (HERE / case / "checks.py").exists():
            for name in vars(_checks_of(case)):
                if name.startswith("test_"):
                    yield case, name


def _checks_of(case: str) -> ModuleType:
    name = f"checks_of_{case}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / case / "checks.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


@pytest.mark.parametrize(("case", "name"), [*_checks()])
def test_the_case_s_own_checks_hold(case: str, name: str, generate: Generate) -> None:
    """Whatever is special about a case stands beside it."""
    check: Callable[[ModuleType], None] = getattr(_checks_of(case), name)

    check(_import(generate, case))


@pytest.mark.parametrize("case", RIGHT)
def test_every_name_that_a_module_offers_is_there(case: str, generate: Generate) -> None:
    """The package imports, part by part, and `__all__` is true."""
    folder = generate(case)
    for path in sorted(folder.rglob("*.py")):
        inside = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        module = importlib.import_module(inside.removesuffix(".__init__"))
        missing = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]

        assert missing == []


@pytest.mark.parametrize("case", RIGHT)
def test_property_what_the_strategies_make_survives_the_wire(case: str, generate: Generate) -> None:
    """Every model, event, message and reply comes back as it went, in every form it has."""
    folder = generate(case)
    for path in sorted((folder / "strategies").glob("[a-z]*.py")):
        made = _import(generate, case, f"strategies.{path.stem}")
        source = _import(generate, case, path.stem)
        codecs: Codecs = source.CODECS
        for name in getattr(made, "__all__", ()):
            if path.stem in DOCUMENTS and name == DOCUMENTS[path.stem]:
                _documents_survive(getattr(made, name)(), source)
            elif name != "unknown_event":
                _models_survive(getattr(made, name)(), codecs)


def _models_survive(strategy: SearchStrategy[Any], codecs: Codecs) -> None:
    @FEW
    @given(strategy)
    def survive(value: object) -> None:
        codec = codecs[type(value)]

        assert codec.decode(json.loads(json.dumps(codec.encode(value)))) == value

    survive()


def _documents_survive(strategy: SearchStrategy[Any], owner: ModuleType) -> None:
    @FEW
    @given(strategy)
    def survive(value: object) -> None:
        assert owner.decode(owner.encode(value, "xml")) == value
        assert owner.decode(owner.encode(value, "json")) == value

    survive()


def _run(out: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=out.parent,
        env={**os.environ, "MYPYPATH": str(PROJECT / "runtime")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_the_output_is_as_a_formatter_would_leave_it(out: Path, generate: Generate) -> None:
    """All packages are a fixed point of the formatter, and the linter has nothing to say."""
    for case in RIGHT:
        generate(case)
    names = ", ".join(f'"{name}"' for name in (*RIGHT, "wxruntime"))
    config = (
        "--no-cache", "--config", str(PROJECT / "pyproject.toml"),
        "--config", f"lint.isort.known-first-party = [{names}]",
    )  # fmt: skip

    _run(out, "ruff", "format", "--diff", *config, str(out))
    _run(out, "ruff", "check", "--quiet", *config, str(out))


def test_the_output_is_typed(out: Path, generate: Generate) -> None:
    """All packages pass a strict type checker."""
    for case in RIGHT:
        generate(case)

    _run(
        out, "mypy", "--strict", "--no-error-summary", "--python-version", "3.10",
        f"--cache-dir={out.parent / 'cache'}", *(str(out / case) for case in RIGHT),
    )  # fmt: skip

"""What is on disk: compared, completed, repaired, and left alone where it is not ours."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generator.specs import COMPILER, real_spec, replace, small_spec, tree, wxspec
from wxspec.cli import main
from wxspec.compiler import compile_spec
from wxspec.tree import MANIFEST, STAGING, ForeignFileError, compare, publish


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Make a specification."""
    return small_spec(tmp_path)


@pytest.fixture
def acme(spec: Path, tmp_path: Path) -> Path:
    """Make a package of it that is published."""
    assert _generate(spec) == 0
    return tmp_path / "generated" / "acme"


def _run(command: str, spec: Path) -> int:
    return main([command, "--spec", str(spec), "--out", str(spec.parent / "generated")])


def _generate(spec: Path) -> int:
    return _run("generate", spec)


def _add_module(spec: Path, name: str) -> None:
    (spec / f"{name}.yaml").write_text(f"module: {name}\ntitle: {{en: Another module}}\n")


def _stamps(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_nothing_to_do_writes_nothing(spec: Path, acme: Path) -> None:
    """Every file and every folder keeps its time of change."""
    before = _stamps(acme.parent)

    code = _generate(spec)

    assert code == 0
    assert _stamps(acme.parent) == before


def test_only_what_changed_is_written(spec: Path, acme: Path) -> None:
    """A changed word touches the files that hold it."""
    before = _stamps(acme)
    replace(spec / "base.yaml", "Fetch the access token.", "Fetch an access token.")

    _generate(spec)
    after = _stamps(acme)

    changed = {path.name for path in after if path.is_file() and after[path] != before[path]}
    assert changed == {"base.py", "catalog.py", MANIFEST}


def test_a_hand_edit_is_shown_and_repaired(
    spec: Path, acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` prints a diff from what is there to what should be; `generate` brings it about."""
    before = tree(acme)
    replace(acme / "base.py", "Seconds it still serves.", "Minutes it still serves.")
    capsys.readouterr()

    checked = _run("check", spec)
    printed = capsys.readouterr().out.splitlines()
    _generate(spec)

    assert checked == 1
    assert printed[:2] == ["--- on disk/base.py", "+++ from spec/base.py"]
    assert '-    """Minutes it still serves."""' in printed
    assert '+    """Seconds it still serves."""' in printed
    assert printed[-1].endswith("run: wxspec generate")
    assert tree(acme) == before
    assert _run("check", spec) == 0


def test_a_lost_file_comes_back(spec: Path, acme: Path) -> None:
    """The manifest may be among what is lost."""
    before = tree(acme)
    for name in ("events.py", MANIFEST):
        (acme / name).unlink()

        assert _run("check", spec) == 1
        assert _generate(spec) == 0
        assert tree(acme) == before


def test_a_stale_file_is_deleted(spec: Path, acme: Path) -> None:
    """What a specification no longer describes goes, in every folder."""
    before = tree(acme)
    _add_module(spec, "extra")
    _generate(spec)
    assert {"extra.py", "strategies/extra.py"} <= set(tree(acme))
    (spec / "extra.yaml").unlink()

    _generate(spec)

    assert tree(acme) == before


def _list_in_manifest(acme: Path, *names: str) -> None:
    manifest = json.loads((acme / MANIFEST).read_text())
    manifest["files"].update(dict.fromkeys(names, "0" * 64))
    (acme / MANIFEST).write_text(json.dumps(manifest))


def test_a_folder_left_empty_is_pruned(spec: Path, acme: Path) -> None:
    """Its compiled remains go too; a folder with somebody's file in it stays."""
    for folder in ("old/deep", "kept"):
        (acme / folder / "__pycache__").mkdir(parents=True)
        (acme / folder / "__pycache__" / "stale.pyc").write_bytes(b"")
        (acme / folder / "stale.py").write_text("")
    (acme / "kept" / "mine.txt").write_text("mine")
    _list_in_manifest(acme, "old/deep/stale.py", "kept/stale.py")

    assert _generate(spec) == 0
    assert not (acme / "old").exists()
    assert (acme / "kept" / "mine.txt").read_text() == "mine"
    assert not (acme / "kept" / "stale.py").exists()


def test_a_file_of_somebody_else_is_never_touched(
    spec: Path, acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither one that stands apart nor one where a file has to come, which is an error."""
    (acme / "mine.py").write_text("mine")
    (acme / "extra.py").write_text("mine too")
    _add_module(spec, "extra")
    before = tree(acme)
    capsys.readouterr()

    code = _generate(spec)
    printed = capsys.readouterr()

    assert code == 1
    assert "expected only generated files, got extra.py" in printed.err
    assert printed.out == ""
    assert tree(acme) == before


def test_a_file_of_somebody_else_that_is_no_obstacle_stays(spec: Path, acme: Path) -> None:
    """What no manifest lists is not deleted."""
    (acme / "mine.py").write_text("mine")
    _add_module(spec, "extra")

    assert _generate(spec) == 0
    assert (acme / "mine.py").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.txt", "strategies/../../outside.txt", "/outside.txt", "..", "."),
        *("", "..\\outside.txt", "C:outside.txt", "strategies", "strategies/", "a\0b", "\ud800"),
    ],
)
def test_a_manifest_reaches_nothing_outside(spec: Path, acme: Path, name: str) -> None:
    """A manifest is a file that anybody can edit: it may not point at what is no file of ours."""
    outside = acme.parent / "outside.txt"
    outside.write_text("precious")
    before = tree(acme)
    _list_in_manifest(acme, str(outside) if name == "/outside.txt" else name)

    assert _generate(spec) == 0
    assert outside.read_text() == "precious"
    assert tree(acme) == before


@given(
    st.binary(max_size=30)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.dictionaries(st.sampled_from(["generator", "files", "x"]), inside, max_size=3)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_property_any_manifest_is_read_or_listed_as_nothing(
    tmp_path_factory: pytest.TempPathFactory, manifest: bytes
) -> None:
    """A broken manifest is repaired, and lets nothing of anybody's go."""
    folder = tmp_path_factory.mktemp("package")
    (folder / MANIFEST).write_bytes(manifest)
    (folder / "mine.py").write_bytes(b"mine")

    changes = compare(folder, {MANIFEST: b"new", "new.py": b""})

    assert [(change.path, change.verb) for change in changes] == [
        (MANIFEST, "update"),
        ("new.py", "add"),
    ]
    with pytest.raises(ForeignFileError, match=r"mine\.py"):
        compare(folder, {"mine.py": b"ours"})


def test_a_wrong_spec_changes_nothing(spec: Path, acme: Path) -> None:
    """Half of a package is no package."""
    before = _stamps(acme.parent)
    _add_module(spec, "extra")
    replace(spec / "base.yaml", "type: integer", "type: integr")

    assert _generate(spec) == 1
    assert _stamps(acme.parent) == before


# A process that kills itself at the n-th step of publishing: nothing of it can clean up.
_KILLED = """
import os, signal, sys
from pathlib import Path
from wxspec.cli import main

steps = int(sys.argv[1])

def counted(event, arguments):
    global steps
    writes = event == "open" and arguments[1] == "wb"
    if writes or event in ("os.mkdir", "os.rename", "os.remove"):
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(counted)
main(["generate", "--spec", "spec", "--out", "generated"])
"""


def _killed_at(step: int, folder: Path) -> int:
    return subprocess.run(
        [sys.executable, "-c", _KILLED, str(step)],
        cwd=folder, env={"PYTHONPATH": str(COMPILER)}, capture_output=True,
    ).returncode  # fmt: skip


@pytest.mark.parametrize("step", [1, 2, 6, 7, 8, 10, 12, 13])
def test_a_killed_run_is_completed_by_the_next(spec: Path, acme: Path, step: int) -> None:
    """Wherever it dies, no file is half written, and nothing is left over in the end."""
    _add_module(spec, "gone")
    _generate(spec)
    (spec / "gone.yaml").unlink()
    _add_module(spec, "extra")
    replace(spec / "base.yaml", "Fetch the access token.", "Fetch an access token.")
    whole = compile_spec(spec).files
    before = tree(acme)

    code = _killed_at(step, spec.parent)
    left = tree(acme)

    assert code == -signal.SIGKILL
    for path, content in left.items():
        if not path.startswith(STAGING) and path != MANIFEST:
            assert content in (before.get(path), whole.get(path))
    assert _generate(spec) == 0
    assert tree(acme) == whole


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def test_a_full_disk_leaves_the_package_as_it_was(spec: Path, acme: Path) -> None:
    """Nothing is moved into its place before everything is written."""
    before = tree(acme)
    replace(spec / "base.yaml", "Fetch the access token.", "Fetch an access token.")

    done = subprocess.run(
        [sys.executable, "-m", "wxspec", "generate"],
        cwd=spec.parent, env={"PYTHONPATH": str(COMPILER), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=_limited, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("wxspec: ")
    assert "too large" in done.stderr
    assert tree(acme) == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, spec: Path) -> None:
    """A file stands where the folder would have to be."""
    (tmp_path / "generated").write_text("a file")

    done = wxspec("generate", cwd=spec.parent)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("wxspec: ")
    assert "generated" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_where_a_file_belongs_is_named(
    spec: Path, acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's folder is not deleted to make room."""
    (acme / "base.py").unlink()
    (acme / "base.py").mkdir()
    capsys.readouterr()

    assert _generate(spec) == 1
    assert "base.py" in capsys.readouterr().err
    assert (acme / "base.py").is_dir()


def test_publishing_nothing_makes_no_folder(tmp_path: Path) -> None:
    """Not even the package's own."""
    publish(tmp_path / "package", [])

    assert not (tmp_path / "package").exists()


def test_the_committed_package_is_what_the_spec_says(tmp_path: Path) -> None:
    """Nobody edits it, and nobody forgets to generate it."""
    spec = real_spec(tmp_path)
    package = compile_spec(spec)
    committed = Path(__file__).parent.parent.parent / "generated" / package.name

    assert {
        path: content for path, content in tree(committed).items() if "__pycache__" not in path
    } == package.files

"""The command line: what it prints, what it returns, and that it never shows a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.specs import replace, small_spec, tree, wxspec
from wxspec.cli import main
from wxspec.version import __version__


def test_generate_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each file, with what happened to it, and a sum."""
    spec, out = small_spec(tmp_path), tmp_path / "out"

    codes = [main(["generate", "--spec", str(spec), "--out", str(out)])]
    first = capsys.readouterr().out.splitlines()
    replace(spec / "base.yaml", "Fetch the access token.", "Fetch an access token.")
    codes.append(main(["generate", "--spec", str(spec), "--out", str(out)]))
    second = capsys.readouterr().out.splitlines()

    assert codes == [0, 0]
    assert first[0] == f"   add {out / 'acme' / 'MANIFEST.json'}"
    assert first[-1] == f"{out / 'acme'}: 19 files, 19 changed"
    assert [line.split()[0] for line in second[:-1]] == ["update"] * 3
    assert second[-1] == f"{out / 'acme'}: 19 files, 3 changed"


def test_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows what is missing, and leaves it so."""
    spec = small_spec(tmp_path)

    code = main(["check", "--spec", str(spec), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr().out

    assert code == 1
    assert "--- /dev/null\n+++ from spec/base.py\n" in printed
    assert "add py.typed" in printed
    assert printed.endswith(f"19 of 19 files drifted from {spec}; run: wxspec generate\n")
    assert not (tmp_path / "out").exists()


def test_a_wrong_spec_goes_to_the_error_stream(tmp_path: Path) -> None:
    """So that a pipe gets the output alone."""
    small_spec(tmp_path, chat="module: chat\n")

    done = wxspec("generate", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "spec/chat.yaml:1:1: error[missing-key]: expected the key 'title', which is not there\n"
        "    1 | module: chat\n      | ^\n\n1 error; nothing was written\n"
    )


@pytest.mark.parametrize("given", ["nowhere", "empty", "a-file"])
def test_a_folder_without_a_spec_is_explained(given: str, tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").write_text("")

    done = wxspec("check", "--spec", given, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"{given}:1:1: error[no-files]: expected a folder with *.yaml files" in done.stderr
    assert "say where the specification is with --spec" in done.stderr


def test_a_file_that_cannot_be_read_is_a_diagnostic(tmp_path: Path) -> None:
    """Here because it is a folder, or leads nowhere."""
    spec = small_spec(tmp_path)
    (spec / "folder.yaml").mkdir()
    (spec / "dangling.yaml").symlink_to("nowhere")

    done = wxspec("check", cwd=tmp_path)

    assert done.returncode == 1
    assert "spec/dangling.yaml:1:1: error[unreadable]" in done.stderr
    assert "spec/folder.yaml:1:1: error[unreadable]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_a_terminal_that_cannot_show_chinese_shows_the_rest(encoding: str, tmp_path: Path) -> None:
    """What it cannot show is escaped, in diffs as in diagnostics."""
    small_spec(tmp_path, chat="module: chat\ntitle: {en: Chat, zh: 会话🎉}\n")
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}

    drifted = wxspec("check", cwd=tmp_path, env=env)
    small_spec(tmp_path / "wrong", chat="module: chat\ntitle: {en: 会话🎉, zn: 会话}\n")
    wrong = wxspec("check", cwd=tmp_path / "wrong", env=env)

    assert drifted.stdout.rstrip().endswith("run: wxspec generate")
    assert "1 error; nothing was written" in wrong.stderr
    assert "Traceback" not in drifted.stderr + wrong.stderr


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["export", "nothing"], ["check", "extra"]])
def test_a_wrong_command_is_explained(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the usage, with the exit code of its own."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert "usage: wxspec" in capsys.readouterr().err


def test_it_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """As every command does."""
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])

    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"wxspec {__version__}\n"


def test_each_command_has_less_than_ten_options(capsys: pytest.CaptureFixture[str]) -> None:
    """And says of each what it is."""
    for command in ("generate", "check", "export"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        options = [line for line in capsys.readouterr().out.split("\n") if line.startswith("  -")]

        assert 0 < len(options) < 10


def test_the_spec_is_only_read(tmp_path: Path) -> None:
    """Nothing is left beside it."""
    spec = small_spec(tmp_path)
    before = tree(spec)

    wxspec("generate", cwd=tmp_path)

    assert tree(spec) == before

"""The same specification gives the same bytes: on any machine, in any folder, any day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.specs import BASE, REAL, real_spec, small_spec, tree, wxspec
from wxspec.compiler import compile_spec


@pytest.fixture(scope="module")
def expected() -> dict[str, bytes]:
    """Compile the specification of this project in this very process."""
    return compile_spec(REAL).files


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4242"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.GB18030"},
        {"TZ": "Pacific/Kiritimati", "PYTHONDONTWRITEBYTECODE": "1"},
        {"TZ": "America/Adak", "PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda env: " ".join(env),
)
def test_no_environment_changes_a_byte(
    env: dict[str, str], expected: dict[str, bytes], tmp_path: Path
) -> None:
    """Neither hash seed, nor locale, nor time zone; the manifest is among the files."""
    done = wxspec("generate", "--spec", REAL, "--out", tmp_path, cwd=tmp_path, env=env)

    assert (done.returncode, done.stderr) == (0, "")
    assert tree(tmp_path / "wxoa") == expected


def test_no_working_folder_changes_a_byte(expected: dict[str, bytes], tmp_path: Path) -> None:
    """Relative or absolute, from inside the specification or from outside."""
    spec = real_spec(tmp_path)
    inside = spec / "customer_service"
    ways = [(tmp_path, "spec"), (spec, "."), (inside, ".."), (tmp_path, str(spec))]
    for number, (cwd, given) in enumerate(ways):
        out = tmp_path / str(number)
        done = wxspec("generate", "--spec", given, "--out", out, cwd=cwd)

        assert (done.returncode, done.stderr) == (0, "")
        assert tree(out / "wxoa") == expected


def test_no_line_ending_changes_a_byte(expected: dict[str, bytes], tmp_path: Path) -> None:
    """A checkout with CRLF, or one that begins with a byte order mark, is the same text."""
    spec = real_spec(tmp_path)
    for path in spec.rglob("*.yaml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert compile_spec(spec).files == expected


def test_no_line_ending_moves_a_diagnostic(tmp_path: Path) -> None:
    """A mistake stands in the same line and column whatever ends the lines."""
    wrong = "module: chat\ntitle: {en: Chat, zn: 会话}\nsource: |\n  one\n  two\nmodel: {}\n"
    shown: list[str] = []
    for number, ending in enumerate(("\n", "\r\n", "\r")):
        small_spec(tmp_path / str(number), chat=wrong.replace("\n", ending))
        shown.append(wxspec("check", cwd=tmp_path / str(number)).stderr)

    assert "spec/chat.yaml:2:19: error[unknown-key]" in shown[0]
    assert "spec/chat.yaml:6:1: error[unknown-key]" in shown[0]
    assert shown[1:] == shown[:1] * 2


def test_names_decide_the_order_and_not_the_disk(tmp_path: Path) -> None:
    """Files that were made in another order are read in the same one."""
    forth, back = tmp_path / "forth" / "spec", tmp_path / "back" / "spec"
    names = sorted(path.name for path in BASE.glob("*.yaml"))
    for spec, order in ((forth, names), (back, names[::-1])):
        spec.mkdir(parents=True)
        for name in order:
            (spec / name).write_bytes((BASE / name).read_bytes())

    assert compile_spec(forth) == compile_spec(back)


def test_every_file_is_utf_8_with_unix_line_endings(expected: dict[str, bytes]) -> None:
    """Each ends with one newline, and holds no trailing white space."""
    for path, content in expected.items():
        text = content.decode()

        assert "\r" not in text
        assert [line for line in text.split("\n") if line != line.rstrip()] == [], path
        assert not text.endswith("\n\n")
        assert path == "py.typed" or text.endswith("\n")

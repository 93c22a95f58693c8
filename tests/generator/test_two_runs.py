"""Runs at the same time, and a command without its extra."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator.specs import small_spec
from wxspec.cli import main


def test_runs_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    """However many begin at once, all succeed and the package is whole."""
    spec = small_spec(tmp_path)
    command = [sys.executable, "-m", "wxspec", "generate", "--spec", str(spec)]
    command += ["--out", str(tmp_path / "generated")]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(6)
    ]
    printed = [run.communicate()[0] for run in runs]

    assert [run.returncode for run in runs] == [0] * len(runs), printed
    assert main(["check", "--spec", str(spec), "--out", str(tmp_path / "generated")]) == 0


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """Without jinja2 the command says what to install, and nothing else."""
    script = (
        "import sys; sys.modules['jinja2'] = None\nfrom wxspec.entry import main; sys.exit(main())"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert run.returncode == 1
    assert run.stderr == "wxspec needs jinja2: pip install 'wxoa[generate]'\n"


def test_a_file_with_the_other_suffix_is_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A module renamed to .yml would otherwise vanish from the package without a word."""
    spec = small_spec(tmp_path)
    (spec / "shop.yml").write_text("module: shop\ntitle: {en: Shop}\n")

    assert main(["check", "--spec", str(spec), "--out", str(tmp_path)]) == 1
    assert "spec/shop.yml:1:1: error[wrong-suffix]" in capsys.readouterr().err


def test_the_folder_of_a_spec_may_have_any_name(tmp_path: Path) -> None:
    """The same specification elsewhere makes the same bytes."""
    spec = small_spec(tmp_path)
    assert main(["generate", "--spec", str(spec), "--out", str(tmp_path / "generated")]) == 0
    other = spec.rename(tmp_path / "客服 spec")

    assert main(["check", "--spec", str(other), "--out", str(tmp_path / "generated")]) == 0


@pytest.mark.parametrize("name", ["typing", "json", "os", "attrs", "wxruntime", "wxspec"])
def test_a_package_does_not_hide_another(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package that would be imported instead of one it needs is refused."""
    spec = small_spec(tmp_path)
    service = spec / "service.yaml"
    service.write_text(service.read_text().replace("service: acme", f"service: {name}"))

    assert main(["check", "--spec", str(spec), "--out", str(tmp_path)]) == 1
    assert "error[reserved-word]" in capsys.readouterr().err

"""From a folder of YAML to the files of a package: one direction, every mistake in one run."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from wxspec.diagnostics import Report, SpecError
from wxspec.files import files
from wxspec.ir import Ir
from wxspec.lower import lower
from wxspec.passes import PASSES
from wxspec.reader import read_folder
from wxspec.tree import with_manifest
from wxspec.wellformed import check_form

__all__ = ["Package", "compile_spec", "read_spec"]


@frozen
class Package:
    """A generated package, in memory."""

    name: str
    """Its name."""
    files: dict[str, bytes]
    """Path below its folder → content, the manifest included."""


def read_spec(folder: Path) -> Ir:
    """Read a specification and run every pass over it.

    Args:
        folder: Where its `*.yaml` files are.

    Raises:
        SpecError: If anything is wrong; it holds every diagnostic.
    """
    report = Report()
    reading = read_folder(folder, report)
    check_form(reading, report)
    whole = lower(reading)
    for run in PASSES:
        whole = run(whole, report)
    if report.failed:
        raise SpecError(report)
    return whole


def compile_spec(folder: Path) -> Package:
    """Compile a specification; nothing is written.

    Args:
        folder: Where its `*.yaml` files are.

    Raises:
        SpecError: If anything is wrong; it holds every diagnostic.
    """
    whole = read_spec(folder)
    assert whole.service is not None  # its absence is an error
    return Package(whole.service.name, with_manifest(files(whole)))

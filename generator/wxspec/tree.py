"""The package on disk: compared with what it should be, and published.

The manifest lists what was generated and its digests. Only what a manifest lists is ever
overwritten or deleted, so a file of the user's is safe.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from attrs import frozen
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

from wxspec.render import VERSION

__all__ = [
    "MANIFEST",
    "Change",
    "ForeignFileError",
    "compare",
    "difference",
    "publish",
    "with_manifest",
]

MANIFEST = "MANIFEST.json"


class ForeignFileError(Exception):
    """A file stands where one has to be generated, and no manifest says that it is ours."""

    def __init__(self, paths: list[str], folder: Path) -> None:
        super().__init__(paths, folder)
        self.paths = paths
        self.folder = folder

    def __str__(self) -> str:
        listed = ", ".join(self.paths)
        return (
            f"{self.folder}: expected only generated files, got {listed}, which {MANIFEST} does "
            "not list; move them away, or say another folder with --out"
        )


@frozen
class Change:
    """A file that is not what it should be."""

    path: str
    old: bytes | None
    """What is there; None when nothing is."""
    new: bytes | None
    """What should be there; None when nothing should."""

    @property
    def verb(self) -> str:
        """What publishing does to it."""
        if self.old is None:
            return "add"
        return "delete" if self.new is None else "update"


@frozen
class _Manifest:
    """What was generated: path → SHA-256."""

    generator: str
    files: dict[str, str]


_CONVERTER = make_converter()


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add the manifest of the files to them."""
    return {**files, MANIFEST: _manifest(files)}


def _manifest(files: Mapping[str, bytes | None]) -> bytes:
    listed = {
        path: hashlib.sha256(files[path] or b"").hexdigest()
        for path in sorted(files)
        if path != MANIFEST
    }
    manifest = _Manifest(f"wxspec {VERSION}", listed)
    return _CONVERTER.dumps(manifest, indent=2).encode() + b"\n"


def _listed(folder: Path) -> set[str]:
    """Return the paths that the manifest on disk lists; a broken one lists nothing."""
    try:
        files = _CONVERTER.loads((folder / MANIFEST).read_bytes(), _Manifest).files
    except (OSError, ValueError, BaseValidationError):
        return set()
    return {name for name in files if _inside(name)}


def _inside(name: str) -> bool:
    """Say whether a path stays below the folder: a manifest is a file that anybody can edit."""
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    )


def compare(folder: Path, files: Mapping[str, bytes]) -> list[Change]:
    """Return what is different on disk, in the order of the paths.

    Args:
        folder: The package.
        files: What it should hold, the manifest included.

    Raises:
        ForeignFileError: If a file that is not ours stands where one of ours belongs.
    """
    listed = _listed(folder) | {MANIFEST}
    changes: list[Change] = []
    for path in sorted({*files, *listed}):
        old = _read(folder / path)
        new = files.get(path)
        if old != new:
            changes.append(Change(path, old, new))
    foreign = [
        change.path for change in changes if change.old is not None and change.path not in listed
    ]
    if foreign:
        raise ForeignFileError(foreign, folder)
    return changes


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def difference(change: Change) -> Iterator[str]:
    """Show a change as a unified diff, from what is there to what should be."""
    old, new = ((side or b"").decode("utf-8", "replace") for side in (change.old, change.new))
    lines = difflib.unified_diff(
        old.splitlines(),
        new.splitlines(),
        "/dev/null" if change.old is None else f"on disk/{change.path}",
        "/dev/null" if change.new is None else f"from spec/{change.path}",
        lineterm="",
    )
    shown = list(lines)
    if shown:
        yield from shown
    else:
        yield f"{change.verb} {change.path}"


def publish(folder: Path, changes: list[Change]) -> None:
    """Bring the changes to disk: each file whole or not at all, stale ones deleted last.

    A run that is killed leaves files of which a manifest still says that they are ours, so
    that the next run completes it.
    """
    if not changes:
        return
    folder.mkdir(parents=True, exist_ok=True)
    content = {change.path: change.new for change in changes}
    staged: dict[Path, Path] = {}
    try:
        for path, new in content.items():
            if new is not None:
                staged[folder / path] = _stage(folder / path, new)
        manifest = staged.pop(folder / MANIFEST, None)
        _announce(folder, content)
        for target, temporary in staged.items():
            temporary.replace(target)
        for change in changes:
            if change.new is None:
                _delete(folder, change.path)
        if manifest is not None:
            manifest.replace(folder / MANIFEST)
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)


def _stage(target: Path, content: bytes) -> Path:
    """Write a file beside its place, so that it can be moved there in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    path = Path(name)
    path.chmod(0o644)
    return path


def _announce(folder: Path, content: Mapping[str, bytes | None]) -> None:
    """List what is about to come in the manifest, beside what it lists already."""
    coming = {path: new for path, new in content.items() if path != MANIFEST}
    known = dict.fromkeys(_listed(folder), None)
    _stage(folder / MANIFEST, _manifest({**known, **coming})).replace(folder / MANIFEST)


def _delete(folder: Path, name: str) -> None:
    """Delete a stale file, and the folders that it leaves without a file of anybody's."""
    path = folder / name
    path.unlink(missing_ok=True)
    for parent in list(path.relative_to(folder).parents)[:-1]:
        cache = folder / parent / "__pycache__"
        if cache.is_dir() and set((folder / parent).iterdir()) == {cache}:
            for compiled in cache.iterdir():
                compiled.unlink()
            cache.rmdir()
        try:
            (folder / parent).rmdir()
        except OSError:
            return

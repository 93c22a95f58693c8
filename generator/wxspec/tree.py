"""The package on disk: compared with the generated files, and published.

The manifest lists what was generated and its digests. Only what a manifest lists is ever
overwritten or deleted, so a file of the user's is safe.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from attrs import frozen
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

from wxspec.render import VERSION

_locks = import_module("fcntl") if find_spec("fcntl") else None  # Windows has none

__all__ = [
    "MANIFEST",
    "Change",
    "ForeignFileError",
    "compare",
    "difference",
    "locked",
    "publish",
    "with_manifest",
]

MANIFEST = "MANIFEST.json"
STAGING = ".wxspec-staging"
"""The folder where files are written before they are moved to their places."""


class ForeignFileError(Exception):
    """Raised when a file that no manifest lists stands where one has to be generated."""

    def __init__(self, paths: list[str], folder: Path) -> None:
        super().__init__(paths, folder)
        self.paths = paths
        self.folder = folder

    def __str__(self) -> str:
        listed = ", ".join(self.paths)
        return (
            f"{self.folder}: expected only generated files, got {listed}, which {MANIFEST} does "
            "not list; move them away, or name another folder with --out"
        )


@frozen
class Change:
    """A file whose content on disk is not the generated one."""

    path: str
    old: bytes | None
    """The content on disk; None when there is no file."""
    new: bytes | None
    """The generated content; None when the file is stale."""

    @property
    def verb(self) -> str:
        """What publishing does to the file: add, update or delete."""
        if self.old is None:
            return "add"
        return "delete" if self.new is None else "update"


@frozen
class _Manifest:
    """The list of generated files, each with its SHA-256."""

    generator: str
    files: dict[str, str]


_CONVERTER = make_converter()


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files and their manifest."""
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
    return {name for name in files if _inside(name) and not (folder / name).is_dir()}


def _inside(name: str) -> bool:
    """Return whether a path stays below the folder, since a manifest may have been edited."""
    path = PurePosixPath(name)
    plain = name.isprintable() and path.as_posix() == name and not {"\\", ":"} & set(name)
    return plain and not path.is_absolute() and ".." not in path.parts


def compare(folder: Path, files: Mapping[str, bytes]) -> list[Change]:
    """Return the files that differ from those on disk, in the order of the paths.

    Args:
        folder: The package.
        files: The generated files, by path, the manifest included.

    Raises:
        ForeignFileError: If a file that no manifest lists stands where one has to be generated.
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
    """Show a change as a unified diff, from the content on disk to the generated one."""
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


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Lock a package, so that other runs wait until this one has ended.

    The lock belongs to the folder itself and ends with the process, however that ends.
    """
    if _locks is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _locks.flock(descriptor, _locks.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def publish(folder: Path, changes: list[Change]) -> None:
    """Write the changes to disk: each file whole or not at all, stale files deleted last.

    A run that is killed leaves a manifest that lists every file it has written, so that the next
    run recognises these files and completes the work.
    """
    staging = folder / STAGING
    shutil.rmtree(staging, ignore_errors=True)  # left by a run that was killed
    if not changes:
        return
    content = {change.path: change.new for change in changes}
    try:
        staging.mkdir(parents=True)
        staged = {
            path: _stage(staging, str(number), new)
            for number, (path, new) in enumerate(content.items())
            if new is not None
        }
        manifest = staged.pop(MANIFEST, None)
        if manifest is not None:  # otherwise the one on disk lists every file
            _stage(staging, "announced", _announced(folder, content)).replace(folder / MANIFEST)
        for path, temporary in staged.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(folder / path)
        for change in changes:
            if change.new is None:
                _delete(folder, change.path)
        if manifest is not None:
            manifest.replace(folder / MANIFEST)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _stage(staging: Path, name: str, content: bytes) -> Path:
    """Write a file into the staging folder, so that it can be moved to its place in one step."""
    path = staging / name
    path.write_bytes(content)
    return path


def _announced(folder: Path, content: Mapping[str, bytes | None]) -> bytes:
    """Write a manifest of the new files and of those that the manifest on disk lists."""
    coming = {path: new for path, new in content.items() if path != MANIFEST}
    return _manifest({**dict.fromkeys(_listed(folder), None), **coming})


def _delete(folder: Path, name: str) -> None:
    """Delete a stale file, and the folders that are empty without it."""
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

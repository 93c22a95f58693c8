"""Captured payloads in a folder, and what each of them is of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from wxruntime.catalog import Catalog, Document, Endpoint
from wxruntime.wire import JsonObject, json

__all__ = ["Sample", "samples_in"]


@frozen
class Sample:
    """One captured payload."""

    name: str
    """Its path in the folder."""
    body: bytes
    of: Endpoint | Document
    """What it is a request or an answer of, or the push or reply that it is."""
    direction: str
    """`request`, `response`, `event` or `reply`."""


def samples_in(folder: Path, catalog: Catalog) -> Iterator[Sample]:
    """Find the payloads of what the catalog describes.

    Args:
        folder: Where `index.json` says what each file is.
        catalog: What is described; payloads of anything else are left out.

    Raises:
        OSError: If the index, or a file that it names, cannot be read.
        DecodeError: If the index is not a JSON object.
    """
    index = json.loads_object((folder / "index.json").read_bytes())
    for name, entry in sorted(index.items()):
        if isinstance(entry, dict):
            of = _find(catalog, entry)
            if of is not None:
                body = (folder / name).read_bytes()
                yield Sample(name, body, of, str(entry.get("direction", "event")))


def _find(catalog: Catalog, entry: JsonObject) -> Endpoint | Document | None:
    """Find what a payload is of; None if the catalog does not describe it."""
    if "path" in entry:
        request = f"{entry.get('method')} {entry['path']}"
        endpoints = catalog.endpoints.values()
        return next((e for e in endpoints if request in (f"{e.method} {e.path}", e.twin)), None)
    if entry.get("direction") == "reply":
        return catalog.replies.get(str(entry.get("msg_type")))
    event = catalog.events.get(str(entry.get("event")))
    return event or catalog.messages.get(str(entry.get("msg_type")))

"""What the catalog describes, beside the classes that were generated of it."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias

from hypothesis import strategies as st

from wxoa import events, replies
from wxoa.catalog import CATALOG
from wxruntime.catalog import Document, Event, Field, Reply
from wxruntime.wire.types import Codec, Codecs, codec_of

__all__ = [
    "Generated",
    "class_of_id",
    "class_of_push",
    "class_of_reply",
    "codec",
    "generated",
    "is_scanned",
    "marks_of",
    "modules",
    "pushes",
    "strategy_of",
]

Generated: TypeAlias = Any
"""A generated class or a value of one; the tests take them all alike."""

SCANNED = {"string", "integer", "number", "timestamp"}
"""The single values that a scanner reads; a flag has more spellings than a pattern should."""


def modules() -> list[str]:
    """List the generated modules that have models."""
    package = importlib.import_module("wxoa")
    return [name for name in dir(package) if hasattr(getattr(package, name, None), "CODECS")]


def _module(name: str) -> ModuleType | None:
    return importlib.import_module(f"wxoa.{name}") if name in modules() else None


def generated() -> list[Generated]:
    """List every class that is read and written, found through the codecs of its module."""
    found: list[Generated] = []
    for name in modules():
        codecs = importlib.import_module(f"wxoa.{name}").CODECS

        assert isinstance(codecs, Codecs)
        found += codecs
    return found


@cache
def class_of_id(id: str) -> Generated:
    """Find the class of a model, an enumeration or a union, by its id in the catalog.

    What a call holds lives in the module of the call; what a push or a reply holds, with those.
    """
    module, _, name = id.partition(".")
    homes = [home for home in (_module(module), events, replies) if home is not None]
    return next(getattr(home, name) for home in homes if hasattr(home, name))


def class_of_push(push: Document) -> Generated:
    """Find the class of an event or a message."""
    return getattr(events, push.class_name)


def class_of_reply(reply: Reply) -> Generated:
    """Find the class of a reply."""
    return getattr(replies, reply.class_name)


def pushes() -> list[Document]:
    """List the events and the messages."""
    return [*CATALOG.events.values(), *CATALOG.messages.values()]


def marks_of(document: Document) -> dict[str, str]:
    """Return what tells a document from all others: tags and what stands in them."""
    if isinstance(document, Event):
        return {CATALOG.push.kind: document.kind, CATALOG.push.event: document.name}
    return {CATALOG.push.kind: document.name}


def is_scanned(push: Document) -> bool:
    """Say whether a push has a scanner: its fields are single values and stand for themselves."""
    return all(
        _is_single(field) and not field.within and not field.as_text for field in push.fields
    )


def _is_single(field: Field) -> bool:
    single = field.type.name in SCANNED or field.type.of in CATALOG.enums
    return single and not field.type.many


def codec(model: Generated) -> Codec[Any]:
    """Return how a generated class is read and written."""
    found: Codec[Any] | None = codec_of(model)

    assert found is not None
    return found


def strategy_of(model: Generated) -> st.SearchStrategy[Any]:
    """Take the generated strategy of a class."""
    module = importlib.import_module(model.__module__.replace("wxoa.", "wxoa.strategies."))
    made: st.SearchStrategy[Any] = getattr(module, _snake(model.__name__))()
    return made


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")

"""Docstrings: the sentences of the specification in the sections of Google's style."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from wxspec import ir, types
from wxspec.code import Code, Section, docstring

__all__ = [
    "arguments_text",
    "deprecation",
    "deviation",
    "field_text",
    "paragraphs",
    "print_docstring",
]

_FIRST_CLAUSE = re.compile(r"^(?:[^;.(]|\([^)]*\))*")


class _Doubtful(Protocol):
    @property
    def why(self) -> str: ...


def print_docstring(
    *before: str,
    indent: int = 4,
    arguments: Iterable[str] = (),
    returns: str = "",
    raises: Iterable[str] = (),
    source: str = "",
) -> Code:
    """Print a docstring; a part that is empty is left out.

    Args:
        before: The summary, and what else stands before the sections.
        indent: The columns before the docstring.
        arguments: A line for each argument.
        returns: What is returned.
        raises: A line for each error.
        source: The official page.
    """
    sections: tuple[Section, ...] = (
        ("Args:", [*arguments]),
        ("Returns:", returns),
        ("Raises:", [*raises]),
    )
    written: list[str | Section] = [text for text in before if text]
    written += (section for section in sections if section[1])
    return docstring([*written, *([f"Source: {source}"] if source else [])], indent)


def paragraphs(
    node: ir.Model | ir.Enumeration | ir.Union | ir.Document | ir.Endpoint,
) -> tuple[str, ...]:
    """Return what a docstring says before its sections."""
    deprecated = deprecation(node) if isinstance(node, ir.Endpoint) else ""
    return (node.doc, deprecated, node.notes, deviation(node))


def deprecation(endpoint: ir.Endpoint) -> str:
    """Say why not to use a call any more; empty when there is no reason."""
    return f"Deprecated: {endpoint.deprecated}" if endpoint.deprecated else ""


def deviation(node: _Doubtful) -> str:
    """Say how a node differs from the documentation; empty when it does not."""
    return f"Documentation: {node.why}" if node.why else ""


def field_text(field: ir.Field | ir.Count) -> str:
    """Return the documentation of a field or a parameter in one paragraph, its unit included."""
    doc = _with_unit(field.doc, field.type) if isinstance(field, ir.Field) else field.doc
    texts = [text for text in (doc, field.notes, deviation(field)) if text]
    return " ".join((*map(_ended, texts[:-1]), *texts[-1:]))


def _ended(sentence: str) -> str:
    """End a sentence that another one follows."""
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."


def _with_unit(text: str, type_: ir.Type) -> str:
    """Name the unit of a type's values behind the first clause of a text that does not name it."""
    unit = types.unit_of(type_)
    if not unit or unit.lower() in text.lower():
        return text
    return _FIRST_CLAUSE.sub(rf"\g<0>, in {unit}", text, count=1) if text else f"In {unit}."


def arguments_text(fields: Iterable[ir.Field]) -> list[str]:
    """Return a line for each parameter that has documentation."""
    texts = ((field.name, field_text(field)) for field in fields)
    return [f"{name}: {text}" for name, text in texts if text]

"""Docstrings: the sentences of the specification in the sections of Google's style."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wxspec import ir, types
from wxspec.code import Code, Section, docstring

__all__ = ["arguments_text", "deprecated", "described", "field_text", "print_docstring"]

_FIRST_CLAUSE = re.compile(r"^(?:[^;.(]|\([^)]*\))*")


def print_docstring(
    *paragraphs: str,
    indent: int = 4,
    arguments: Iterable[str] = (),
    returns: str = "",
    raises: Iterable[str] = (),
    source: str = "",
) -> Code:
    """Print a docstring; a part that is empty is left out.

    Args:
        paragraphs: The summary, and what else a reader has to know.
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
    written: list[str | Section] = [text for text in paragraphs if text]
    written += (section for section in sections if section[1])
    return docstring([*written, *([f"Source: {source}"] if source else [])], indent)


def described(
    node: ir.Model | ir.Enumeration | ir.Union | ir.Document | ir.Endpoint,
) -> str:
    """Return the documentation of a node, and what is doubtful about it."""
    if node.why and node.doc:
        return f"{node.doc} ({node.why.rstrip('.')}.)"
    return node.doc or node.why


def deprecated(endpoint: ir.Endpoint) -> str:
    """Return the paragraph that says why not to use a call any more; empty when there is none."""
    return f"Deprecated: {endpoint.deprecated}" if endpoint.deprecated else ""


def field_text(field: ir.Field) -> str:
    """Return the documentation of a field or a parameter in one paragraph, its unit included."""
    text = _with_unit(field.doc, field.type)
    return f"{text} ({field.why.rstrip('.')}.)" if field.why and text else text or field.why


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

"""Python text as a type, and the few ways to make it: nothing raw reaches a file.

What is printed is a fixed point of `ruff format`: what fits a line stands in one line, what
does not stands one item a line with a comma behind each.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from attrs import evolve, frozen

from wxspec.columns import width
from wxspec.ir import Literal

__all__ = [
    "WIDTH",
    "Bracket",
    "Code",
    "Joined",
    "Lines",
    "Node",
    "Section",
    "after",
    "assignment",
    "comment",
    "docstring",
    "layout",
    "literal",
    "prose",
]

WIDTH = 100
"""How long a line may be."""


class Code(str):
    """Text that is Python and may be printed as it is."""

    __slots__ = ()


def literal(value: Literal | bytes | None) -> Code:
    """Write a value in Python, with the quotes that `ruff format` chooses."""
    if isinstance(value, bytes):
        quoted = literal(value.decode("latin-1"))
        return Code("b" + "".join(c if c.isascii() else f"\\x{ord(c):02x}" for c in quoted))
    if not isinstance(value, str):
        return Code(repr(value).replace("e+", "e"))
    quote = "'" if value.count('"') > value.count("'") else '"'
    return Code(f"{quote}{''.join(_escape(c, quote) for c in value)}{quote}")


_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(character: str, quote: str) -> str:
    if character == quote:
        return f"\\{quote}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    # Marks that turn the direction of the text would make code look like other code.
    return character if character.isprintable() else ascii(character)[1:-1]


def prose(text: str) -> str:
    """Make one line of text that cannot end the string or comment it stands in."""
    words = " ".join(text.split())
    visible = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
    return visible.replace("\\", "\\\\").replace('"', "'")


Section: TypeAlias = "tuple[str, str | Sequence[str]]"
"""A title, and below it a text or entries; the later lines of an entry are indented further."""


def docstring(paragraphs: Iterable[str | Section], indent: int) -> Code:
    """Write a docstring.

    Args:
        paragraphs: Texts and sections, all of them wrapped.
        indent: How many columns stand before it.
    """
    lines: list[str] = []
    written = [*paragraphs]
    for paragraph in written:
        if lines:
            lines.append("")
        if isinstance(paragraph, str):
            # The quotes stand before the first paragraph, and behind it when it is the only one.
            quotes = 0 if lines else 3 if len(written) > 1 else 6
            lines.extend(_wrap(prose(paragraph), indent + quotes))
        else:
            title, content = paragraph
            lines.append(prose(title))
            if isinstance(content, str):
                lines.extend(_wrap(prose(content), indent, "    "))
            else:
                for entry in content:
                    lines.extend(_wrap(prose(entry), indent, "    ", "        "))
    if len(lines) == 1:
        return Code(f'"""{lines[0]}"""')
    lines = [f'"""{lines[0]}', *lines[1:], '"""']
    return Code("\n".join(f"{' ' * indent}{line}" if line else "" for line in lines).lstrip())


def _wrap(text: str, indent: int, margin: str = "", later: str | None = None) -> list[str]:
    wrapped = textwrap.wrap(
        text,
        WIDTH - indent,
        initial_indent=margin,
        subsequent_indent=margin if later is None else later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [""]


def comment(text: str) -> Code:
    """Write a comment of one line."""
    return Code(f"# {prose(text)}")


@frozen
class Bracket:
    """Items between an opening and a closing text, such as a call."""

    head: str
    items: tuple[Node, ...]
    tail: str
    comma: str = ","
    """What stands behind the last item when each has a line of its own."""
    single: str = ""
    """What stands behind an only item in one line: the comma that makes a tuple of it."""


@frozen
class Joined:
    """Two brackets on one line; the last is split first, as in `name: A[B] = c(d)`."""

    first: Bracket
    last: Node


@frozen
class Lines:
    """Parts with a space between them, or each on a line of its own."""

    parts: tuple[Node, ...]


Node: TypeAlias = "str | Bracket | Joined | Lines"


def after(prefix: str, node: Node) -> Node:
    """Put text before a node."""
    if isinstance(node, str):
        return prefix + node
    if isinstance(node, Bracket):
        return evolve(node, head=prefix + node.head)
    if isinstance(node, Joined):
        return evolve(node, first=evolve(node.first, head=prefix + node.first.head))
    return Lines((after(prefix, node.parts[0]), *node.parts[1:]))


def layout(node: Node, indent: int, behind: int = 0) -> Code:
    """Print on one line where it fits, else one item a line.

    Args:
        node: What to print.
        indent: The columns before the line it stands in.
        behind: The columns of what stands behind its end.
    """
    flat = _flat(node)
    if isinstance(node, str) or indent + width(flat) + behind <= WIDTH:
        return Code(flat)
    margin = " " * indent
    if isinstance(node, Lines):
        last = len(node.parts) - 1
        parts = (layout(p, indent, behind if i == last else 0) for i, p in enumerate(node.parts))
        return Code(f"\n{margin}".join(parts))
    if isinstance(node, Joined):
        split = layout(after(_flat(node.first), node.last), indent, behind)
        if "\n" in split and _starts_within(split, indent):
            return split
        rest = layout(after(node.first.tail, node.last), indent, behind)
        return _split(evolve(node.first, tail=""), indent, rest)
    return _split(node, indent)


def _split(node: Bracket, indent: int, tail: str = "") -> Code:
    """Print one item a line; what has none stays as it is."""
    if not node.items:
        return Code(f"{_flat(node)}{tail}")
    margin = " " * indent
    items = (f"{margin}    {layout(item, indent + 4, 1)}" for item in node.items)
    body = ",\n".join(items)
    return Code(f"{node.head}\n{body}{node.comma}\n{margin}{node.tail}{tail}")


def _flat(node: Node) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, Lines):
        return " ".join(map(_flat, node.parts))
    if isinstance(node, Joined):
        return _flat(node.first) + _flat(node.last)
    single = node.single if len(node.items) == 1 else ""
    return f"{node.head}{', '.join(map(_flat, node.items))}{single}{node.tail}"


def assignment(target: str | Bracket, value: Node, indent: int) -> Code:
    """Print an assignment: the value is split first, or gets a line of its own, then the target."""
    flat = f"{_flat(target)} = {_flat(value)}"
    if indent + width(flat) <= WIDTH:
        return Code(flat)
    margin = " " * indent
    own_line = Code(f"{_flat(target)} = (\n{margin}    {layout(value, indent + 4)}\n{margin})")
    if isinstance(value, str):
        # Where a line of its own would not help, a value stays where it is.
        own_line = own_line if indent + 4 + width(value) <= WIDTH else Code(flat)
    else:
        split = layout(after(f"{_flat(target)} = ", value), indent)
        if _starts_within(split, indent):
            return split
    if isinstance(target, str) or _starts_within(own_line, indent):
        return own_line
    return _split(target, indent, f" = {layout(value, indent)}")


def _starts_within(text: str, indent: int) -> bool:
    """Whether the first line fits."""
    return indent + width(text.split("\n")[0]) <= WIDTH

"""The imports of one file: printers and templates register each name that they print.

That none is missing and none unused is proved by the linter, over every case of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from wxspec.code import WIDTH, Bracket, Code, layout

__all__ = ["Imports", "by_kind", "import_from"]

_STANDARD = {"builtins", "collections", "functools", "importlib", "sys", "types", "typing"}


class Imports:
    """Collects the imports of a file."""

    def __init__(self) -> None:
        self._modules: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._for_types: dict[str, set[str]] = {}

    def use(self, module: str, name: str = "") -> Code:
        """Import a module, or a name of it, and return what to write.

        Args:
            module: The module.
            name: The name in it; empty for the module itself.
        """
        if name:
            self._names.setdefault(module, set()).add(name)
        else:
            self._modules.add(module)
        return Code(name or module)

    def use_for_types(self, module: str, name: str) -> Code:
        """Import a name for type checkers alone, and return what to write."""
        self.use("typing", "TYPE_CHECKING")
        self._for_types.setdefault(module, set()).add(name)
        return Code(name)

    def text(self) -> Code:
        """Write the import statements, in the order of ruff's isort rules."""
        groups: dict[int, list[str]] = {}
        for module in sorted(self._modules):
            groups.setdefault(_group(module), []).append(f"import {module}")
        for module in sorted(self._names, key=str.lower):
            groups.setdefault(_group(module), []).append(
                import_from(module, self._names[module], 0)
            )
        blocks = ["\n".join(groups[group]) for group in sorted(groups)]
        if self._for_types:
            lines = [import_from(m, self._for_types[m], 4) for m in sorted(self._for_types)]
            blocks.append("\n".join(["if TYPE_CHECKING:", *(f"    {line}" for line in lines)]))
        return Code("\n\n".join(blocks))


def import_from(module: str, names: Iterable[str], indent: int) -> Code:
    """Write one import statement."""
    ordered = by_kind(names, fold=True)
    flat = f"from {module} import {', '.join(ordered)}"
    if indent + len(flat) <= WIDTH:
        return Code(flat)
    return layout(Bracket(f"from {module} import (", tuple(ordered), ")"), indent)


def _group(module: str) -> int:
    """Sort the standard library first, then other distributions, then our own packages."""
    root = module.split(".")[0]
    if root in _STANDARD:
        return 0
    return 1 if root in ("attrs", "cattrs", "hypothesis") else 2


def by_kind(names: Iterable[str], *, fold: bool = False) -> list[str]:
    """Sort constants first, then classes, then functions, numbers by their value, as ruff does.

    Args:
        names: What to sort.
        fold: Whether upper and lower case count the same, as they do in an import.
    """

    def order(name: str) -> tuple[int, list[tuple[int, str]], str]:
        parts = re.findall(r"\d+|\D+", name.lower() if fold else name)
        return _kind(name), [(int(p), "") if p.isdigit() else (-1, p) for p in parts], name

    return sorted(names, key=order)


def _kind(name: str) -> int:
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[:1].isupper() else 2

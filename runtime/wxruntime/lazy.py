"""Packages whose modules are imported on first use (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping

__all__ = ["lazy"]


def lazy(
    package: str, modules: Iterable[str], names: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package that imports its modules on first use.

    Args:
        package: The package's own `__name__`.
        modules: The submodules to offer as attributes.
        names: The attributes to offer from submodules: name → submodule.

    Returns:
        The two functions, for the package to assign.
    """
    offered = {**{module: module for module in modules}, **names}

    def load(name: str) -> object:
        if name not in offered:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{offered[name]}")
        value: object = getattr(module, name) if name in names else module
        setattr(sys.modules[package], name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *offered})

    return load, listed

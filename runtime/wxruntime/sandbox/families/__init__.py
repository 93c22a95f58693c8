"""The families of calls that the local WeChat serves: one module each, called as in the catalog.

Such a module offers `handlers(world)`, which returns what answers each operation. Whoever serves
another family adds its module, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from wxruntime.sandbox.calls import Handlers
from wxruntime.sandbox.world import World

__all__ = ["handlers"]


def handlers(world: World) -> Handlers:
    """Return what answers each operation of the catalog that can be served."""
    found: Handlers = {}
    for family in {operation.partition(".")[0] for operation in world.catalog.endpoints}:
        module = f"{__name__}.{family}"
        if find_spec(module) is not None:
            offered: Callable[[World], Handlers] = import_module(module).handlers
            found |= offered(world)
    return found

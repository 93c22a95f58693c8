"""The families of calls that the local WeChat serves: one module each, called as in the catalog.

Such a module offers `handlers(state)`, which returns what answers each operation. Whoever serves
another family adds its module, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from wxruntime.sandbox.calls import Handlers
from wxruntime.sandbox.state import PlatformState

__all__ = ["handlers"]


def handlers(state: PlatformState) -> Handlers:
    """Return what answers each operation of the catalog that can be served."""
    found: Handlers = {}
    for family in {operation.partition(".")[0] for operation in state.catalog.endpoints}:
        module = f"{__name__}.{family}"
        if find_spec(module) is not None:
            offered: Callable[[PlatformState], Handlers] = import_module(module).handlers
            found |= offered(state)
    return found

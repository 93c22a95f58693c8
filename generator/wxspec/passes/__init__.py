"""The passes, in the order in which they run: each returns a representation made from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wxspec.diagnostics import Report
from wxspec.ir import Ir
from wxspec.passes.check import check
from wxspec.passes.name import name
from wxspec.passes.plan import plan
from wxspec.passes.resolve import resolve

__all__ = ["PASSES", "Pass"]

Pass: TypeAlias = Callable[[Ir, Report], Ir]

PASSES: tuple[Pass, ...] = (
    resolve,  # references become what they name: types, fields, codes
    name,  # text becomes Python names
    plan,  # the files that models live in, and local variables
    check,  # rules that a specification must hold to
)
"""Every pass; all of them run, so that one run reports every mistake."""

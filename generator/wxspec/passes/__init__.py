"""The passes, in the order in which they run: each takes the representation and gives it back."""

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
    resolve,  # what a type, a fill or a code refers to
    name,  # text that is fit to be a Python name
    plan,  # where models live, and what local variables are called
    check,  # what each construct must hold to
)
"""Every pass; each runs, so that one run reports what all of them find."""

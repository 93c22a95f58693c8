"""Checks of numbers at run time, because the caller may not use a type checker."""

from __future__ import annotations

from math import inf

__all__ = ["is_count", "is_finite"]


def is_count(value: object) -> bool:
    """Return whether a value is a whole number of 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_finite(value: object) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -inf < value < inf

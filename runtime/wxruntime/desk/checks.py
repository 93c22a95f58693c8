"""Checks of values at run time, because the caller may not use a type checker."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import cast

from wxruntime.wire import Timestamp

__all__ = ["are_names", "is_count", "is_finite", "is_moment"]


def are_names(value: object) -> bool:
    """Return whether a value is a collection of texts, none of them empty, and itself not empty."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return False
    names = tuple(cast("Iterable[object]", value))
    return bool(names) and all(isinstance(name, str) and name for name in names)


def is_count(value: object) -> bool:
    """Return whether a value is a whole number of 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_finite(value: object) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -inf < value < inf


def is_moment(value: object) -> bool:
    """Return whether a value is a time in Unix seconds, from 0 to the end of the year 9999."""
    return is_finite(value) and 0 <= cast("float", value) <= Timestamp.LAST

"""The first difference between what was sent and what came back."""

from __future__ import annotations

import re
from decimal import Decimal

from wxruntime.wire.types import JsonValue

__all__ = ["first_loss"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_SHOWN = 60
"""How many characters of a value are shown."""


def first_loss(sent: JsonValue, back: JsonValue, path: str = "$") -> str:
    """Return where what came back differs from what was sent; empty if nowhere.

    These are equal: a number and the text that spells it, `true` and 1, `false` and 0, a list of
    one item and that item. Two texts are equal only letter by letter. What came back may have more
    fields, if they are empty or zero.

    Args:
        sent: What went in.
        back: What came out.
        path: Where both stand in the document.
    """
    if isinstance(sent, dict) and isinstance(back, dict):
        return _of_objects(sent, back, path)
    if isinstance(back, list):
        return _of_lists(sent if isinstance(sent, list) else [sent], back, path)
    if _same(sent, back) or (_says_nothing(sent) and _says_nothing(back)):
        return ""
    return f"{path}: sent {_shown(sent)}, got back {_shown(back)}"


def _of_objects(sent: dict[str, JsonValue], back: dict[str, JsonValue], path: str) -> str:
    for name, value in sent.items():
        if name not in back and not _is_empty(value):
            return f"{path}.{name}: sent {_shown(value)}, got nothing back"
        if name in back and (loss := first_loss(value, back[name], f"{path}.{name}")):
            return loss
    for name, value in back.items():
        if name not in sent and not _says_nothing(value):
            return f"{path}.{name}: sent nothing, got back {_shown(value)}"
    return ""


def _of_lists(sent: list[JsonValue], back: list[JsonValue], path: str) -> str:
    if len(sent) != len(back):
        return f"{path}: sent {len(sent)} items, got back {len(back)}"
    losses = (
        first_loss(s, b, f"{path}[{at}]") for at, (s, b) in enumerate(zip(sent, back, strict=True))
    )
    return next(filter(None, losses), "")


def _same(sent: JsonValue, back: JsonValue) -> bool:
    if type(sent) is type(back):
        return sent == back
    first, second = _number(sent), _number(back)
    return first is not None and first == second


def _number(value: JsonValue) -> Decimal | None:
    """Return the number that a value is or spells; None if it is a text, such as `007`."""
    if value in ("true", "false"):
        return Decimal(value == "true")
    if isinstance(value, (bool, int)):
        return Decimal(int(value))
    digits = repr(value) if isinstance(value, float) else value
    return Decimal(digits) if isinstance(digits, str) and _NUMBER.fullmatch(digits) else None


def _is_empty(value: JsonValue) -> bool:
    """Return whether a value is empty: null, an empty text, object or list."""
    return value is None or value in ("", [], {})


def _says_nothing(value: JsonValue) -> bool:
    """Return whether a value says what its absence would say: empty, zero, or made of such."""
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    return _is_empty(value) or (value == 0 and not isinstance(value, str))


def _shown(value: JsonValue) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"

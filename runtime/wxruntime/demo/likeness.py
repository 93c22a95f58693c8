"""Whether a document came back as it went: what is the same, and where the first loss is."""

from __future__ import annotations

import re
from decimal import Decimal

from wxruntime.wire.types import JsonValue

__all__ = ["first_loss"]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_SHOWN = 60
"""How many characters of a value are shown."""


def first_loss(sent: JsonValue, back: JsonValue, path: str = "$") -> str:
    """Say where a document is not what it was; empty when it is.

    Text may stand for the number that it spells, true and false for 1 and 0, and an item that does
    not repeat for a list of one; text and text are the same only letter by letter. What came back
    may have fields beside those that went, as long as they say nothing.

    Args:
        sent: What went in.
        back: What came out.
        path: Where both stand.
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
    """Return the number that a value is or spells; a leading zero makes it a text."""
    if value in ("true", "false"):
        return Decimal(value == "true")
    if isinstance(value, (bool, int)):
        return Decimal(int(value))
    digits = repr(value) if isinstance(value, float) else value
    return Decimal(digits) if isinstance(digits, str) and _NUMBER.fullmatch(digits) else None


def _is_empty(value: JsonValue) -> bool:
    """Say whether there is nothing in a value: an element without content, an empty list."""
    return value is None or value in ("", [], {})


def _says_nothing(value: JsonValue) -> bool:
    """Say whether a value is what absence means: empty, zero, or made of such."""
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    return _is_empty(value) or (value == 0 and not isinstance(value, str))


def _shown(value: JsonValue) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"

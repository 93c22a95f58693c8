"""JSON as the platform writes it and expects it.

Incoming JSON may hold raw control characters, invalid UTF-8 and lone surrogates. All of it is read;
what no string can hold becomes U+FFFD. Outgoing JSON is raw UTF-8, never `\\uXXXX`, because the
platform stores such escapes literally.

If orjson is installed, it reads the answers, and the standard library reads what orjson refuses
or would change: orjson reads an integer beyond 64 bits as a float.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING

from wxruntime.errors import DecodeError, EncodeError
from wxruntime.wire.scalars import typename

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wxruntime.wire.types import JsonObject, JsonValue

__all__ = ["MAX_DEPTH", "dumps", "loads", "loads_object"]

MAX_DEPTH = 128
"""The nesting limit of lists and objects."""
_TOO_DEEP = f"expected JSON nested at most {MAX_DEPTH} deep, got more"


def _finite(digits: str) -> float:
    """Read a finite number; infinity and NaN could not be written again."""
    value = float(digits)
    if isfinite(value):
        return value
    raise ValueError(f"{digits[:40]} is no number that JSON can hold")


_decode: Callable[[str], JsonValue] = json.JSONDecoder(
    strict=False, parse_float=_finite, parse_constant=_finite
).decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _loads_standard(body: bytes) -> JsonValue:
    """Read JSON with the standard library, which is more lenient than orjson."""
    text = body.decode("utf-8-sig", "replace")
    try:
        value = _decode(text)
    except ValueError as error:
        raise DecodeError(f"expected JSON, got {typename(text)}: {error}") from None
    except RecursionError:
        raise DecodeError(_TOO_DEEP) from None
    _measure(value, body)
    # A lone surrogate gets past the UTF-8 decoder only as an escape.
    return _without_lone_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _measure(value: JsonValue, body: bytes) -> None:
    """Refuse nesting so deep that comparing or printing the value would exhaust the stack."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    level = _containers([value])
    for _ in range(MAX_DEPTH):
        level = [
            inside
            for outside in level
            for inside in _containers(outside.values() if isinstance(outside, dict) else outside)
        ]
        if not level:
            return
    raise DecodeError(_TOO_DEEP)


def _containers(values: Iterable[JsonValue]) -> list[list[JsonValue] | JsonObject]:
    return [value for value in values if isinstance(value, (list, dict))]


def _without_lone_surrogates(value: JsonValue) -> JsonValue:
    """Replace lone surrogates, which no encoder can write."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _LONE_SURROGATE.sub("\ufffd", key): _without_lone_surrogates(item)
            for key, item in value.items()
        }
    return value


try:
    import orjson
except ImportError:
    loads = _loads_standard
else:
    _orjson_loads = orjson.loads
    _DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")

    def _may_hold_long_integer(body: bytes) -> bool:
        """Say whether a number may be beyond 64 bits; much faster than to look with a pattern."""
        zeros = body.translate(_DIGITS_TO_ZERO)
        # Below zero there is a bit less.
        return b"0" * 20 in zeros or b"-" + b"0" * 19 in zeros

    def loads(body: bytes) -> JsonValue:
        """Read JSON.

        Raises:
            DecodeError: If the bytes are not JSON.
        """
        if _may_hold_long_integer(body):
            return _loads_standard(body)
        try:
            value: JsonValue = _orjson_loads(body)
        except ValueError:
            return _loads_standard(body)
        _measure(value, body)
        return value


def loads_object(body: bytes) -> JsonObject:
    """Read a JSON object.

    Raises:
        DecodeError: If the bytes are not JSON, or the value is not an object.
    """
    value = loads(body)
    if type(value) is not dict:
        raise DecodeError(f"expected a JSON object, got {typename(value)}")
    return value


def dumps(value: JsonValue) -> bytes:
    """Write JSON as raw UTF-8 without white space.

    Raises:
        EncodeError: If JSON or UTF-8 cannot hold the value.
    """
    try:
        return _encode(value).encode()
    except (ValueError, TypeError):
        failure = _located(value)
    except RecursionError:
        failure = EncodeError("expected a value that JSON can hold, got one nested too deeply")
    raise failure


def _located(value: JsonValue) -> EncodeError:
    """Return the error about the first part that cannot be written, with the way to it."""
    waiting: list[tuple[tuple[str | int, ...], JsonValue]] = [((), value)]
    seen: set[int] = set()  # a list that holds itself has no end
    while waiting:
        path, part = waiting.pop()
        if not isinstance(part, (dict, list, tuple)):
            if problem := _problem(part):
                return EncodeError(problem, path)
        elif id(part) not in seen:
            seen.add(id(part))
            for key in part if isinstance(part, dict) else ():
                if problem := _problem({key: None}):
                    return EncodeError(problem, path)
            inside = part.items() if isinstance(part, dict) else enumerate(part)
            waiting += reversed([((*path, step), item) for step, item in inside])
    return EncodeError(_problem(value))


def _problem(value: JsonValue) -> str:
    """Say why a value cannot be written; empty when it can."""
    try:
        _encode(value).encode()
    except UnicodeEncodeError as error:
        return f"expected text that UTF-8 can hold, got {error.object[error.start]!r}"
    except (ValueError, TypeError) as error:
        return f"expected a value that JSON can hold: {error}"
    return ""

"""Plain columns: an object is a row per field, a list of objects is a row per object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum

from attrs import define

from wxruntime.commands.terminal import harmless, padded, width
from wxruntime.errors import DecodeError
from wxruntime.wire import JsonObject, JsonValue, OpenIntEnum, Timestamp

__all__ = ["Rows", "cell", "table"]

_GAP = "  "
_NOTHING = "(none)"


def table(value: JsonValue) -> Iterator[str]:
    """Return the lines of a value."""
    if isinstance(value, dict):
        yield from _record(value)
    elif isinstance(value, list):
        yield from _list(value)
    else:
        yield cell(value)


def cell(value: JsonValue) -> str:
    """Return a value on one line: moments in this machine's time zone, the rest as it is."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Timestamp):
        return _moment(value)
    if isinstance(value, OpenIntEnum) and value.known:
        return f"{value.value} {value.name}"
    if isinstance(value, Enum):
        return harmless(str(value.value))
    if isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value):
        return ", ".join(map(cell, value))
    if isinstance(value, (list, dict)):
        return harmless(json.dumps(value, ensure_ascii=False))
    return harmless(str(value))


def _moment(value: Timestamp) -> str:
    try:
        local: datetime = value.utc.astimezone()
    except (DecodeError, OverflowError, ValueError, OSError):
        return str(value)
    return f"{local:%Y-%m-%d %H:%M:%S %z}"


def _list(values: Sequence[JsonValue]) -> Iterator[str]:
    if not values:
        yield _NOTHING
    rows = Rows.of([value for value in values if isinstance(value, dict)])
    for value in values:
        yield from rows.next(value)


def _record(value: Mapping[str, JsonValue]) -> Iterator[str]:
    """Return a row per field, and what is many below them."""
    flat = dict(_flat(value))
    single = {name: one for name, one in flat.items() if not _is_table(one)}
    longest = max(map(width, map(harmless, single)), default=0)
    for name, one in single.items():
        yield f"{padded(harmless(name), longest)}{_GAP}{cell(one)}".rstrip()
    for name, one in flat.items():
        if isinstance(one, list) and _is_table(one):
            yield from ("", f"{harmless(name)}:", *_list(one))
    if not flat:
        yield _NOTHING


def _flat(value: Mapping[str, JsonValue], outer: str = "") -> Iterator[tuple[str, JsonValue]]:
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, f"{outer}{name}.")
        else:
            yield f"{outer}{name}", inner


def _is_table(value: JsonValue) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


@define
class Rows:
    """Rows below one header, as they come: the columns are as wide as what is known of them."""

    columns: dict[str, int] | None = None
    _begun: bool = False

    @classmethod
    def of(cls, values: Sequence[JsonObject]) -> Rows:
        """Return the rows of values that are all known."""
        if not values:
            return cls()
        rows = [dict(_flat(value)) for value in values]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {
            name: max(width(harmless(name)), *(width(cell(row.get(name, ""))) for row in rows))
            for name in names
        }
        return cls(columns)

    def next(self, value: JsonValue) -> Iterator[str]:
        """Return the line of the next value, and of the header before the first."""
        if not isinstance(value, dict):
            yield cell(value)
            return
        row = dict(_flat(value))
        if self.columns is None:
            self.columns = Rows.of([value]).columns or {}
        if not self._begun:
            self._begun = True
            yield self._line({name: name for name in self.columns})
        yield self._line(row)

    def _line(self, row: Mapping[str, JsonValue]) -> str:
        columns = self.columns or {}
        cells = [padded(cell(row.get(name, "")), columns[name]) for name in columns]
        # What came first told the columns; what only others have says its name itself.
        cells += [f"{harmless(name)}={cell(row[name])}" for name in row if name not in columns]
        return _GAP.join(cells).rstrip()

"""A generated package as the commands see it: found by its name, because this room is below it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, cast

from attrs import frozen

from wxruntime.call import Call
from wxruntime.callback.base import BaseCallback
from wxruntime.catalog import Catalog
from wxruntime.client import BaseClient
from wxruntime.wire import JsonValue
from wxruntime.wire.push import PushFormat
from wxruntime.wire.reply import ReplyFormat

__all__ = ["Surface", "load"]


@frozen
class Surface:
    """What a generated package offers."""

    name: str
    """The package's name."""
    catalog: Catalog
    """What its specification describes."""
    client: Callable[..., BaseClient]
    """Its client."""
    callback: Callable[..., BaseCallback[object, object]]
    """Its receiver of pushes."""
    decode: Callable[[bytes], object]
    """Reads a push."""
    encode: Callable[[object], bytes]
    """Writes a push."""
    pushes: PushFormat[object]
    """How pushes look."""
    replies: ReplyFormat[object]
    """How replies look."""

    def call(self, operation: str, **arguments: object) -> Call[object]:
        """Build the call of an operation, such as `kf_session.get`."""
        module, _, function = operation.partition(".")
        request = getattr(importlib.import_module(f"{self.name}.{module}"), function)
        return cast("Call[object]", request(**arguments))

    def find(self, module: str, name: str) -> Any:
        """Return what a module of the package calls by a name."""
        return getattr(importlib.import_module(f"{self.name}.{module}"), name)

    def structure(self, value: JsonValue, kind: object) -> object:
        """Read a value of a model or a union.

        Raises:
            DecodeError: If it is none.
        """
        converter = importlib.import_module(self.name).converter
        return cast(object, converter.structure(value, kind))


def load(package: str) -> Surface:
    """Load a generated package.

    Args:
        package: Its name.
    """
    events = importlib.import_module(f"{package}.events")
    return Surface(
        package,
        importlib.import_module(f"{package}.catalog").CATALOG,
        importlib.import_module(f"{package}.client").Client,
        importlib.import_module(f"{package}.callback").Callback,
        events.decode,
        events.encode,
        events.FORMAT,
        importlib.import_module(f"{package}.replies").FORMAT,
    )

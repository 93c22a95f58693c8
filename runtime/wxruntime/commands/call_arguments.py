"""What was given to a command, as the arguments that a call takes in Python."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import cast

from wxruntime.catalog import Field, Type, Union
from wxruntime.commands.environment import APP_ID, variable_of
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.examples import example
from wxruntime.commands.files import check_readable, read_file
from wxruntime.commands.help import did_you_mean
from wxruntime.commands.operations import Operation, is_needed
from wxruntime.commands.secret import needed_secret
from wxruntime.errors import DecodeError
from wxruntime.redact import MASK
from wxruntime.surface import Surface
from wxruntime.upload import Upload
from wxruntime.wire import JsonObject, JsonValue, Timestamp

__all__ = ["arguments_of", "example_arguments", "typed"]

_STANDARD_INPUT = "-"
_AS_ASKED = "(as asked)"
"""A text that stands for what was asked, where only the answer is known."""


def arguments_of(surface: Surface, operation: Operation, options: Namespace) -> dict[str, object]:
    """Return the arguments of a call; those that are not given are left to the call.

    A request that is only shown needs no secrets.

    Raises:
        WrongArgument: If one cannot be had.
    """
    given: dict[str, object] = {}
    for field in operation.parameters:
        if field.secret:
            if is_needed(field) or _offered(field, options):
                given[field.name] = MASK if options.dry_run else _secret(field, options)
        elif field.credential == "app_id":
            given[field.name] = _app_id(options)
        elif _is_given(field, options):
            given[field.name] = typed(surface, field, getattr(options, field.name))
    return given


def _app_id(options: Namespace) -> str:
    app_id: str | None = options.app_id
    if app_id is None:
        raise WrongArgument(f"no AppID: give --app-id, or set the variable {APP_ID}")
    return app_id


def _is_given(field: Field, options: Namespace) -> bool:
    """Say whether a parameter is given, be it as null: the parser leaves out the others."""
    if field.type.name in ("boolean", "flag"):
        return getattr(options, field.name) is not None
    return field.name in options


def example_arguments(surface: Surface, operation: Operation) -> dict[str, object]:
    """Return arguments that a call can be made with, to decode its answer and send nothing."""
    given: dict[str, object] = {}
    for field in operation.parameters:
        if field.type.name == "file":
            given[field.name] = b""
        elif is_needed(field):
            value = _AS_ASKED if field.type == Type("string") else example(surface.catalog, field)
            given[field.name] = typed(surface, field, [value] if field.type.many else value)
    return given


def _option(field: Field) -> str:
    """Name the option of a secret parameter; that of a credential is the account's."""
    return field.credential or field.name


def _offered(field: Field, options: Namespace) -> bool:
    """Say whether an optional secret is given, for which no prompt asks."""
    path: str | None = getattr(options, f"{_option(field)}_file")
    return path is not None or variable_of(_option(field)) in os.environ


def _secret(field: Field, options: Namespace) -> str:
    path: str | None = getattr(options, f"{_option(field)}_file")
    what = "AppSecret" if field.credential else field.name.replace("_", " ")
    secret = needed_secret(what, variable_of(_option(field)), path)
    return secret.reveal()


def typed(surface: Surface, field: Field, value: JsonValue, home: str = "") -> object:
    """Return a value as Python has it.

    Args:
        surface: Has the classes.
        field: Whose value it is.
        value: The value as JSON has it.
        home: The module of the classes, where it is not that of the specification.

    Raises:
        WrongArgument: If it is no value of the field.
    """
    if isinstance(value, list) and field.type.many:
        return [_one(surface, field, item, home) for item in value]
    return _one(surface, field, value, home)


def _one(surface: Surface, field: Field, value: JsonValue, home: str) -> object:
    if field.type.name == "file":
        return _uploaded(str(value))
    if field.type.name == "timestamp":
        return Timestamp(cast(int, value))
    if field.type.name == "flag":
        return bool(value)
    if not field.type.of:
        return value
    module, _, name = field.type.of.rpartition(".")
    kind = surface.find(home or module, name)
    if field.type.of in surface.catalog.enums:
        return kind(value)
    try:
        made = surface.structure(value, kind)
    except DecodeError as error:
        raise WrongArgument(f"{field.name}: {error}") from None
    if field.type.of in surface.catalog.unions and isinstance(value, dict):
        _check_nothing_else(surface.catalog.unions[field.type.of], field, value)
    return made


def _check_nothing_else(union: Union, field: Field, value: JsonObject) -> None:
    """Refuse what stands beside the tag of a union and what it says: nothing would read it."""
    if union.inline:
        return
    kind = str(value[union.tag])
    others = [name for name in value if name not in (union.tag, kind)]
    if others:
        mistyped = "" if kind in union.variants else did_you_mean(kind, union.variants)
        hint = mistyped or "; leave out what it does not say"
        raise WrongArgument(
            f"{field.name}: expected {union.tag} {kind!r} and its content under {kind!r}, got "
            f"{', '.join(map(repr, others))} as well{hint}"
        )


def _uploaded(path: str) -> Upload | str:
    """Return what is sent as a file; a path is opened when it is sent."""
    if path == _STANDARD_INPUT:
        return Upload.of(read_file(path))
    check_readable(path)
    return path

"""A push made up by the names of the catalog."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wxruntime.catalog import Catalog, Document, Field, Model, Type
from wxruntime.commands.call_arguments import typed
from wxruntime.commands.errors import WrongArgument
from wxruntime.commands.examples import example
from wxruntime.commands.help import did_you_mean, entries
from wxruntime.commands.values import read
from wxruntime.sandbox.messages import MessageIds
from wxruntime.surface import Surface
from wxruntime.wire import JsonObject, JsonValue, Timestamp

__all__ = ["described", "draft", "listed", "pushes_of"]

_EVENTS = "events"
"""The module of the classes of pushes."""


def pushes_of(catalog: Catalog) -> tuple[Document, ...]:
    """Return everything that can be pushed."""
    return (*catalog.messages.values(), *catalog.events.values())


def listed(catalog: Catalog, name: str | None) -> str:
    """List everything that can be pushed, or the fields of one push.

    Raises:
        WrongArgument: If there is none of this name.
    """
    if name is None:
        return "\n".join(entries({push.name: push.doc for push in pushes_of(catalog)}))
    push = described(catalog, name)
    own = {f"{field.name} ({field.type})": _told(field) for field in push.fields if not field.count}
    return "\n".join((f"{push.class_name}: {push.doc}", "", *entries(own), *_inside(catalog, push)))


def _told(field: Field) -> str:
    """Say what a field is, and how it is given."""
    repeated = " Give it once for each." if field.type.many else ""
    return f"{field.doc}{'' if field.required else ' Optional.'}{repeated}"


def _inside(catalog: Catalog, push: Document) -> Iterator[str]:
    """List the fields of the objects in a push, which are given as JSON by these names."""
    for model in _models(catalog, push.fields):
        fields = {f"{field.wire} ({field.type})": field.doc for field in model.fields}
        yield from ("", f"{model.id.rpartition('.')[2]}, as JSON:", *entries(fields))


def _models(catalog: Catalog, fields: Iterable[Field]) -> Iterable[Model]:
    """Return the models that fields hold, and those that these hold, each once."""
    found: dict[str, Model] = {}
    left = [*fields]
    for field in left:  # which grows on the way
        if field.type.of in catalog.models and field.type.of not in found:
            found[field.type.of] = catalog.models[field.type.of]
            left += found[field.type.of].fields
    return found.values()


def described(catalog: Catalog, name: str) -> Document:
    """Find a push by its name on the wire, or by its class.

    Raises:
        WrongArgument: If there is none of this name, or one of each kind.
    """
    pushes = pushes_of(catalog)
    found = [push for push in pushes if name in (push.name, push.class_name)]
    if not found:
        known = [push.name for push in pushes] + [push.class_name for push in pushes]
        near = did_you_mean(name, known) or "; --list lists them"
        raise WrongArgument(f"there is no event or message {name!r}{near}")
    if len(found) > 1:
        classes = " and ".join(push.class_name for push in found)
        raise WrongArgument(f"{name} is the name of {classes}: give the name of the class")
    return found[0]


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Take `name=value` apart.

    Raises:
        WrongArgument: If something is written otherwise.
    """
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise WrongArgument(f"--field: expected name=value, got {text!r}")
        yield name, value


def draft(
    surface: Surface, push: Document, header: Mapping[str, str], given: Sequence[str]
) -> object:
    """Make a push up.

    Args:
        surface: Has the classes.
        push: What the catalog says of it.
        header: The receiver and the sender, by their tags.
        given: Fields as `name=value`: by their names in Python, or by tags that are not
            described; what has to be there and is not given is made up.

    Raises:
        WrongArgument: If a field is neither, or its value none of its.
    """
    catalog = surface.catalog
    values, unknown = _given(catalog, push, given)
    now = int(time.time())
    shared: JsonObject = {
        **header,
        catalog.push.time: now,
        catalog.push.message_id: MessageIds(now).new(),
    }
    arguments: dict[str, object] = {}
    for field in push.fields:
        if field.name in values or field.count:
            continue
        if field.required:
            values[field.name] = shared.get(field.wire, _made_up(catalog, field, now))
    for field in push.fields:
        if field.name in values:
            arguments[field.name] = typed(surface, field, values[field.name], _EVENTS)
    kind = surface.find(_EVENTS, push.class_name)
    made: object = kind(**arguments, **({"unknown": unknown} if unknown else {}))
    return made


def _made_up(catalog: Catalog, field: Field, now: int) -> JsonValue:
    if field.type == Type("timestamp"):
        return Timestamp(now)
    value = example(catalog, field)
    return [value] if field.type.many else value


def _given(
    catalog: Catalog, push: Document, given: Sequence[str]
) -> tuple[dict[str, JsonValue], JsonObject]:
    """Return the given fields by their names in Python, and the unknown tags."""
    fields = {field.name: field for field in push.fields if not field.count}
    tags = {field.wire: field.name for field in fields.values()}
    values: dict[str, JsonValue] = {}
    unknown: JsonObject = {}
    for name, text in _pairs(given):
        field = fields.get(tags.get(name, name))
        if field is None and name == name.lower():
            near = did_you_mean(name, fields) or f"; there are {', '.join(fields)}"
            raise WrongArgument(f"--field: {push.class_name} has no {name!r}{near}")
        if field is None:
            unknown[name] = text
        elif field.type.many:
            so_far = values.setdefault(field.name, [])
            assert isinstance(so_far, list)  # made here
            so_far.append(_read(catalog, field, text))
        else:
            values[field.name] = _read(catalog, field, text)
    return values, unknown


def _read(catalog: Catalog, field: Field, text: str) -> JsonValue:
    try:
        return read(catalog, field, text)
    except WrongArgument as error:
        raise WrongArgument(f"--field: {field.name}: {error}") from None

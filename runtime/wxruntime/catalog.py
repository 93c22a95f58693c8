"""The specification as data, for whoever serves, documents or lists it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import Factory, field, frozen

__all__ = ["Catalog", "Endpoint", "ErrorCode", "Event", "Field", "Push"]


def _as_in_python(parameter: Field) -> str:
    return parameter.name


@frozen
class Field:
    """A parameter of a call or a field of a push."""

    name: str
    """Its name in Python."""
    type: str
    """Its type in the words of the specification."""
    doc: str = ""
    """What it is; empty when nobody said."""
    wire: str = field(default=Factory(_as_in_python, takes_self=True), kw_only=True)
    """Its name on the wire."""
    required: bool = field(default=True, kw_only=True)
    """Whether it has to be there."""
    secret: bool = field(default=False, kw_only=True)
    """Whether it must never be shown."""
    const: str | int | float | bool | None = field(default=None, kw_only=True)
    """The value that is always sent; none where the caller gives it."""


@frozen
class Endpoint:
    """One endpoint."""

    operation: str
    """Its name: module, dot, function."""
    method: str
    """`GET` or `POST`."""
    path: str
    """The path below the host."""
    doc: str
    """What it does."""
    query: tuple[Field, ...] = field(default=(), kw_only=True)
    """What goes into the query."""
    body: tuple[Field, ...] = field(default=(), kw_only=True)
    """What goes into the JSON body."""
    form: tuple[Field, ...] = field(default=(), kw_only=True)
    """What goes into the form, files among it."""
    raw: tuple[Field, ...] = field(default=(), kw_only=True)
    """The one file that is the whole body."""
    returns: str = field(default="", kw_only=True)
    """The type of the decoded answer; empty when there is nothing in it."""
    token: bool = field(default=True, kw_only=True)
    """Whether it wants an access token."""
    idempotent: bool = field(default=False, kw_only=True)
    """Whether sending it twice does the same as sending it once."""
    errors: tuple[int, ...] = field(default=(), kw_only=True)
    """The error codes its documentation names."""
    source: str = field(default="", kw_only=True)
    """Its official page; empty when there is none."""


@frozen
class Event:
    """One pushed event."""

    name: str
    """Its name on the wire."""
    class_name: str
    """Its class in Python."""
    doc: str
    """When it is pushed."""
    fields: tuple[Field, ...] = field(default=(), kw_only=True)
    """Its fields, the shared header first."""
    source: str = field(default="", kw_only=True)
    """Its official page; empty when there is none."""


@frozen
class ErrorCode:
    """One error code."""

    code: int
    """The number."""
    name: str
    """Its class in Python."""
    doc: str
    """What it means."""
    group: str = ""
    """The class of the group it belongs to; empty when it belongs to none."""


@frozen
class Push:
    """What every push has."""

    kind: str
    """The tag that says what kind of push it is."""
    event_kind: str
    """The kind whose pushes are events."""
    event: str
    """The tag that names the event."""
    header: int
    """How many of an event's fields belong to the header that all pushes share."""


@frozen
class Catalog:
    """Everything a specification describes."""

    package: str
    """The generated package."""
    push: Push
    """What every push has."""
    endpoints: Mapping[str, Endpoint]
    """Operation → endpoint."""
    events: Mapping[str, Event]
    """Name on the wire → event."""
    errors: Mapping[int, ErrorCode]
    """Number → error code."""

"""The specification as data, for whoever serves, documents or lists it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

__all__ = ["Catalog", "Endpoint", "ErrorCode", "Event", "Field", "Push"]


@frozen
class Field:
    """A parameter of a call or a field of a push."""

    name: str
    """Its name in Python."""
    wire: str
    """Its name on the wire."""
    type: str
    """Its type in the words of the specification."""
    required: bool
    """Whether it has to be there."""
    secret: bool
    """Whether it must never be shown."""
    const: str | int | float | bool | None
    """The value that is always sent; none where the caller gives it."""
    doc: str
    """What it is."""


@frozen
class Endpoint:
    """One endpoint."""

    operation: str
    """Its name: module, dot, function."""
    method: str
    """`GET` or `POST`."""
    path: str
    """The path below the host."""
    query: tuple[Field, ...]
    """What goes into the query."""
    body: tuple[Field, ...]
    """What goes into the JSON body."""
    returns: str
    """The type of the decoded answer."""
    token: bool
    """Whether it wants an access token."""
    idempotent: bool
    """Whether sending it twice does the same as sending it once."""
    errors: tuple[int, ...]
    """The error codes its documentation names."""
    doc: str
    """What it does."""
    source: str
    """Its official page; empty when there is none."""


@frozen
class Event:
    """One pushed event."""

    name: str
    """Its name on the wire."""
    class_name: str
    """Its class in Python."""
    fields: tuple[Field, ...]
    """Its fields, the shared header first."""
    doc: str
    """When it is pushed."""
    source: str
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

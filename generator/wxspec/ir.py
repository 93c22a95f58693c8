"""The intermediate representation: what a specification means, as frozen values.

Every node keeps its place in the specification and a stable id; the id decides file, order
and name, so that a small change to the specification is a small change to the output.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from attrs import field, frozen

from wxspec.diagnostics import Span

__all__ = [
    "Count",
    "Endpoint",
    "Enumeration",
    "EnumerationType",
    "ErrorCode",
    "ErrorGroup",
    "Event",
    "Field",
    "Ir",
    "ListType",
    "Literal",
    "Member",
    "Model",
    "ModelType",
    "Module",
    "Named",
    "Returns",
    "ScalarType",
    "Service",
    "Type",
    "UnresolvedType",
]

Literal: TypeAlias = "str | int | float | bool"


class Named(Protocol):
    """Whatever has a name and a place."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def span(self) -> Span:
        """Where it stands."""
        ...


@frozen
class UnresolvedType:
    """A type as the specification writes it; gone after the resolve pass."""

    name: str
    span: Span = field(eq=False)


@frozen
class ScalarType:
    """A row of the type table."""

    name: str


@frozen
class ModelType:
    """A model of the same module."""

    id: str
    name: str


@frozen
class EnumerationType:
    """An enumeration of the same module."""

    id: str
    name: str
    of_text: bool
    members: tuple[Member, ...] = field(eq=False, repr=False)
    """Its values; what is made from the type alone does not change with them."""

    def member(self, value: Literal) -> str:
        """Return the name of the member with a value."""
        return next(member.name for member in self.members if member.value == value)


@frozen
class ListType:
    """A list of one of the others."""

    item: ItemType


ItemType: TypeAlias = "UnresolvedType | ScalarType | ModelType | EnumerationType"
Type: TypeAlias = "ItemType | ListType"


@frozen
class Field:
    """A field of a model or an event, or a parameter of a call."""

    id: str
    span: Span
    name: str
    wire: str
    wire_span: Span
    type: Type
    doc: str
    optional: bool
    default: Literal | None
    const: Literal | None
    secret: bool
    why: str
    local: str = ""
    """The name of a local variable that holds it, out of the way of other names."""

    @property
    def required(self) -> bool:
        """Whether whoever makes the object has to give it."""
        return (
            not self.optional
            and self.default is None
            and self.const is None
            and not isinstance(self.type, ListType)
        )

    @property
    def asked_for(self) -> bool:
        """Whether a caller has to give it as a parameter; a list that is sent is no accident."""
        return not self.optional and self.default is None and self.const is None


@frozen
class Count:
    """A property that says how many items a list of the same model has."""

    id: str
    span: Span
    name: str
    of: str
    of_span: Span
    doc: str


@frozen
class Model:
    """An object on the wire, a class in Python."""

    id: str
    span: Span
    name: str
    doc: str
    fields: tuple[Field, ...]
    counts: tuple[Count, ...]
    why: str


@frozen
class Member:
    """One value of an enumeration."""

    span: Span
    name: str
    value: Literal
    doc: str


@frozen
class Enumeration:
    """A value that is usually one of a few."""

    id: str
    span: Span
    name: str
    doc: str
    members: tuple[Member, ...]
    why: str

    @property
    def of_text(self) -> bool:
        """Whether its values are text, and not numbers."""
        return all(isinstance(member.value, str) for member in self.members)


@frozen
class Returns:
    """What a call returns: the whole answer as a type, or one key of it."""

    span: Span
    key: str | None
    type: Type

    @property
    def found(self) -> Field:
        """What stands under the key, as the field of an answer."""
        return Field(
            id="",
            span=self.span,
            name="found",
            wire=self.key or "",
            wire_span=self.span,
            type=self.type,
            doc="",
            optional=False,
            default=None,
            const=None,
            secret=False,
            why="",
            local="found",
        )


@frozen
class Fill:
    """A field of what a call returns that repeats a parameter."""

    span: Span
    field: str
    wire: str
    """The field's name on the wire; empty before the resolve pass."""
    place: str
    parameter: str
    parameter_span: Span


@frozen
class Endpoint:
    """One call."""

    id: str
    span: Span
    name: str
    doc: str
    method: str
    path: str
    request_span: Span
    source: str
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    form: tuple[Field, ...]
    raw: tuple[Field, ...]
    returns: Returns | None
    fill: tuple[Fill, ...]
    token: bool
    idempotent: bool
    deprecated: str
    errors: tuple[tuple[int, Span], ...]
    why: str

    @property
    def sent(self) -> tuple[Field, ...]:
        """What is sent, wherever it stands."""
        return (*self.query, *self.body, *self.form, *self.raw)

    @property
    def parameters(self) -> tuple[Field, ...]:
        """What a caller gives, in the order of the function: what has to be given comes first."""
        given = (field for field in self.sent if field.const is None)
        return tuple(sorted(given, key=lambda field: not field.asked_for))


@frozen
class Event:
    """One pushed event."""

    id: str
    span: Span
    wire: str
    """Its name on the wire."""
    name: str
    """The name of its class."""
    constant: str
    """The name of its member of `EventType`."""
    doc: str
    source: str
    fields: tuple[Field, ...]
    """The header's fields and then its own."""
    why: str


@frozen
class ErrorGroup:
    """Error codes that are handled alike."""

    id: str
    span: Span
    name: str
    doc: str
    remedy: str


@frozen
class ErrorCode:
    """One error code."""

    id: str
    span: Span
    name_span: Span
    code: int
    name: str
    doc: str
    remedy: str
    group: str
    """The name of the group it belongs to; empty when it belongs to none."""
    group_span: Span
    retryable: bool
    retry_after: float | None
    source: str
    why: str


@frozen
class Module:
    """One family of calls and events."""

    id: str
    span: Span
    file: str = field(eq=False)
    name: str
    title: str
    title_zh: str
    source: str
    models: tuple[Model, ...]
    enums: tuple[Enumeration, ...]
    endpoints: tuple[Endpoint, ...]
    events: tuple[Event, ...]
    pushed: frozenset[str] = frozenset()
    """The ids of the models and enumerations that belong to events; known after the plan pass."""


@frozen
class Service:
    """What all calls and pushes share."""

    span: Span
    file: str = field(eq=False)
    name: str
    title: str
    title_zh: str
    source: str
    hosts: tuple[tuple[str, str, Span], ...]
    token_parameter: str
    token_call: str
    token_call_span: Span
    plain_call: str
    """The call for a token that ends the one before; empty when there is none."""
    plain_call_span: Span
    forces_a_day: int
    force_apart: float
    dead_token: tuple[tuple[int, Span], ...]
    code: str
    message: str
    push_kind: str
    push_event_kind: str
    push_event: str
    push_tags: tuple[tuple[str, Span], ...]
    """The two tags above with their places."""
    header: tuple[Field, ...]

    @property
    def token_calls(self) -> tuple[tuple[str, Span], ...]:
        """The calls that fetch tokens, with their places."""
        plain = ((self.plain_call, self.plain_call_span),) if self.plain_call else ()
        return ((self.token_call, self.token_call_span), *plain)


@frozen
class Ir:
    """A whole specification."""

    service: Service | None
    """None where there is none, which has been reported."""
    modules: tuple[Module, ...]
    groups: tuple[ErrorGroup, ...]
    errors: tuple[ErrorCode, ...]
    errors_files: tuple[str, ...]
    lost: frozenset[str] = frozenset()
    """Keys that were wrong and are gone: what refers to one of them is no second mistake."""
    incomplete: bool = False
    """Whether whole files are gone."""

"""The intermediate representation: what a specification means, as frozen values.

Every node keeps its place in the specification and a stable id; the id decides file, order
and name, so that a small change to the specification is a small change to the output. A node's
span is where its name stands; whatever else a diagnostic may point at is a `Text` or an `Int`,
which know their own.
"""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeAlias

from attrs import field, frozen

from wxspec.diagnostics import Span
from wxspec.values import EMPTY, Int, Text

__all__ = [
    "Count",
    "Document",
    "Endpoint",
    "Enumeration",
    "EnumerationType",
    "Envelope",
    "ErrorCode",
    "ErrorGroup",
    "Event",
    "Field",
    "Host",
    "Ir",
    "ListType",
    "Literal",
    "Member",
    "Message",
    "Model",
    "ModelType",
    "Module",
    "Named",
    "Pages",
    "Push",
    "Query",
    "Reply",
    "Returns",
    "Role",
    "ScalarType",
    "Service",
    "Split",
    "Token",
    "Twin",
    "Type",
    "Union",
    "UnionType",
    "UnresolvedType",
    "Variant",
    "Written",
    "is_resolved",
    "item_of",
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

    name: Text


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
class UnionType:
    """A union of the same module."""

    id: str
    name: str
    inline: bool
    """Whether the fields of its models stand beside the tag."""


@frozen
class ListType:
    """A list of one of the others."""

    item: ItemType


ItemType: TypeAlias = "UnresolvedType | ScalarType | ModelType | EnumerationType | UnionType"
Type: TypeAlias = "ItemType | ListType"


def item_of(type_: Type) -> ItemType:
    """Return the type of a list's items; any other type is that of its one item."""
    return type_.item if isinstance(type_, ListType) else type_


def is_resolved(type_: Type) -> bool:
    """Say whether the resolve pass knew a type; what it did not know, it has reported."""
    return not isinstance(item_of(type_), UnresolvedType)


@frozen(kw_only=True)
class Field:
    """A field of a model, an event, a message or a reply, or a parameter of a call."""

    id: str
    span: Span
    name: str
    wire: Text
    also: tuple[Text, ...] = ()
    """Other names on the wire that are read in the place of the first."""
    within: Text = EMPTY
    """The element that it stands inside of; empty when it stands for itself."""
    bare: Text = EMPTY
    """The form in which it stands outside of that element; empty when there is none."""
    item: Text = EMPTY
    """The element that each item of a list stands in; empty when the list has no such."""
    type: Type
    doc: str = ""
    optional: bool = False
    as_text: bool = False
    default: Literal | None = None
    const: Literal | None = None
    secret: bool = False
    why: str = ""
    local: str = ""
    """The name of a local variable that holds it, out of the way of other names."""
    notes: str = ""
    """What else a caller has to know."""

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
    def spread(self) -> bool:
        """Whether it has no name of its own on the wire: its parts stand among other fields."""
        return isinstance(self.type, UnionType) and not self.type.inline

    @property
    def asked_for(self) -> bool:
        """Whether a caller has to give it as a parameter; a list that is sent is no accident."""
        return not self.optional and self.default is None and self.const is None


@frozen
class Count:
    """A property that says how many items a list beside it has, on the wire as well if it is so."""

    id: str
    span: Span
    name: str
    of: Text
    doc: str
    wire: Text
    """Its name on the wire; empty when it is not written there."""
    within: Text
    """The element that it stands inside of; empty when it stands for itself."""
    at: int
    """How many fields stand before it."""
    why: str = ""
    notes: str = ""
    """What else a caller has to know."""


Written: TypeAlias = "Field | Count"
"""What is written on the wire."""


def _written(fields: tuple[Field, ...], counts: tuple[Count, ...]) -> tuple[Written, ...]:
    """Return fields and counts in the order of the wire."""
    written: list[Written] = [*fields]
    for count in reversed(counts):
        if count.wire:
            written.insert(count.at, count)
    return tuple(written)


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
    notes: str = ""
    """What else a caller has to know."""

    @property
    def written(self) -> tuple[Written, ...]:
        """What stands on the wire, in its order."""
        return _written(self.fields, self.counts)


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
    notes: str = ""
    """What else a caller has to know."""

    @property
    def of_text(self) -> bool:
        """Whether its values are text, and not numbers."""
        return all(isinstance(member.value, str) for member in self.members)


@frozen
class Variant:
    """One of the models of a union."""

    tag: Text
    """What the tag says about it."""
    type: ModelType | UnresolvedType
    """The model."""


@frozen
class Union:
    """An object that is one of several models."""

    id: str
    span: Span
    name: str
    doc: str
    tag: Text
    """The name on the wire of what tells the models apart."""
    variants: tuple[Variant, ...]
    inline: bool
    why: str
    unknown: str
    """The name of the class that keeps a variant nobody described."""
    notes: str = ""
    """What else a caller has to know."""

    @property
    def members(self) -> tuple[str, ...]:
        """The names of its classes."""
        return (*(variant.type.name for variant in self.variants), self.unknown)


@frozen
class Returns:
    """What a call returns: the whole answer as a type, or one key of it."""

    span: Span
    key: Text | None
    type: Type

    @property
    def found(self) -> Field:
        """What stands under the key, as the field of an answer."""
        return Field(
            id="",
            span=self.span,
            name="found",
            wire=self.key or EMPTY,
            type=self.type,
            local="found",
        )


@frozen
class Fill:
    """A field of what a call returns that repeats a parameter."""

    field: Text
    wire: str
    """The field's name on the wire; empty before the resolve pass."""
    place: str
    parameter: Text


@frozen
class Split:
    """How a long time is split into spans that one call covers."""

    since: Text
    """The parameter that says where a span begins."""
    until: Text
    """The parameter that says where a span ends."""
    seconds: int
    time: Text
    """The field of an item that says when it happened."""


@frozen
class Pages:
    """A function that goes through all the pages of a call."""

    span: Span
    name: str
    doc: str
    items: Text
    """The field of a page that has the items."""
    cursor: Text
    """The parameter that says where a page begins."""
    found: Text
    """The field of the page before that says so."""
    size: Text
    """The parameter that says how many items a page has; empty when there is none."""
    most: int | None
    """How many items may be asked for at once; None where nobody says."""
    count: Text
    """The field of a page that says how many items it has; empty when they are counted."""
    split: Split | None


@frozen
class Twin:
    """An older request with the same parameters."""

    method: str
    path: str
    span: Span


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
    twin: Twin | None
    pages: Pages | None
    token: bool
    idempotent: bool
    deprecated: str
    errors: tuple[Int, ...]
    why: str
    notes: str = ""
    """What else a caller has to know."""

    @property
    def sent(self) -> tuple[Field, ...]:
        """What is sent, wherever it stands."""
        return (*self.query, *self.body, *self.form, *self.raw)

    @property
    def parameters(self) -> tuple[Field, ...]:
        """What a caller gives, in the order of the function: what has to be given comes first."""
        given = (field for field in self.sent if field.const is None)
        return tuple(sorted(given, key=lambda field: not field.asked_for))

    @property
    def parameters_of_pages(self) -> tuple[Field, ...]:
        """What a caller gives who goes through all pages: not where one begins."""
        cursor = "" if self.pages is None else self.pages.cursor
        return tuple(field for field in self.parameters if field.name != cursor)


@frozen
class Document:
    """What is pushed, or replied to a push: one class, found by what it is called on the wire."""

    id: str
    span: Span
    wire: str
    """What it is called on the wire."""
    stem: str
    """What its class and its constant are called after."""
    name: str
    """The name of its class."""
    constant: str
    """The name of its member of the enumeration below."""
    doc: str
    source: str
    own: tuple[Field, ...]
    """Its own fields, in the order of the wire."""
    counts: tuple[Count, ...]
    why: str
    kind: str = ""
    """The kind of push that an event is; empty for that of all events, and for what is none."""
    header: tuple[Field, ...] = ()
    """The fields of the header, which come first on the wire; known after the plan pass."""
    notes: str = ""
    """What else a caller has to know."""

    @property
    def module(self) -> str:
        """The module that describes it."""
        return self.id.split(".")[0]

    called: ClassVar[str]
    """What such a document is called."""
    enum: ClassVar[str]
    """The enumeration of what they are called on the wire."""
    attribute: ClassVar[str]
    """The attribute of its class that says which member it is."""

    def marks(self, service: Service) -> tuple[tuple[str, str], ...]:
        """Return what tells it from all others: tags and what stands in them."""
        return ((service.push.kind, self.wire),)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order of the constructor: what has to be given comes first."""
        return tuple(sorted((*self.header, *self.own), key=lambda field: not field.required))

    @property
    def written(self) -> tuple[Written, ...]:
        """What stands on the wire behind the header and the marks."""
        return _written(self.own, self.counts)


@frozen
class Event(Document):
    """One pushed event."""

    called = "event"
    enum = "EventType"
    attribute = "event_type"

    def marks(self, service: Service) -> tuple[tuple[str, str], ...]:
        """Return the kind of push that it is, and its name."""
        return ((service.push.kind, self.kind_in(service)), (service.push.event, self.wire))

    def kind_in(self, service: Service) -> str:
        """Return the kind of push that it is."""
        return self.kind or service.push.event_kind


@frozen
class Message(Document):
    """One pushed message."""

    called = "message"
    enum = "MessageType"
    attribute = "message_type"


@frozen
class Reply(Document):
    """One reply to a push."""

    called = "reply"
    enum = "ReplyType"
    attribute = "reply_type"

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order of the constructor: whoever replies seldom gives the header."""
        own = sorted(self.own, key=lambda field: not field.required)
        return (*own, *self.header)


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
    code: Int
    name: str
    doc: str
    remedy: str
    group: Text
    """The name of the group it belongs to; empty when it belongs to none."""
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
    unions: tuple[Union, ...]
    endpoints: tuple[Endpoint, ...]
    events: tuple[Event, ...]
    messages: tuple[Message, ...]
    replies: tuple[Reply, ...]
    pushed: frozenset[str] = frozenset()
    """The ids of the types that belong to pushes; known after the plan pass."""
    replied: frozenset[str] = frozenset()
    """The ids of the types that belong to replies; known after the plan pass."""

    @property
    def models_here(self) -> tuple[Model, ...]:
        """The models that live in the module's own file."""
        return tuple(node for node in self.models if node.id not in self.pushed | self.replied)

    @property
    def enums_here(self) -> tuple[Enumeration, ...]:
        """The enumerations that live in the module's own file."""
        return tuple(node for node in self.enums if node.id not in self.pushed | self.replied)

    @property
    def unions_here(self) -> tuple[Union, ...]:
        """The unions that live in the module's own file."""
        return tuple(node for node in self.unions if node.id not in self.pushed | self.replied)

    @property
    def has_file(self) -> bool:
        """Whether it has a file of its own: not when all it describes lives elsewhere."""
        here = (*self.endpoints, *self.models_here, *self.enums_here, *self.unions_here)
        return bool(here) or not self.documents

    @property
    def pushes(self) -> tuple[Document, ...]:
        """What it describes of pushes."""
        return (*self.events, *self.messages)

    @property
    def documents(self) -> tuple[Document, ...]:
        """What it describes of pushes and of replies."""
        return (*self.pushes, *self.replies)


@frozen
class Host:
    """One base URL of the platform."""

    url: Text
    doc: str


@frozen
class Token:
    """How calls are authenticated."""

    parameter: str
    """The query parameter that carries the access token."""
    call: Text
    """The call that fetches one."""
    plain: Text
    """The call for a token that ends the one before; empty when there is none."""
    forces_a_day: int
    force_apart: float
    """How many seconds lie between two forced tokens."""
    dead: tuple[Int, ...]
    """The error codes that mean: this token no longer serves."""

    @property
    def calls(self) -> tuple[Text, ...]:
        """The calls that fetch tokens."""
        return (self.call, *((self.plain,) if self.plain else ()))


@frozen
class Envelope:
    """What every answer has beside its content."""

    code: str
    message: str
    also: tuple[str, ...]
    """Other names of the code that are read in the place of the first."""
    wrong_method: tuple[Int, ...]
    """The error codes that mean: a request with another method is wanted."""


@frozen
class Query:
    """How queries are written."""

    raw: Text
    """Characters of values that are left as they are."""


@frozen
class Role:
    """What one field of the header says, so that code that knows no service can use it."""

    name: str
    """The role: receiver, sender or time."""
    field: Text
    """The field's name."""


@frozen
class Push:
    """What every push has."""

    kind: Text
    """The tag that says what kind of push it is."""
    event_kind: str
    """The kind whose pushes are events."""
    event: Text
    """The tag that names the event."""
    header: tuple[Field, ...]
    roles: tuple[Role, ...]
    message_id: Text
    """The tag that tells messages apart; empty when there is none."""

    @property
    def tags(self) -> tuple[Text, ...]:
        """The tags that every push may have."""
        named = (self.kind, self.event, *((self.message_id,) if self.message_id else ()))
        return (*named, *(field.wire for field in self.header))

    def role_of(self, field: Field) -> str:
        """Return the role of a field of the header; empty when it has none."""
        return next((role.name for role in self.roles if role.field == field.name), "")

    def tag_of(self, role: str) -> str:
        """Return the tag of the field that has a role; empty when none has."""
        return next((field.wire for field in self.header if self.role_of(field) == role), "")


@frozen
class Service:
    """What all calls and pushes share."""

    span: Span
    file: str = field(eq=False)
    name: str
    title: str
    title_zh: str
    source: str
    hosts: tuple[Host, ...]
    token: Token
    envelope: Envelope
    query: Query
    push: Push


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

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model, in the order of the ids, so that one may change its place in a file."""
        return tuple(sorted((m for module in self.modules for m in module.models), key=_by_id))

    @property
    def enums(self) -> tuple[Enumeration, ...]:
        """Every enumeration, in the order of the ids."""
        return tuple(sorted((e for module in self.modules for e in module.enums), key=_by_id))

    @property
    def unions(self) -> tuple[Union, ...]:
        """Every union, in the order of the ids."""
        return tuple(sorted((u for module in self.modules for u in module.unions), key=_by_id))


def _by_id(node: Model | Enumeration | Union) -> str:
    return node.id

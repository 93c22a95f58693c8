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
    """A node that has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...

    @property
    def span(self) -> Span:
        """The place where the name stands."""
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
    """Its values; they do not count when types are compared, or in a digest."""

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
    """A list of items of another type."""

    item: ItemType


ItemType: TypeAlias = "UnresolvedType | ScalarType | ModelType | EnumerationType | UnionType"
Type: TypeAlias = "ItemType | ListType"


def item_of(type_: Type) -> ItemType:
    """Return the type of a list's items; any other type as it is."""
    return type_.item if isinstance(type_, ListType) else type_


def is_resolved(type_: Type) -> bool:
    """Return whether the resolve pass found the type; otherwise it has reported the type."""
    return not isinstance(item_of(type_), UnresolvedType)


@frozen(kw_only=True)
class Field:
    """A field of a model, an event, a message or a reply, or a parameter of a call."""

    id: str
    span: Span
    name: str
    wire: Text
    also: tuple[Text, ...] = ()
    """Other wire names, read where the first is absent."""
    within: Text = EMPTY
    """The element around the field; empty when there is none."""
    bare: Text = EMPTY
    """The form, `json`, in which the field stands outside of that element as well; or empty."""
    item: Text = EMPTY
    """The element around each item of a list; empty when there is none."""
    type: Type
    doc: str = ""
    optional: bool = False
    as_text: bool = False
    default: Literal | None = None
    const: Literal | None = None
    secret: bool = False
    why: str = ""
    local: str = ""
    """The name of the local variable that holds the field in a codec; set by the plan pass."""
    place: str = ""
    """The name of the local variable for where the field was found, if it has several places."""
    notes: str = ""
    """What else a caller has to know."""

    @property
    def required(self) -> bool:
        """Whether the constructor has no default for the field."""
        return (
            not self.optional
            and self.default is None
            and self.const is None
            and not isinstance(self.type, ListType)
        )

    @property
    def spread(self) -> bool:
        """Whether its parts stand among other fields, so that it has no wire name of its own."""
        return isinstance(self.type, UnionType) and not self.type.inline

    @property
    def asked_for(self) -> bool:
        """Whether a caller has to pass the parameter; a list as well, though it may be empty."""
        return not self.optional and self.default is None and self.const is None


@frozen
class Count:
    """A property: the number of items in a list of the same object."""

    id: str
    span: Span
    name: str
    of: Text
    """The name of the list."""
    doc: str
    wire: Text
    """The wire name; empty when the count is not written."""
    within: Text
    """The element around the count; empty when there is none."""
    at: int
    """The number of fields before the count."""
    why: str = ""
    notes: str = ""
    """What else a caller has to know."""


Written: TypeAlias = "Field | Count"
"""A node that is written on the wire."""


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
        """Fields and counts in the order of the wire."""
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
    """The value of the tag for this model."""
    type: ModelType | UnresolvedType


@frozen
class Union:
    """An object that is one of several models."""

    id: str
    span: Span
    name: str
    doc: str
    tag: Text
    """The wire name of the tag, which tells the models apart."""
    variants: tuple[Variant, ...]
    inline: bool
    why: str
    unknown: str
    """The name of the class of undeclared variants."""
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
        """The value under the key, as the field of an answer."""
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
    """A field of the returned model that is filled with a parameter of the call."""

    field: Text
    wire: str
    """The field's wire name; empty before the resolve pass."""
    place: str
    """The part of the request that has the parameter: `query` or `body`."""
    parameter: Text


@frozen
class Split:
    """How a long period is split into spans that one call covers."""

    since: Text
    """The parameter for the beginning of a span."""
    until: Text
    """The parameter for the end of a span."""
    seconds: int
    """The length of a span, at most."""
    time: Text
    """The field of an item with its time."""


@frozen
class Pages:
    """A function that goes through all the pages of a call."""

    span: Span
    name: str
    doc: str
    items: Text
    """The field of a page that has the items."""
    cursor: Text
    """The parameter for the beginning of a page."""
    found: Text
    """The field of a page with the beginning of the next one."""
    size: Text
    """The parameter for the number of items in a page; empty when there is none."""
    most: int | None
    """The largest size; None where no limit is known."""
    count: Text
    """The field of a page with the number of its items; empty when the list is counted."""
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
        """The fields of the request, in all its parts."""
        return (*self.query, *self.body, *self.form, *self.raw)

    @property
    def parameters(self) -> tuple[Field, ...]:
        """The arguments, in the order of the function: those without a default come first."""
        given = (field for field in self.sent if field.const is None)
        return tuple(sorted(given, key=lambda field: not field.asked_for))

    @property
    def parameters_of_pages(self) -> tuple[Field, ...]:
        """The arguments of the function through all pages: all but the cursor."""
        cursor = "" if self.pages is None else self.pages.cursor
        return tuple(field for field in self.parameters if field.name != cursor)


@frozen
class Document:
    """A push or a reply: a class that is found by its wire name."""

    id: str
    span: Span
    wire: str
    stem: str
    """The name in snake case that class and constant are named after."""
    name: str
    """The name of the class."""
    constant: str
    """The name of the member of `enum`."""
    doc: str
    source: str
    own: tuple[Field, ...]
    """Its own fields, in the order of the wire."""
    counts: tuple[Count, ...]
    why: str
    kind: str = ""
    """The kind of push that an event comes as; empty for the usual one, and for other documents."""
    header: tuple[Field, ...] = ()
    """The fields of the header, which come first on the wire; set by the plan pass."""
    notes: str = ""
    """What else a caller has to know."""

    @property
    def module(self) -> str:
        """The module that describes the document."""
        return self.id.split(".")[0]

    called: ClassVar[str]
    """The word for such a document: event, message or reply."""
    enum: ClassVar[str]
    """The enumeration of the wire names of such documents."""
    attribute: ClassVar[str]
    """The attribute of the class that holds the member of `enum`."""

    def marks(self, service: Service) -> tuple[tuple[str, str], ...]:
        """Return the tags that tell the document from all others, with their values."""
        return ((service.push.kind, self.wire),)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order of the constructor: those without a default come first."""
        return tuple(sorted((*self.header, *self.own), key=lambda field: not field.required))

    @property
    def written(self) -> tuple[Written, ...]:
        """Fields and counts in the order of the wire, behind the header and the marks."""
        return _written(self.own, self.counts)


@frozen
class Event(Document):
    """One pushed event."""

    called = "event"
    enum = "EventType"
    attribute = "event_type"

    def marks(self, service: Service) -> tuple[tuple[str, str], ...]:
        """Return the tags for the kind of push and for the name of the event, with their values."""
        return ((service.push.kind, self.kind_in(service)), (service.push.event, self.wire))

    def kind_in(self, service: Service) -> str:
        """Return the kind of push that the event comes as."""
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
        """The fields in the order of the constructor: the header is last: a callback fills it."""
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
    """The name of its group; empty when it has none."""
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
    """The ids of the models, enumerations and unions inside of pushes; set by the plan pass."""
    replied: frozenset[str] = frozenset()
    """The ids of the models, enumerations and unions inside of replies; set by the plan pass."""

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
        """Whether it has a file of its own: not when all its parts live in other files."""
        here = (*self.endpoints, *self.models_here, *self.enums_here, *self.unions_here)
        return bool(here) or not self.documents

    @property
    def pushes(self) -> tuple[Document, ...]:
        """Its events and messages."""
        return (*self.events, *self.messages)

    @property
    def documents(self) -> tuple[Document, ...]:
        """Its events, messages and replies."""
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
    """The call that fetches an access token."""
    plain: Text
    """The call for an access token that ends the previous one; empty when there is none."""
    forces_a_day: int
    """The number of forced tokens that the platform allows in a day."""
    force_apart: float
    """The time between two forced tokens, in seconds."""
    dead: tuple[Int, ...]
    """The error codes of an access token that is no longer valid."""

    @property
    def calls(self) -> tuple[Text, ...]:
        """The calls that fetch tokens."""
        return (self.call, *((self.plain,) if self.plain else ()))


@frozen
class Envelope:
    """The fields that every answer may have beside its content."""

    code: str
    """The field with the error code."""
    message: str
    """The field with the platform's message about the error."""
    also: tuple[str, ...]
    """Other fields with the error code, read where the first is absent."""
    wrong_method: tuple[Int, ...]
    """The error codes of a request whose method is wrong."""


@frozen
class Query:
    """How queries are written."""

    raw: Text
    """The characters of values that are not escaped, beside letters and digits."""


@frozen
class Role:
    """The meaning of a header field, for code that works with any service."""

    name: str
    """The role: receiver, sender or time."""
    field: Text
    """The name of the field."""


@frozen
class Push:
    """The tags and the header of every push."""

    kind: Text
    """The tag for the kind of push."""
    event_kind: str
    """The kind whose pushes are events."""
    event: Text
    """The tag for the name of an event."""
    header: tuple[Field, ...]
    roles: tuple[Role, ...]
    message_id: Text
    """The tag for the ID of a message; empty when there is none."""

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
    """The facts that all calls and pushes of the platform share."""

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
    """None when no file describes one, which has been reported."""
    modules: tuple[Module, ...]
    groups: tuple[ErrorGroup, ...]
    errors: tuple[ErrorCode, ...]
    errors_files: tuple[str, ...]
    lost: frozenset[str] = frozenset()
    """The keys that were wrong and left out: a reference to one of them is not reported again."""
    incomplete: bool = False
    """Whether whole files could not be read."""

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model, in the order of the ids, which does not change when one moves in a file."""
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

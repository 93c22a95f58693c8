"""The specification as data, for code that serves, documents or lists calls and pushes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import Factory, field, frozen

__all__ = [
    "Catalog",
    "Document",
    "Endpoint",
    "Enumeration",
    "ErrorCode",
    "Event",
    "Field",
    "Message",
    "Model",
    "Paging",
    "Push",
    "Reply",
    "Type",
    "Union",
]


@frozen
class Type:
    """The type of a field, a parameter or an answer."""

    name: str
    """The name of a scalar type (`string`, `timestamp`), or of a class (`Session`)."""
    many: bool = False
    """Whether it is a list of them."""
    of: str = ""
    """The id of the model, enumeration or union (`kf_session.Session`); empty for a scalar."""

    def __str__(self) -> str:
        """Write the type as the specification does, such as `[Session]`."""
        return f"[{self.name}]" if self.many else self.name


def _as_in_python(parameter: Field) -> str:
    return parameter.name


@frozen
class Field:
    """A parameter of a call, or a field of a push or a reply."""

    name: str
    """Its name in Python."""
    type: Type
    """Its type."""
    doc: str = ""
    """What the field means; empty if the specification does not say."""
    wire: str = field(default=Factory(_as_in_python, takes_self=True), kw_only=True)
    """Its name on the wire."""
    also: tuple[str, ...] = field(default=(), kw_only=True)
    """Other wire names that the platform has used for the field."""
    within: str = field(default="", kw_only=True)
    """The element around the field; empty if there is none."""
    bare: str = field(default="", kw_only=True)
    """The form (`json`) in which the field stands outside of `within`; empty if there is none."""
    item: str = field(default="", kw_only=True)
    """The element around each item of a list; empty if there is none."""
    as_text: bool = field(default=False, kw_only=True)
    """Whether the value is written as JSON inside a text."""
    required: bool = field(default=True, kw_only=True)
    """Whether the field has to be present."""
    default: str | int | float | bool | None = field(default=None, kw_only=True)
    """The value of a field that is absent; None if there is no such value."""
    secret: bool = field(default=False, kw_only=True)
    """Whether the value must never be shown."""
    credential: Literal["", "app_id", "app_secret"] = field(default="", kw_only=True)
    """The credential of the calling account that the parameter takes; empty if it takes none."""
    const: str | int | float | bool | None = field(default=None, kw_only=True)
    """The value that is always sent; None if the caller gives the value."""
    count: str = field(default="", kw_only=True)
    """The list whose items the field counts, which is not a parameter; empty if it counts none."""


@frozen
class Paging:
    """A function that goes through all the pages of an endpoint."""

    name: str
    """Its name, in the module of the endpoint."""
    doc: str
    """The items that the function yields, in one sentence."""
    items: Type
    """The type of the list of items in a page."""
    cursor: str
    """The parameter for the beginning of a page, which the function fills in."""
    size: str = field(default="", kw_only=True)
    """The parameter for the number of items in a page; empty if there is none."""
    most: int | None = field(default=None, kw_only=True)
    """The largest number of items in a page; None if the specification does not say."""
    until: str = field(default="", kw_only=True)
    """The parameter for the end of the time range that is split; empty if none is split."""


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
    returns: Type | None = field(default=None, kw_only=True)
    """The type of the decoded answer; None when there is nothing in it."""
    twin: str = field(default="", kw_only=True)
    """An older request with the same parameters, as method and path; empty when there is none."""
    paging: Paging | None = field(default=None, kw_only=True)
    """The function that goes through all its pages; None when it has none."""
    deprecated: str = field(default="", kw_only=True)
    """Why not to use it any more, and what to use instead; empty while it is in use."""
    token: bool = field(default=True, kw_only=True)
    """Whether it wants an access token."""
    idempotent: bool = field(default=False, kw_only=True)
    """Whether sending it twice does the same as sending it once."""
    errors: tuple[int, ...] = field(default=(), kw_only=True)
    """The error codes its documentation names."""
    source: str = field(default="", kw_only=True)
    """Its official page; empty when there is none."""

    @property
    def parameters(self) -> tuple[Field, ...]:
        """What a caller gives: everything that is sent but the constants."""
        sent = (*self.query, *self.body, *self.form, *self.raw)
        return tuple(field for field in sent if field.const is None)


@frozen
class Model:
    """An object on the wire, a class in Python."""

    id: str
    """Its name: module, dot, class."""
    doc: str
    """What it is."""
    fields: tuple[Field, ...] = field(default=(), kw_only=True)
    """Its fields, in the order of the wire."""


@frozen
class Enumeration:
    """A value that is usually one of a few."""

    id: str
    """Its name: module, dot, class."""
    doc: str
    """What it says."""
    values: Mapping[str, str | int] = field(factory=dict[str, "str | int"], kw_only=True)
    """Name in Python → value on the wire."""


@frozen
class Union:
    """An object that is one of several models, told apart by a tag."""

    id: str
    """Its name: module, dot, type."""
    doc: str
    """What it is."""
    tag: str
    """The name on the wire of what tells the models apart."""
    variants: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)
    """What the tag says → the id of the model."""
    inline: bool = field(default=False, kw_only=True)
    """Whether the fields of the model stand beside the tag, and not under what the tag says."""


@frozen
class Document:
    """What is pushed, or replied to a push."""

    name: str
    """What it is called on the wire."""
    class_name: str
    """Its class in Python."""
    doc: str
    """What it says, or when it is pushed."""
    module: str = field(default="", kw_only=True)
    """The module of the specification that describes it."""
    fields: tuple[Field, ...] = field(default=(), kw_only=True)
    """Its fields in the order of the wire, the shared header first."""
    source: str = field(default="", kw_only=True)
    """Its official page; empty when there is none."""


@frozen
class Event(Document):
    """One pushed event."""

    kind: str = field(default="event", kw_only=True)
    """The kind of push that it is."""


@frozen
class Message(Document):
    """One message that a customer sent."""


@frozen
class Reply(Document):
    """One reply to a push."""


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
    """How many fields of a push belong to the header that all pushes share."""
    receiver: str = field(default="", kw_only=True)
    """The tag that says which account a push is for; empty when there is none."""
    sender: str = field(default="", kw_only=True)
    """The tag that says which customer a push comes from; empty when there is none."""
    time: str = field(default="", kw_only=True)
    """The tag that says when a push was sent; empty when there is none."""
    message_id: str = field(default="", kw_only=True)
    """The tag that tells a message from all others of its sender; empty when there is none."""


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
    messages: Mapping[str, Message]
    """Kind on the wire → message."""
    replies: Mapping[str, Reply]
    """Kind on the wire → reply."""
    errors: Mapping[int, ErrorCode]
    """Number → error code."""
    models: Mapping[str, Model] = field(factory=dict[str, Model])
    """Id → model, such as `kf_session.Session`."""
    enums: Mapping[str, Enumeration] = field(factory=dict[str, Enumeration])
    """Id → enumeration."""
    unions: Mapping[str, Union] = field(factory=dict[str, Union])
    """Id → union."""

"""The type table: the one place where a type is added.

A scalar is a row. Models, enumerations and lists are made of rows by the functions below the
table; they say the same things of any type.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from attrs import frozen

from wxspec.code import Bracket, Code, Lines, Node, after, literal
from wxspec.ir import (
    EnumerationType,
    ListType,
    Literal,
    ModelType,
    ScalarType,
    Type,
    UnionType,
    UnresolvedType,
    item_of,
)
from wxspec.names import snake_case

__all__ = [
    "BUILTINS",
    "SCALARS",
    "WIRE",
    "Scalar",
    "Whole",
    "annotation",
    "constant",
    "decoding",
    "default",
    "empty_list",
    "encoding",
    "given",
    "given_default",
    "in_query",
    "making",
    "named",
    "reader",
    "row_of",
    "scalar_row",
    "scanning",
    "sending",
    "strategy",
    "type_name",
    "unit_of",
    "uses",
    "whole_answer",
    "written_by_wire",
]


@frozen
class Whole:
    """How an answer is read that is one value and no JSON."""

    home: str
    """The module that has the two names below."""
    annotation: str
    """The type of what a call returns."""
    read: str
    """Makes what a call returns."""
    doc: str
    """What a call returns, in words."""


def _unchanged(value: Literal) -> Literal:
    return value


def _digit(value: Literal) -> str:
    """Write a boolean as the digit that stands for it."""
    return str(int(value))


@frozen
class Scalar:
    """One row: how a single value is written in Python, read from the wire and made up."""

    name: str
    """Its name in the language."""
    doc: str
    """What it is, in one sentence."""
    annotation: str
    """Its type annotation."""
    home: str = ""
    """The module that the annotation is imported from; empty for a builtin type."""
    given: str = ""
    """What a caller may give, where that is wider than the annotation."""
    strategy: str = ""
    """A hypothesis strategy of its valid values; empty when no model has any."""
    whole: Whole | None = None
    """How it is read as a whole answer; none for what stands inside of a document."""
    check: str = ""
    """The class a value from the wire usually has; empty when there is nothing to check."""
    read: str = "wire.anything"
    """Reads a value of any other class, or says why not."""
    make: str = ""
    """Makes the Python value of what was checked or read; empty when it is that already."""
    encode: str = ""
    """Makes the value on the wire; empty when it is the Python value."""
    query: str | None = None
    """Makes the text in a query; empty when it is the text, none when it cannot stand there."""
    pattern: str = ""
    """What a scanner matches between the tags; empty when it cannot scan the type."""
    scan: str = ""
    """Makes the checked value of the bytes that matched."""
    unit: str = ""
    """The unit of its values, for documentation; empty when they have none."""
    literals: tuple[type, ...] = ()
    """The classes that a default or a constant may have."""
    body_constant: Callable[[Literal], Literal] = _unchanged
    """Makes a constant as it stands in a body."""
    query_constant: Callable[[Literal], str] = str
    """Makes a constant as it stands in a query."""
    empty: Literal | None = None
    """The value of a header field that is left out; none where it cannot stand in a header."""
    nullable: bool = False
    """Whether `None` is one of its values, so that a field of it may always be absent."""
    cursor: bool = False
    """Whether it can say where a page begins."""
    moment: bool = False
    """Whether it can say when something happened."""


WIRE = "wxruntime.wire"
"""The module of the runtime that reads and writes documents."""

SCALARS: dict[str, Scalar] = {
    row.name: row
    for row in (
        Scalar(
            name="string",
            doc="Text; a number is read as its digits.",
            annotation="str",
            strategy="st.texts()",
            check="str",
            read="wire.text",
            query="",
            pattern=r"<!\[CDATA\[([^\x00-\x08\x0b-\x1f\]]*)\]\]>",
            scan='str({value}, "utf-8")',
            literals=(str,),
            empty="",
            cursor=True,
        ),
        Scalar(
            name="integer",
            doc="A whole number; digits in a string are read as the number.",
            annotation="int",
            strategy="st.integers()",
            check="int",
            read="wire.integer",
            query="str",
            pattern=r"(-?[0-9]{1,19})",
            scan="int({value})",
            literals=(int,),
            cursor=True,
            moment=True,
        ),
        Scalar(
            name="number",
            doc="A number that may have a fraction; digits in a string are read as the number.",
            annotation="float",
            strategy="st.numbers()",
            check="float",
            read="wire.number",
            query="str",
            pattern=r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)",
            scan="float({value})",
            literals=(int, float),
        ),
        Scalar(
            name="boolean",
            doc="`true` or `false`; 0 and 1 are read as well.",
            annotation="bool",
            strategy="st.booleans()",
            check="bool",
            read="wire.boolean",
            query="wire.query_flag",
            literals=(bool,),
            query_constant=_digit,
        ),
        Scalar(
            name="flag",
            doc="A boolean that the platform writes as 0 or 1; `true` and `false` are read too.",
            annotation="bool",
            strategy="st.booleans()",
            check="bool",
            read="wire.boolean",
            encode="int",
            query="wire.query_flag",
            literals=(bool,),
            body_constant=int,
            query_constant=_digit,
        ),
        Scalar(
            name="timestamp",
            doc="Unix seconds, as a `Timestamp`: an `int` with `.utc`.",
            annotation="Timestamp",
            home=WIRE,
            given="int",
            strategy="st.timestamps()",
            check="int",
            read="wire.integer",
            make="Timestamp",
            query="str",
            pattern=r"(-?[0-9]{1,19})",
            scan="int({value})",
            unit="Unix seconds",
            literals=(int,),
            empty=0,
            moment=True,
        ),
        Scalar(
            name="any",
            doc="Whatever the platform sends, as it comes; absent is `None`.",
            annotation="JsonValue",
            home=WIRE,
            strategy="st.json_values()",
            nullable=True,
        ),
        Scalar(
            name="file",
            doc="A file: a path, bytes or an open file when it is sent, a `File` when it comes.",
            annotation="Uploadable",
            home="wxruntime.upload",
            whole=Whole(
                "wxruntime.download",
                "File",
                "whole_file",
                "the file, with its name and media type.",
            ),
        ),
    )
}
"""The scalar types, by their name in the language."""


_NO_SCALAR = Scalar(name="", doc="", annotation="")


def scalar_row(type_: Type) -> Scalar:
    """Return the row of a scalar; of any other type, a row in which nothing is said."""
    return SCALARS[type_.name] if isinstance(type_, ScalarType) else _NO_SCALAR


def row_of(type_: ScalarType | EnumerationType) -> Scalar:
    """Return the row of a single value; an enumeration's is that of its values."""
    if isinstance(type_, ScalarType):
        return SCALARS[type_.name]
    return SCALARS["string" if type_.of_text else "integer"]


def _unresolved(type_: UnresolvedType) -> AssertionError:
    return AssertionError(f"the type {type_.name!r} at {type_.name.span} was not resolved")


def type_name(type_: Type) -> str:
    """Say a type in the words of the specification."""
    if isinstance(type_, ListType):
        return f"[{type_.item.name}]"
    return type_.name


def named(type_: Type) -> str:
    """Return the id of what a type names; empty for a single value."""
    item = item_of(type_)
    return "" if isinstance(item, (ScalarType, UnresolvedType)) else item.id


BUILTINS = frozenset({"bool", "float", "int", "list", "str"})
"""The builtin types that annotations name."""


def annotation(type_: Type, shadowed: Container[str] = ()) -> str:
    """Write the type annotation.

    Args:
        type_: The type.
        shadowed: The builtin types that something else is called like, where this stands.
    """
    if isinstance(type_, ListType):
        return f"{_builtin('list', shadowed)}[{annotation(type_.item, shadowed)}]"
    if isinstance(type_, ScalarType):
        return _builtin(SCALARS[type_.name].annotation, shadowed)
    return type_.name


def given(type_: Type, shadowed: Container[str] = ()) -> str:
    """Write the annotation of what a caller may give.

    An enumeration is open: a value that nobody described may be sent as it is.
    """
    if isinstance(type_, EnumerationType):
        return f"{type_.name} | {_builtin(row_of(type_).annotation, shadowed)}"
    wider = scalar_row(type_).given
    return _builtin(wider, shadowed) if wider else annotation(type_, shadowed)


def _builtin(name: str, shadowed: Container[str]) -> str:
    return f"builtins.{name}" if name in shadowed else name


def empty_list(type_: ListType, shadowed: Container[str]) -> str:
    """Write what makes an empty list of a type; a model may be defined further down."""
    item = annotation(type_.item, shadowed)
    made = _builtin("list", shadowed)
    later = isinstance(type_.item, (ModelType, UnionType))
    return f'{made}["{item}"]' if later else f"{made}[{item}]"


def uses(type_: Type) -> tuple[str, str] | None:
    """Return what annotation and decoder import: the module and the name; None when nothing."""
    if isinstance(type_, ListType):
        return uses(type_.item)
    row = scalar_row(type_)
    return (row.home, row.annotation) if row.home else None


def unit_of(type_: Type) -> str:
    """Return the unit of a type's values, or of its items; empty when they have none."""
    return scalar_row(item_of(type_)).unit


def whole_answer(type_: Type) -> Whole | None:
    """Return how a whole answer of a type is read; None for what stands inside of a document."""
    return scalar_row(type_).whole


def reader(type_: Type) -> Scalar | None:
    """Return the row that checks a value before it is decoded; None when decoding checks it."""
    if isinstance(type_, (ScalarType, EnumerationType)):
        row = row_of(type_)
        return row if row.check else None
    return None


def _maker(type_: Type) -> str:
    """Name what makes the Python value of a checked one; empty when it is that already."""
    if isinstance(type_, EnumerationType):
        return type_.name
    return scalar_row(type_).make


def making(type_: Type, checked: Node) -> Node:
    """Write what makes the Python value of a checked one."""
    return _make(_maker(type_), checked)


def _make(maker: str, value: Node) -> Node:
    return Bracket(f"{maker}(", (value,), ")") if maker else value


def _each(item: Node, items: Node) -> Node:
    return Bracket("[", (Lines((item, after("for item in ", items))),), "]", comma="")


def decoding(type_: Type, value: str, wire: Code, *filled: Node) -> Node:
    """Write what makes the Python value of a value from the wire.

    Args:
        type_: The type.
        value: The expression of the value, checked where the type has a reader.
        wire: Its name on the wire, as a literal.
        filled: What every item of a list of models gets where it does not say it itself.
    """
    if isinstance(type_, ListType):
        item = type_.item
        if isinstance(item, (ModelType, UnionType)):
            decode = f"_decode_{snake_case(item.name)}"
            return Bracket("wire.models(", (value, wire, decode, *filled), ")")
        if isinstance(item, UnresolvedType):
            raise _unresolved(item)
        items = Bracket("wire.scalars(", (value, wire, row_of(item).read), ")")
        maker = _maker(item)
        return _each(_make(maker, "item"), items) if maker else items
    if isinstance(type_, (ModelType, UnionType)):
        return Bracket("wire.model(", (value, wire, f"_decode_{snake_case(type_.name)}"), ")")
    return _make(_maker(type_), value)


def encoding(type_: Type, value: str) -> Node:
    """Write what makes the value on the wire of a Python value."""
    if isinstance(type_, ListType):
        item = encoding(type_.item, "item")
        return Bracket("[", (f"*{value}",), "]", comma="") if item == "item" else _each(item, value)
    if isinstance(type_, (ModelType, UnionType)):
        return Bracket(f"_encode_{snake_case(type_.name)}(", (value,), ")")
    if isinstance(type_, EnumerationType):
        return f"{value}.value"
    return _make(SCALARS[type_.name].encode, value)


def sending(type_: Type, value: str) -> Node:
    """Write what makes the value on the wire of what a caller gave."""
    if isinstance(type_, EnumerationType):
        return Bracket(f"{type_.name}(", (value,), ").value", comma="")
    return encoding(type_, value)


def in_query(type_: Type, value: str) -> Node | None:
    """Write the text in a query of what a caller gave; None when it cannot stand there."""
    if isinstance(type_, EnumerationType):
        sent = sending(type_, value)
        return sent if type_.of_text else Bracket("str(", (sent,), ")", comma="")
    query = scalar_row(type_).query
    return None if query is None else _make(query, value)


def written_by_wire(type_: Type) -> bool:
    """Say whether a function of the runtime makes the text in a query."""
    return (scalar_row(type_).query or "").startswith("wire.")


def default(type_: Type, value: Literal) -> Code:
    """Write a default in Python."""
    if isinstance(type_, EnumerationType):
        return Code(f"{type_.name}.{type_.member(value)}")
    maker = _maker(type_)
    return Code(f"{maker}({literal(value)})") if maker else literal(value)


def given_default(type_: Type, value: Literal) -> Code:
    """Write the default of a parameter: what a caller may give as it is stands as it is."""
    return literal(value) if scalar_row(type_).given else default(type_, value)


def constant(type_: Type, value: Literal, *, query: bool) -> Code:
    """Write a constant as it goes out."""
    assert isinstance(type_, (ScalarType, EnumerationType))  # the check pass let nothing else in
    row = row_of(type_)
    return literal(row.query_constant(value) if query else row.body_constant(value))


def scanning(type_: Type, value: str) -> tuple[str, Node] | None:
    """Write the pattern of a value and what makes the Python value of its bytes.

    Returns:
        Both; None when a scanner cannot read the type.
    """
    row = row_of(type_) if isinstance(type_, (ScalarType, EnumerationType)) else None
    if row is None or not row.pattern:
        return None
    return row.pattern, _make(_maker(type_), row.scan.format(value=value))


def strategy(type_: Type) -> Node:
    """Write a hypothesis strategy of the type's valid values."""
    if isinstance(type_, ListType):
        return Bracket("st.lists(", (strategy(type_.item),), ")")
    if isinstance(type_, (ModelType, UnionType)):
        return f"st.deferred(lambda: {snake_case(type_.name)}())"
    if isinstance(type_, EnumerationType):
        return f"st.open_enum({type_.name})"
    return SCALARS[type_.name].strategy

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
    "argument_annotation",
    "argument_default",
    "checking_row",
    "constant",
    "construct",
    "decode_value",
    "default",
    "empty_list",
    "encode_argument",
    "encode_value",
    "import_of",
    "in_query",
    "referenced_id",
    "row_of",
    "scalar_row",
    "scanning",
    "strategy",
    "type_name",
    "unit_of",
    "whole_answer",
    "written_by_wire",
]


@frozen
class Whole:
    """How an answer that is not JSON, such as a file, is read as a whole."""

    home: str
    """The module that has the two names below."""
    annotation: str
    """The type that the call returns."""
    read: str
    """The function that makes the returned value."""
    doc: str
    """The returned value, in words."""


def _unchanged(value: Literal) -> Literal:
    return value


def _digit(value: Literal) -> str:
    """Return the digit that stands for a boolean."""
    return str(int(value))


@frozen
class Scalar:
    """One row: how a single value is annotated, decoded, encoded and generated."""

    name: str
    """Its name in the language."""
    doc: str
    """What it is, in one sentence."""
    annotation: str
    """Its type annotation."""
    home: str = ""
    """The module that the annotation is imported from; empty for a builtin type."""
    argument: str = ""
    """The annotation of an argument, where that is wider than the annotation of a field."""
    strategy: str = ""
    """A hypothesis strategy of its valid values; empty when no model has any."""
    whole: Whole | None = None
    """How a whole answer of the type is read; none for types that are fields of an object."""
    check: str = ""
    """The class that a value on the wire usually has; empty if any value is valid."""
    read: str = "wire.anything"
    """The function that reads a value of any other class, or raises a `DecodeError`."""
    make: str = ""
    """The class of the Python value, called with the checked value; empty if they are the same."""
    encode: str = ""
    """The function that encodes the Python value; empty if the wire has the same value."""
    query: str | None = None
    """The function that encodes a value in a query; empty for text, none where there is none."""
    pattern: str = ""
    """What a scanner matches between the tags; empty if it cannot scan the type."""
    scan: str = ""
    """The expression that turns the matched bytes into a checked value."""
    unit: str = ""
    """The unit of its values, for documentation; empty when they have none."""
    literals: tuple[type, ...] = ()
    """The classes that a default or a constant may have."""
    body_constant: Callable[[Literal], Literal] = _unchanged
    """Encodes a constant in a body."""
    query_constant: Callable[[Literal], str] = str
    """Encodes a constant in a query."""
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
            argument="int",
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
    """Return the row of a scalar; for any other type, a row with nothing but default values."""
    return SCALARS[type_.name] if isinstance(type_, ScalarType) else _NO_SCALAR


def row_of(type_: ScalarType | EnumerationType) -> Scalar:
    """Return the row of a scalar, or of the values of an enumeration."""
    if isinstance(type_, ScalarType):
        return SCALARS[type_.name]
    return SCALARS["string" if type_.of_text else "integer"]


def _unresolved(type_: UnresolvedType) -> AssertionError:
    return AssertionError(f"the type {type_.name!r} at {type_.name.span} was not resolved")


def type_name(type_: Type) -> str:
    """Return a type as the specification writes it."""
    if isinstance(type_, ListType):
        return f"[{type_.item.name}]"
    return type_.name


def referenced_id(type_: Type) -> str:
    """Return the id of the model, enumeration or union of a type; empty for a scalar."""
    item = item_of(type_)
    return "" if isinstance(item, (ScalarType, UnresolvedType)) else item.id


BUILTINS = frozenset({"bool", "float", "int", "list", "str"})
"""The builtin types that annotations name."""


def annotation(type_: Type, shadowed: Container[str] = ()) -> str:
    """Print the annotation of a field.

    Args:
        type_: The type.
        shadowed: The builtin types whose names mean something else where the annotation stands.
    """
    if isinstance(type_, ListType):
        return f"{_builtin('list', shadowed)}[{annotation(type_.item, shadowed)}]"
    if isinstance(type_, ScalarType):
        return _builtin(SCALARS[type_.name].annotation, shadowed)
    return type_.name


def argument_annotation(type_: Type, shadowed: Container[str] = ()) -> str:
    """Print the annotation of an argument.

    An enumeration is open: a caller may pass an undeclared value.
    """
    if isinstance(type_, EnumerationType):
        return f"{type_.name} | {_builtin(row_of(type_).annotation, shadowed)}"
    if isinstance(type_, ListType):
        item = argument_annotation(type_.item, shadowed)
        plain = annotation(type_.item, shadowed)
        # A list of members is no list of members or values to a type checker, but a sequence is.
        return annotation(type_, shadowed) if item == plain else f"Sequence[{item}]"
    wider = scalar_row(type_).argument
    return _builtin(wider, shadowed) if wider else annotation(type_, shadowed)


def _builtin(name: str, shadowed: Container[str]) -> str:
    return f"builtins.{name}" if name in shadowed else name


def empty_list(type_: ListType, shadowed: Container[str]) -> str:
    """Print the factory of an empty list; a model is quoted, as it may be defined further down."""
    item = annotation(type_.item, shadowed)
    factory = _builtin("list", shadowed)
    later = isinstance(type_.item, (ModelType, UnionType))
    return f'{factory}["{item}"]' if later else f"{factory}[{item}]"


def import_of(type_: Type) -> tuple[str, str] | None:
    """Return the module and the name that an annotation imports; None if it imports nothing."""
    if isinstance(type_, ListType):
        return import_of(type_.item)
    row = scalar_row(type_)
    return (row.home, row.annotation) if row.home else None


def unit_of(type_: Type) -> str:
    """Return the unit of a type's values, or of its items; empty when they have none."""
    return scalar_row(item_of(type_)).unit


def whole_answer(type_: Type) -> Whole | None:
    """Return how a whole answer of a type is read; None for types that are fields of an object."""
    return scalar_row(type_).whole


def checking_row(type_: Type) -> Scalar | None:
    """Return the row that checks a value before it is decoded; None if the decoder checks it."""
    if isinstance(type_, (ScalarType, EnumerationType)):
        row = row_of(type_)
        return row if row.check else None
    return None


def _class_of(type_: Type) -> str:
    """Return the class of the Python value; empty if a checked value is one already."""
    if isinstance(type_, EnumerationType):
        return type_.name
    return scalar_row(type_).make


def construct(type_: Type, checked: Node) -> Node:
    """Print the expression that turns a checked value into the Python value."""
    return _call(_class_of(type_), checked)


def _call(function: str, value: Node) -> Node:
    return Bracket(f"{function}(", (value,), ")") if function else value


def _each(item: Node, items: Node) -> Node:
    return Bracket("[", (Lines((item, after("for item in ", items))),), "]", comma="")


def decode_value(type_: Type, value: str, wire: Code, *filled: Node) -> Node:
    """Print the expression that decodes a value.

    Args:
        type_: The type.
        value: The expression of the value, checked where the type has a reader.
        wire: Its wire name, as a literal.
        filled: The fields that items of a list of models get from the arguments of the call.
    """
    if isinstance(type_, ListType):
        item = type_.item
        if isinstance(item, (ModelType, UnionType)):
            decode = f"_decode_{snake_case(item.name)}"
            return Bracket("wire.models(", (value, wire, decode, *filled), ")")
        if isinstance(item, UnresolvedType):
            raise _unresolved(item)
        items = Bracket("wire.scalars(", (value, wire, row_of(item).read), ")")
        cls = _class_of(item)
        return _each(_call(cls, "item"), items) if cls else items
    if isinstance(type_, (ModelType, UnionType)):
        return Bracket("wire.model(", (value, wire, f"_decode_{snake_case(type_.name)}"), ")")
    return _call(_class_of(type_), value)


def encode_value(type_: Type, value: str) -> Node:
    """Print the expression that encodes a value."""
    if isinstance(type_, ListType):
        item = encode_value(type_.item, "item")
        return Bracket("[", (f"*{value}",), "]", comma="") if item == "item" else _each(item, value)
    if isinstance(type_, (ModelType, UnionType)):
        return Bracket(f"_encode_{snake_case(type_.name)}(", (value,), ")")
    if isinstance(type_, EnumerationType):
        return f"{value}.value"
    return _call(SCALARS[type_.name].encode, value)


def encode_argument(type_: Type, value: str) -> Node:
    """Print the expression that turns an argument into its wire value."""
    if isinstance(type_, EnumerationType):
        return Bracket(f"{type_.name}(", (value,), ").value", comma="")
    if isinstance(type_, ListType) and isinstance(type_.item, EnumerationType):
        return _each(encode_argument(type_.item, "item"), value)
    return encode_value(type_, value)


def in_query(type_: Type, value: str) -> Node | None:
    """Print the expression that encodes an argument in a query; None where there is none."""
    if isinstance(type_, EnumerationType):
        sent = encode_argument(type_, value)
        return sent if type_.of_text else Bracket("str(", (sent,), ")", comma="")
    query = scalar_row(type_).query
    return None if query is None else _call(query, value)


def written_by_wire(type_: Type) -> bool:
    """Whether a function of the runtime encodes an argument in a query."""
    return (scalar_row(type_).query or "").startswith("wire.")


def default(type_: Type, value: Literal) -> Code:
    """Print the default of a field."""
    if isinstance(type_, EnumerationType):
        return Code(f"{type_.name}.{type_.member(value)}")
    cls = _class_of(type_)
    return Code(f"{cls}({literal(value)})") if cls else literal(value)


def argument_default(type_: Type, value: Literal) -> Code:
    """Print the default of a parameter, as plain as an argument may be."""
    return literal(value) if scalar_row(type_).argument else default(type_, value)


def constant(type_: Type, value: Literal, *, query: bool) -> Code:
    """Print a constant as it is encoded."""
    assert isinstance(
        type_, (ScalarType, EnumerationType)
    )  # the check pass has reported anything else
    row = row_of(type_)
    return literal(row.query_constant(value) if query else row.body_constant(value))


def scanning(type_: Type, value: str) -> tuple[str, Node] | None:
    """Print the pattern of a value, and the expression that decodes the matched bytes.

    Returns:
        Both; None if a scanner cannot read the type.
    """
    row = row_of(type_) if isinstance(type_, (ScalarType, EnumerationType)) else None
    if row is None or not row.pattern:
        return None
    return row.pattern, _call(_class_of(type_), row.scan.format(value=value))


def strategy(type_: Type) -> Node:
    """Print a hypothesis strategy of the type's valid values."""
    if isinstance(type_, ListType):
        return Bracket("st.lists(", (strategy(type_.item),), ")")
    if isinstance(type_, (ModelType, UnionType)):
        return f"st.deferred(lambda: {snake_case(type_.name)}())"
    if isinstance(type_, EnumerationType):
        return f"st.open_enum({type_.name})"
    return SCALARS[type_.name].strategy

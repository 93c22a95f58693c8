"""Classes and codecs: what every file that has models prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from wxspec import ir, types
from wxspec.code import (
    WIDTH,
    Bracket,
    Code,
    Lines,
    Node,
    after,
    assignment,
    layout,
    literal,
)
from wxspec.imports import Imports, by_kind
from wxspec.names import snake_case
from wxspec.printing.documentation import field_text, paragraphs, print_docstring
from wxspec.printing.nesting import Element, Nested, nested
from wxspec.types import WIRE

__all__ = ["DECODED", "Printer", "as_text", "optional", "sequence", "written_object"]

DECODED = "fields"
"""The parameter of every decoder: the JSON object that it takes the fields out of."""


def optional(value: str, made: Node, absent: str = "None") -> Node:
    """Write a value that may be absent."""
    if made == value and absent == "None":
        return value
    return Lines((absent, f"if {value} is None", after("else ", made)))


def _if(condition: Node) -> Code:
    """Write the head of a branch inside a function."""
    line = layout(after("if ", condition), 4, 1)
    if "\n" not in line:
        return Code(f"{line}:")
    return Code(f"if (\n        {layout(condition, 8, WIDTH)}\n    ):")


def sequence(items: Iterable[Node]) -> Node:
    """Write a tuple."""
    made = tuple(items)
    return Bracket("(", made, ")", single=",") if made else "()"


class Printer:
    """Prints the parts of one file and registers what they import."""

    def __init__(self, imports: Imports, names: Iterable[str] = ()) -> None:
        """Print for one file.

        Args:
            imports: Takes what the file uses.
            names: The names of its functions and fields, which may be those of builtin types.
        """
        self.use = imports.use
        self.imports = imports
        self.shadowed = types.BUILTINS.intersection(names)

    def exported(self, names: Iterable[str]) -> Code:
        """Write `__all__`."""
        return layout(Bracket("__all__ = [", tuple(map(literal, by_kind(names))), "]"), 0)

    def registered(self, name: str) -> Code:
        """Write the line that registers a class's codec."""
        snake = snake_case(name)
        names = (name, f"_decode_{snake}", f"_encode_{snake}")
        return layout(Bracket("CODECS.add(", names, ")"), 0)

    # Documentation

    def doc(self, node: ir.Model | ir.Enumeration | ir.Union | ir.Document) -> Code:
        """Write the docstring of a class."""
        source = node.source if isinstance(node, ir.Document) else ""
        return print_docstring(*paragraphs(node), source=source)

    @staticmethod
    def field_doc(node: ir.Field | ir.Member) -> list[Code]:
        """Print the docstring below a field; none where nothing is said."""
        text = node.doc if isinstance(node, ir.Member) else field_text(node)
        return [print_docstring(text)] if text else []

    @staticmethod
    def property_doc(node: ir.Field | ir.Count) -> Code:
        """Print the docstring of a property."""
        return print_docstring(field_text(node), indent=8)

    # Types

    def given(self, field: ir.Field) -> Code:
        """Write the annotation of a parameter, `None` included where it may be absent."""
        if types.given(field.type) == types.annotation(field.type):
            return self.annotation(field)
        written = types.given(field.type, self.shadowed)
        if "builtins." in written:
            self.use("builtins")
        return Code(f"{written} | None" if field.optional else written)

    def annotation(self, field: ir.Field) -> Code:
        """Write a field's annotation, `None` included where it may be absent."""
        written = self.type(field.type)
        absent = field.optional and not types.scalar_row(field.type).nullable
        return Code(f"{written} | None" if absent else written)

    def type(self, type_: ir.Type) -> str:
        if imported := types.uses(type_):
            self.use(*imported)
        written = types.annotation(type_, self.shadowed)
        if "builtins." in written:
            self.use("builtins")
        return written

    def enum_base(self, enum: ir.Enumeration) -> Code:
        """Write the base class of an enumeration."""
        return self.use(WIRE, "OpenEnum" if enum.of_text else "OpenIntEnum")

    # Classes

    @staticmethod
    def member(name: str, value: ir.Literal) -> Code:
        """Write a member's line in its enumeration."""
        return assignment(name, literal(value), 4)

    @staticmethod
    def default(field: ir.Field) -> Code:
        """Write what a field is when nobody gives it."""
        return Code("None") if field.default is None else types.default(field.type, field.default)

    def attribute(self, field: ir.Field) -> Code:
        """Write a field's line in its class."""
        head = f"{field.name}: {self.annotation(field)}"
        options: list[str] = []
        if isinstance(field.type, ir.ListType):
            options.append(f"factory={types.empty_list(field.type, self.shadowed)}")
        elif not field.required:
            value = self.default(field)
            if not field.secret:
                return assignment(head, value, 4)
            options.append(f"default={value}")
        if field.secret:
            options.append("repr=False")
        if not options:
            return Code(head)
        self.use("attrs", "field")
        return assignment(head, Bracket("field(", tuple(options), ")"), 4)

    def union(self, name: str, members: Iterable[str]) -> Code:
        """Write the type of any of several; of none where there is none."""
        self.use("typing", "TypeAlias")
        names = [*members] or [self.use("typing", "NoReturn")]
        flat = f"{name}: TypeAlias = {' | '.join(names)}"
        if len(flat) <= WIDTH:
            return Code(flat)
        parts = Lines((names[0], *(f"| {name}" for name in names[1:])))
        return layout(Bracket(f"{name}: TypeAlias = (", (parts,), ")", comma=""), 0)

    # Codecs

    def take(self, pop: str, field: ir.Field, outside: str = "") -> list[Code]:
        """Write the lines that take a field off the wire and check its class.

        Args:
            pop: What takes it out of where it stands.
            field: The field.
            outside: What takes it out of what is around that.
        """
        lines = [_pop(pop, field, field.item or field.wire, 4)]
        for other, wire in _other_places(field, pop, outside):
            lines.append(Code(f"if {field.local} is None:"))
            lines.append(Code(f"    {_pop(other, field, wire, 8)}"))
        if field.as_text:
            self.use("wxruntime", "wire")
            read = Bracket(f"{field.local} = wire.from_text(", (field.local, _place(field)), ")")
            lines.append(layout(read, 4))
        return [*lines, *self._check(field)]

    def _check(self, field: ir.Field) -> list[Code]:
        """Write the lines that read a value again where it has not its usual class."""
        row = types.reader(field.type)
        if row is None:
            return []
        condition: Node = f"type({field.local}) is not {row.check}"
        reader, given = row.read, (field.local, *_place_and_default(field))
        if field.optional:
            condition = Lines((f"{field.local} is not None", f"and {condition}"))
            reader, given = "wire.optional", (row.read, *given)
        self.use("wxruntime", "wire")
        read = Bracket(f"{field.local} = {reader}(", given, ")")
        return [_if(condition), Code(f"    {layout(read, 8)}")]

    def decoder_signature(self, name: str) -> Code:
        """Print the head of a decoder."""
        parameter = f"{DECODED}: {self.use(WIRE, 'JsonObject')}"
        return layout(Bracket(f"def _decode_{snake_case(name)}(", (parameter,), f") -> {name}:"), 0)

    def encoder_signature(self, name: str) -> Code:
        """Write the head of an encoder."""
        tail = f") -> {self.use(WIRE, 'JsonObject')}:"
        return layout(Bracket(f"def _encode_{snake_case(name)}(", (f"value: {name}",), tail), 0)

    @staticmethod
    def drop(pop: str, wire: str) -> Code:
        """Write the line that takes something off the wire that nobody asks for."""
        return layout(Bracket(f"{pop}(", (literal(wire), "None"), ")"), 4)

    def decode_lines(
        self,
        name: str,
        fields: Iterable[ir.Field],
        written: Iterable[ir.Written],
        dropped: Iterable[str] = (),
    ) -> list[Code]:
        """Print the body of a decoder.

        Args:
            name: The class it makes.
            fields: What the constructor takes, in its order.
            written: What stands on the wire, in its order.
            dropped: Wire names of what stands there beside, and nobody asks for.
        """
        lines = [self.drop("pop", wire) for wire in dropped]
        lines += self._take_all(nested(written), DECODED)
        if lines:
            lines = [Code(f"pop = {DECODED}.pop"), *lines]
        return [*lines, self._constructor(name, fields)]

    def _take_all(self, nodes: Iterable[Nested], holder: str, outside: str = "") -> Iterator[Code]:
        """Print the lines that take all described fields out of an object.

        Args:
            nodes: The fields, and the elements that hold fields.
            holder: The variable that has the object.
            outside: What takes a field out of the object around that one.
        """
        pop = _pop_of(holder)
        for node in nodes:
            if isinstance(node, Element):
                yield from self._take_inside(node, holder)
            elif isinstance(node, ir.Count):
                yield self.drop(pop, node.wire)
            elif not node.spread:
                yield from self.take(pop, node, outside)

    def _take_inside(self, element: Element, holder: str) -> Iterator[Code]:
        """Print the lines that open an element, empty it, and put back unknown fields."""
        self.use("wxruntime", "wire")
        pop = _pop_of(holder)
        wire = literal(element.name)
        inside = "listed" if element.item else "inside"
        opens = "wire.wrapped(" if element.item else "wire.element("
        item = (literal(element.item),) if element.item else ()
        found = Bracket(f"{pop}(", (wire, "None"), ")")
        yield layout(Bracket(f"{inside} = {opens}", (found, wire, *item), ")"), 4)
        yield from self._take_all(element.nodes, inside, pop)
        yield Code(f"if {inside}:")
        put_back = Bracket(f"{holder}[", (wire,), "]", comma="")
        yield Code(f"    {assignment(put_back, inside, 8)}")

    def _constructor(self, name: str, fields: Iterable[ir.Field]) -> Code:
        """Print the model made of what was taken off the wire; the rest is its `unknown`."""
        made: list[Node] = []
        for field in fields:
            if field.spread:
                decode = f"_decode_{snake_case(types.type_name(field.type))}("
                made.append(Bracket(decode, (DECODED,), ")"))
                continue
            value = types.decoding(field.type, field.local, _place(field))
            made.append(optional(field.local, value) if field.optional else value)
            if types.reader(field.type) is None and value != field.local:
                self.use("wxruntime", "wire")
            if imported := types.uses(field.type):
                self.use(*imported)
        return layout(Bracket(f"return {name}(", (*made, DECODED), ")"), 4)

    def encode_lines(
        self,
        written: Iterable[ir.Written],
        header: Iterable[ir.Field] = (),
        marks: Iterable[tuple[str, str]] = (),
    ) -> list[Code]:
        """Write the body of an encoder.

        Args:
            written: What is written.
            header: The fields that stand before it.
            marks: Tags, and what stands in them, between the two.
        """
        self.use("wxruntime", "wire")
        self.use(WIRE, "JsonObject")
        nodes = nested(written)
        elements = [literal(node.name) for node in nodes if isinstance(node, Element)]
        entries = [
            *(_entry(field, _held) for field in header),
            *(f"{literal(tag)}: {literal(value)}" for tag, value in marks),
            *(_entry(node, _held) for node in nodes),
        ]
        encoded = _object(entries, any(map(_may_be_absent, nodes)))
        kept = (encoded, "value.unknown", *elements)
        return [layout(Bracket("return wire.keep(", kept, ")"), 4)]


def _pop_of(holder: str) -> str:
    """Return what takes a field out of an object; a decoder has a short name for its own."""
    return "pop" if holder == DECODED else f"{holder}.pop"


def _pop(pop: str, field: ir.Field, wire: str, indent: int) -> Code:
    """Write the line that takes a field out of where it may stand."""
    return layout(Bracket(f"{field.local} = {pop}(", (literal(wire), "None"), ")"), indent)


def _other_places(field: ir.Field, pop: str, outside: str) -> Iterator[tuple[str, str]]:
    """Return where else a field may stand: what takes it out of there, and its name."""
    yield from ((pop, wire) for wire in field.also)
    if field.bare:
        yield from ((outside, wire) for wire in (field.wire, *field.also))


def _place(field: ir.Field) -> Code:
    """Write the way to a field, for an error."""
    return literal(f"{field.within}.{field.wire}" if field.within else field.wire)


def _place_and_default(field: ir.Field) -> tuple[Code, ...]:
    """Write the way to a field, for an error, and what its absence means, if anything."""
    absent = () if field.default is None else (literal(field.default),)
    return (_place(field), *absent)


def _may_be_absent(node: Nested) -> bool:
    """Say whether something is not always written."""
    if isinstance(node, Element):
        return all(map(_may_be_absent, node.nodes))
    return isinstance(node, ir.Field) and node.optional


def _object(entries: Iterable[Node], absent: bool) -> Node:
    """Write an object of which something may be absent."""
    made = Bracket("{", tuple(entries), "}")
    return Bracket("wire.present(", (made,), ")") if absent else made


def as_text(field: ir.Field, made: Node) -> Node:
    """Put a value into text, where its field says so."""
    return Bracket("wire.as_text(", (made,), ")") if field.as_text else made


def written_object(nodes: Iterable[Nested], value: Callable[[ir.Field], Node]) -> Node:
    """Write the object that goes over the wire.

    Args:
        nodes: What stands in it.
        value: Writes the value of a field as it goes out.
    """
    nodes = [*nodes]
    absent = any(map(_may_be_absent, nodes))
    return _object((_entry(node, value) for node in nodes), absent)


def _held(field: ir.Field) -> Node:
    """Write the value of a field that an object holds, as it goes out."""
    held = f"value.{field.name}"
    made = as_text(field, types.encoding(field.type, held))
    return optional(held, made) if field.optional else made


def _entry(node: Nested, value: Callable[[ir.Field], Node]) -> Node:
    """Write one entry of an object."""
    if isinstance(node, Element):
        inside = written_object(node.nodes, value)
        made = Lines((inside, "or None")) if _may_be_absent(node) else inside
        return after(f"{literal(node.name)}: ", made)
    if isinstance(node, ir.Count):
        counted = Bracket("len(", (f"value.{node.of}",), ")", comma="")
        return after(f"{literal(node.wire)}: ", counted)
    return after("**" if node.spread else f"{literal(node.item or node.wire)}: ", value(node))

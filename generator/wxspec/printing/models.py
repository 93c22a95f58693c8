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


def optional(value: str, printed: Node, absent: str = "None") -> Node:
    """Print the expression of a value that may be absent."""
    if printed == value and absent == "None":
        return value
    return Lines((absent, f"if {value} is None", after("else ", printed)))


def _if(condition: Node) -> Code:
    """Print the head of a branch inside a function."""
    line = layout(after("if ", condition), 4, 1)
    if "\n" not in line:
        return Code(f"{line}:")
    return Code(f"if (\n        {layout(condition, 8, WIDTH)}\n    ):")


def sequence(items: Iterable[Node]) -> Node:
    """Print a tuple."""
    printed = tuple(items)
    return Bracket("(", printed, ")", single=",") if printed else "()"


class Printer:
    """Prints the parts of one file, and registers their imports."""

    def __init__(self, imports: Imports, names: Iterable[str] = ()) -> None:
        """Print for one file.

        Args:
            imports: Takes what the file uses.
            names: The names of its functions and fields, which may shadow builtin types.
        """
        self.use = imports.use
        self.imports = imports
        self.shadowed = types.BUILTINS.intersection(names)

    def exported(self, names: Iterable[str]) -> Code:
        """Print `__all__`."""
        return layout(Bracket("__all__ = [", tuple(map(literal, by_kind(names))), "]"), 0)

    def registered(self, name: str) -> Code:
        """Print the line that registers a class's codec."""
        snake = snake_case(name)
        names = (name, f"_decode_{snake}", f"_encode_{snake}")
        return layout(Bracket("CODECS.add(", names, ")"), 0)

    # Documentation

    def doc(self, node: ir.Model | ir.Enumeration | ir.Union | ir.Document) -> Code:
        """Print the docstring of a class."""
        source = node.source if isinstance(node, ir.Document) else ""
        return print_docstring(*paragraphs(node), source=source)

    @staticmethod
    def field_doc(node: ir.Field | ir.Member) -> list[Code]:
        """Print the docstring below a field; nothing where the field has no documentation."""
        text = node.doc if isinstance(node, ir.Member) else field_text(node)
        return [print_docstring(text)] if text else []

    @staticmethod
    def property_doc(node: ir.Field | ir.Count) -> Code:
        """Print the docstring of a property."""
        return print_docstring(field_text(node), indent=8)

    # Types

    def argument_annotation(self, field: ir.Field) -> Code:
        """Print the annotation of a parameter, `None` included where it may be absent."""
        if types.argument_annotation(field.type) == types.annotation(field.type):
            return self.annotation(field)
        written = types.argument_annotation(field.type, self.shadowed)
        if isinstance(field.type, ir.ListType):
            self.use("collections.abc", "Sequence")
        if "builtins." in written:
            self.use("builtins")
        return Code(f"{written} | None" if field.optional else written)

    def annotation(self, field: ir.Field) -> Code:
        """Print a field's annotation, `None` included where it may be absent."""
        written = self.type(field.type)
        absent = field.optional and not types.scalar_row(field.type).nullable
        return Code(f"{written} | None" if absent else written)

    def type(self, type_: ir.Type) -> str:
        if imported := types.import_of(type_):
            self.use(*imported)
        written = types.annotation(type_, self.shadowed)
        if "builtins." in written:
            self.use("builtins")
        return written

    def enum_base(self, enum: ir.Enumeration) -> Code:
        """Print the base class of an enumeration."""
        return self.use(WIRE, "OpenEnum" if enum.of_text else "OpenIntEnum")

    # Classes

    @staticmethod
    def member(name: str, value: ir.Literal) -> Code:
        """Print a member of an enumeration."""
        return assignment(name, literal(value), 4)

    @staticmethod
    def default(field: ir.Field) -> Code:
        """Print the default of a field that is not required."""
        return Code("None") if field.default is None else types.default(field.type, field.default)

    def attribute(self, field: ir.Field) -> Code:
        """Print the attribute of a field in its class."""
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
        """Print the alias of a union; `NoReturn` where it has no members."""
        self.use("typing", "TypeAlias")
        names = [*members] or [self.use("typing", "NoReturn")]
        flat = f"{name}: TypeAlias = {' | '.join(names)}"
        if len(flat) <= WIDTH:
            return Code(flat)
        parts = Lines((names[0], *(f"| {name}" for name in names[1:])))
        return layout(Bracket(f"{name}: TypeAlias = (", (parts,), ")", comma=""), 0)

    # Codecs

    def pop_field(self, holder: str, field: ir.Field) -> list[Code]:
        """Print the lines that pop a field and check its class.

        Args:
            holder: The variable that has the object to pop it from.
            field: The field.
        """
        lines = [self._pop_first(holder, field) if _has_many_places(field) else _pop(holder, field)]
        if field.as_text:
            self.use("wxruntime", "wire")
            read = Bracket(f"{field.local} = wire.from_text(", (field.local, _place(field)), ")")
            lines.append(layout(read, 4))
        return [*lines, *self._check(field)]

    def _pop_first(self, holder: str, field: ir.Field) -> Code:
        """Print the line that pops a field from the first of several places, and keeps which."""
        self.use("wxruntime", "wire")
        names = sequence(map(literal, (field.wire, *field.also)))
        around = (literal(field.within),) if field.within else ()
        outside = (DECODED,) if field.bare else ()
        read = Bracket("wire.pop_first(", (holder, names, *around, *outside), ")")
        # A value that nothing can be wrong about needs no path.
        unchecked = isinstance(field.type, ir.ScalarType) and not types.checking_row(field.type)
        return assignment(f"{field.local}, {'_' if unchecked else field.place}", read, 4)

    def _check(self, field: ir.Field) -> list[Code]:
        """Print the lines that read a value again where it has not its usual class."""
        row = types.checking_row(field.type)
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
        """Print the head of an encoder."""
        tail = f") -> {self.use(WIRE, 'JsonObject')}:"
        return layout(Bracket(f"def _encode_{snake_case(name)}(", (f"value: {name}",), tail), 0)

    @staticmethod
    def drop_field(pop: str, wire: str) -> Code:
        """Print the line that pops a value which no field holds."""
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
            fields: The fields, in the order of the constructor.
            written: The fields and counts on the wire, in the order of the wire.
            dropped: Wire names that no field holds, such as tags.
        """
        nodes = nested(written)
        pops = [self.drop_field("pop", wire) for wire in dropped]
        if pops or any(map(_is_popped, nodes)):
            pops.insert(0, Code(f"pop = {DECODED}.pop"))
        return [*pops, *self._pop_fields(nodes, DECODED), self._constructor(name, fields)]

    def _pop_fields(self, nodes: Iterable[Nested], holder: str, around: str = "") -> Iterator[Code]:
        """Print the lines that pop all described fields from an object.

        Args:
            nodes: The fields, and the elements that hold fields.
            holder: The variable that has the object.
            around: The wire name of the element that the object is; empty for the whole one.
        """
        for node in nodes:
            if isinstance(node, Element):
                yield from self._pop_inside(node, holder, around)
            elif isinstance(node, ir.Count):
                yield self.drop_field(_pop_of(holder), node.wire)
            elif not node.spread:
                yield from self.pop_field(holder, node)

    def _pop_inside(self, element: Element, holder: str, around: str) -> Iterator[Code]:
        """Print the lines that pop the fields of an element, and put back unknown ones."""
        self.use("wxruntime", "wire")
        wire = literal(element.name)
        place = literal(f"{around}.{element.name}" if around else element.name)
        inside = "listed" if element.item else "inside"
        opens = "wire.wrapped(" if element.item else "wire.element("
        item = (literal(element.item),) if element.item else ()
        found = Bracket(f"{_pop_of(holder)}(", (wire, "None"), ")")
        yield layout(Bracket(f"{inside} = {opens}", (found, place, *item), ")"), 4)
        yield from self._pop_fields(element.nodes, inside, element.name)
        yield Code(f"if {inside}:")
        put_back = Bracket(f"{holder}[", (wire,), "]", comma="")
        yield Code(f"    {assignment(put_back, inside, 8)}")

    def _constructor(self, name: str, fields: Iterable[ir.Field]) -> Code:
        """Print the constructor call: the popped fields, and the rest as `unknown`."""
        printed: list[Node] = []
        for field in fields:
            if field.spread:
                decode = f"_decode_{snake_case(types.type_name(field.type))}("
                printed.append(Bracket(decode, (DECODED,), ")"))
                continue
            value = types.decode_value(field.type, field.local, _place(field))
            printed.append(optional(field.local, value) if field.optional else value)
            if types.checking_row(field.type) is None and value != field.local:
                self.use("wxruntime", "wire")
            if imported := types.import_of(field.type):
                self.use(*imported)
        return layout(Bracket(f"return {name}(", (*printed, DECODED), ")"), 4)

    def encode_lines(
        self,
        written: Iterable[ir.Written],
        header: Iterable[ir.Field] = (),
        marks: Iterable[tuple[str, str]] = (),
    ) -> list[Code]:
        """Print the body of an encoder.

        Args:
            written: The fields and counts on the wire.
            header: The fields that stand before it.
            marks: Tags and their values, between the two.
        """
        self.use("wxruntime", "wire")
        self.use(WIRE, "JsonObject")
        nodes = nested(written)
        elements = [literal(node.name) for node in nodes if isinstance(node, Element)]
        header, marks = [*header], [*marks]
        names = (*(field.wire for field in header), *(tag for tag, _ in marks), *_names(nodes))
        entries = [
            *(_entry(field, _encoded) for field in header),
            *(f"{literal(tag)}: {literal(value)}" for tag, value in marks),
            *(_entry(node, _encoded, names) for node in nodes),
        ]
        encoded = _object(entries, any(map(_may_be_absent, nodes)))
        kept = (encoded, "value.unknown", *elements)
        return [layout(Bracket("return wire.keep(", kept, ")"), 4)]


def _pop_of(holder: str) -> str:
    """Return the function that pops a field from an object; a decoder's own has a short name."""
    return "pop" if holder == DECODED else f"{holder}.pop"


def _pop(holder: str, field: ir.Field) -> Code:
    """Print the line that pops a field from its one place."""
    wire = literal(field.item or field.wire)
    return layout(Bracket(f"{field.local} = {_pop_of(holder)}(", (wire, "None"), ")"), 4)


def _has_many_places(field: ir.Field) -> bool:
    """Whether a field may stand under several names, or inside and outside of its element."""
    return bool(field.also or field.bare)


def _is_popped(node: Nested) -> bool:
    """Whether a decoder pops a node by itself."""
    return not isinstance(node, ir.Field) or not (node.spread or _has_many_places(node))


def _place(field: ir.Field) -> Code:
    """Print the path of a field, for an error: a literal, or the variable that has it."""
    if _has_many_places(field):
        return Code(field.place)
    return literal(f"{field.within}.{field.wire}" if field.within else field.wire)


def _place_and_default(field: ir.Field) -> tuple[Code, ...]:
    """Print the path of a field, for an error, and its default if it has one."""
    absent = () if field.default is None else (literal(field.default),)
    return (_place(field), *absent)


def _may_be_absent(node: Nested) -> bool:
    """Whether a node is left out of the encoded object when it is absent."""
    if isinstance(node, Element):
        return all(map(_may_be_absent, node.nodes))
    return isinstance(node, ir.Field) and node.optional


def _object(entries: Iterable[Node], absent: bool) -> Node:
    """Print an object with entries that may be absent."""
    printed = Bracket("{", tuple(entries), "}")
    return Bracket("wire.present(", (printed,), ")") if absent else printed


def as_text(field: ir.Field, printed: Node) -> Node:
    """Print a value as JSON inside of text, where the field says so."""
    return Bracket("wire.as_text(", (printed,), ")") if field.as_text else printed


def written_object(nodes: Iterable[Nested], value: Callable[[ir.Field], Node]) -> Node:
    """Print the encoded object.

    Args:
        nodes: The nodes of the object.
        value: Prints the encoded value of a field.
    """
    nodes = [*nodes]
    absent = any(map(_may_be_absent, nodes))
    names = _names(nodes)
    return _object((_entry(node, value, names) for node in nodes), absent)


def _encoded(field: ir.Field) -> Node:
    """Print the encoded value of a model's attribute."""
    held = f"value.{field.name}"
    printed = as_text(field, types.encode_value(field.type, held))
    return optional(held, printed) if field.optional else printed


def _names(nodes: Iterable[Nested]) -> tuple[str, ...]:
    """Return the wire names of nodes; a union without a name of its own has none."""
    return tuple(
        node.name if isinstance(node, Element) else node.wire
        for node in nodes
        if not (isinstance(node, ir.Field) and node.spread)
    )


def _entry(node: Nested, value: Callable[[ir.Field], Node], names: tuple[str, ...] = ()) -> Node:
    """Print one entry of an encoded object.

    Args:
        node: The node.
        value: Prints the encoded value of a field.
        names: The wire names in the same object, which an undeclared variant must not replace.
    """
    if isinstance(node, Element):
        inside = written_object(node.nodes, value)
        printed = Lines((inside, "or None")) if _may_be_absent(node) else inside
        return after(f"{literal(node.name)}: ", printed)
    if isinstance(node, ir.Count):
        counted = Bracket("len(", (f"value.{node.of}",), ")", comma="")
        return after(f"{literal(node.wire)}: ", counted)
    if not node.spread:
        return after(f"{literal(node.item or node.wire)}: ", value(node))
    if not names:
        return after("**", value(node))
    return Bracket("**wire.beside(", (value(node), *map(literal, names)), ")")

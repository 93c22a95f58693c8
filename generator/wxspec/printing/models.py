"""Classes and codecs: what every file that has models prints."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir, types
from wxspec.code import (
    WIDTH,
    Bracket,
    Code,
    Lines,
    Node,
    after,
    assignment,
    docstring,
    layout,
    literal,
)
from wxspec.imports import Imports, by_kind
from wxspec.names import snake_case
from wxspec.types import WIRE

__all__ = ["Printer", "optional", "sentence", "sequence"]


def optional(value: str, made: Node, absent: str = "None") -> Node:
    """Write a value that may be absent."""
    if made == value and absent == "None":
        return value
    return Lines((absent, f"if {value} is None", after("else ", made)))


def sentence(node: ir.Field | ir.Model | ir.Enumeration | ir.Event | ir.Member) -> str:
    """Say what something is, and what is doubtful about it."""
    if isinstance(node, ir.Member):
        return node.doc
    return (
        f"{node.doc} ({node.why.rstrip('.')}.)" if node.why and node.doc else node.doc or node.why
    )


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

    def doc(self, node: ir.Model | ir.Enumeration | ir.Event) -> Code:
        """Write the docstring of a class."""
        source = node.source if isinstance(node, ir.Event) else ""
        return docstring([sentence(node), *([f"Source: {source}"] if source else [])], 4)

    def field_doc(self, node: ir.Field | ir.Member) -> list[Code]:
        """Write the docstring below a field; none where nothing is said."""
        text = sentence(node)
        return [docstring([text], 4)] if text else []

    # Types

    def annotation(self, field: ir.Field) -> Code:
        """Write a field's annotation, `None` included where it may be absent."""
        written = self.type(field.type)
        return Code(f"{written} | None" if field.optional and written != "JsonValue" else written)

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

    # Codecs

    def take(self, pop: str, field: ir.Field) -> list[Code]:
        """Write the lines that take a field off the wire and check its class."""
        wire = literal(field.wire)
        lines = [layout(Bracket(f"{field.local} = {pop}(", (wire, "None"), ")"), 4)]
        row = types.reader(field.type)
        if row is None:
            return lines
        condition: Node = f"type({field.local}) is not {row.check}"
        if field.optional:
            condition = Lines((f"{field.local} is not None", f"and {condition}"))
        default = () if field.default is None else (literal(field.default),)
        read = Bracket(f"{field.local} = {row.read}(", (field.local, wire, *default), ")")
        self.use("wxruntime", "wire")
        return [*lines, _if(condition), Code(f"    {layout(read, 8)}")]

    def decoder_signature(self, name: str, taken: str) -> Code:
        """Write the head of a decoder, which takes an object apart."""
        parameter = f"{taken}: {self.use(WIRE, 'JsonObject')}"
        return layout(Bracket(f"def _decode_{snake_case(name)}(", (parameter,), f") -> {name}:"), 0)

    def encoder_signature(self, name: str) -> Code:
        """Write the head of an encoder."""
        tail = f") -> {self.use(WIRE, 'JsonObject')}:"
        return layout(Bracket(f"def _encode_{snake_case(name)}(", (f"value: {name}",), tail), 0)

    @staticmethod
    def drop(wire: str) -> Code:
        """Write the line that takes something off the wire that nobody asks for."""
        return layout(Bracket("pop(", (literal(wire), "None"), ")"), 4)

    def constructor(self, name: str, fields: tuple[ir.Field, ...], unknown: str) -> Code:
        """Write the object made of what was taken off the wire."""
        made: list[Node] = []
        for field in fields:
            value = types.decoding(field.type, field.local, literal(field.wire))
            made.append(optional(field.local, value) if field.optional else value)
            if types.reader(field.type) is None and value != field.local:
                self.use("wxruntime", "wire")
            if imported := types.uses(field.type):
                self.use(*imported)
        return layout(Bracket(f"return {name}(", (*made, unknown), ")"), 4)

    def encode_lines(
        self, fields: tuple[ir.Field, ...], constants: Iterable[tuple[str, str]] = (), at: int = 0
    ) -> list[Code]:
        """Write the body of an encoder.

        Args:
            fields: What is written.
            constants: Wire names and values that stand between them.
            at: Before which field the constants stand.
        """
        self.use("wxruntime", "wire")
        self.use(WIRE, "JsonObject")
        entries: list[Node] = [
            after(f"{literal(field.wire)}: ", types.encoding(field.type, f"value.{field.name}"))
            for field in fields
            if not field.optional
        ]
        entries[at:at] = [f"{literal(name)}: {literal(value)}" for name, value in constants]
        always = Bracket("{", tuple(entries), "}")
        optional = [field for field in fields if field.optional]
        if not optional:
            return [layout(Bracket("return wire.keep(", (always, "value.unknown"), ")"), 4)]
        lines = [layout(after("encoded: JsonObject = ", always), 4)]
        for field in optional:
            value = types.encoding(field.type, f"value.{field.name}")
            put = assignment(Bracket("encoded[", (literal(field.wire),), "]", comma=""), value, 8)
            lines += [Code(f"if value.{field.name} is not None:"), Code(f"    {put}")]
        return [*lines, Code("return wire.keep(encoded, value.unknown)")]

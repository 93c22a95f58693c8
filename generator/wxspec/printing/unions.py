"""Unions: the alias, the class of undeclared variants, and the codecs of both."""

from __future__ import annotations

from wxspec import ir
from wxspec.code import Bracket, Code, Joined, Node, after, layout, literal
from wxspec.names import snake_case
from wxspec.printing.documentation import paragraphs, print_docstring
from wxspec.printing.models import DECODED, Printer
from wxspec.types import WIRE

__all__ = ["UnionPrinter"]


class UnionPrinter(Printer):
    """Prints files that have unions beside their models."""

    def variants(self, union: ir.Union) -> Code:
        """Print the table of a union's decoders, by tag."""
        for name in ("Callable", "Mapping"):
            self.use("collections.abc", name)
        self.use(WIRE, "JsonObject")
        self.use("wxruntime", "wire")
        kinds = (f"str, Callable[[JsonObject], {union.name}]",)
        declared = Bracket(f"{_table(union)}: Mapping[", kinds, "]", comma="")
        entries = (
            f"{literal(variant.tag)}: _decode_{snake_case(variant.type.name)}"
            for variant in union.variants
        )
        return layout(Joined(declared, Bracket(" = {", tuple(entries), "}")), 0)

    def union_decoder(self, union: ir.Union) -> Code:
        """Print the body of a union's decoder."""
        read = "wire.inline_variant(" if union.inline else "wire.variant("
        table, tag = _table(union), literal(union.tag)
        return layout(Bracket(f"return {read}", (DECODED, tag, table, union.unknown), ")"), 4)

    @staticmethod
    def union_branch(variant: ir.Variant) -> Code:
        """Print the head of the branch that encodes one variant."""
        return Code(f"if isinstance(value, {variant.type.name}):")

    def registered_union(self, union: ir.Union) -> list[Code]:
        """Print the lines that register the codecs of a union and of its undeclared variants."""
        snake = snake_case(union.name)
        unknown = (union.unknown, union.unknown, f"_encode_{snake_case(union.unknown)}")
        known = (union.name, f"_decode_{snake}", f"_encode_{snake}")
        return [
            layout(Bracket("CODECS.add(", unknown, ")"), 0),
            layout(Bracket("CODECS.add_union(", known, ")"), 0),
        ]

    @staticmethod
    def union_encoding(union: ir.Union, variant: ir.Variant) -> Code:
        """Print the branch that encodes one variant."""
        encoded = Bracket(f"_encode_{snake_case(variant.type.name)}(", ("value",), ")")
        kind = f"{literal(union.tag)}: {literal(variant.tag)}"
        printed: Node = Bracket("{", (kind, after(f"{literal(variant.tag)}: ", encoded)), "}")
        if union.inline:
            printed = Bracket("wire.keep(", (Bracket("{", (kind,), "}"), encoded), ")")
        return layout(after("return ", printed), 8)

    @staticmethod
    def unknown_encoding(union: ir.Union) -> Code:
        """Print the fallback that encodes an undeclared variant."""
        inline = f"inline={union.inline}"
        named = ("value", literal(union.name), literal(union.tag), inline)
        return layout(Bracket("return wire.unknown_variant(", named, ")"), 4)

    @staticmethod
    def union_doc(union: ir.Union) -> Code:
        """Print the docstring below a union."""
        return print_docstring(*paragraphs(union), indent=0)

    @staticmethod
    def unknown_doc(union: ir.Union) -> Code:
        """Print the docstring of the class that keeps an undeclared variant."""
        kind = f"A `{union.name}` of a kind that this package does not know"
        return print_docstring(f"{kind}; `fields` holds the whole object.")


def _table(union: ir.Union) -> str:
    return f"_{snake_case(union.name).upper()}_VARIANTS"

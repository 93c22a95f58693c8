"""Hypothesis strategies."""

from __future__ import annotations

from attrs import frozen

from wxspec import ir, types
from wxspec.code import Bracket, Code, Joined, Node, after, docstring, layout, literal
from wxspec.names import Identifier, snake_case
from wxspec.printing.models import Printer

__all__ = ["ModelStrategy", "StrategyPrinter"]


@frozen
class ModelStrategy:
    """The strategy of a model or a document."""

    function: Identifier
    """The name of the strategy."""
    name: str
    """The name of the class whose values it generates."""
    fields: tuple[ir.Field, ...]


class StrategyPrinter(Printer):
    """Prints the strategies of one module's models, or of the events."""

    def strategy_signature(
        self, name: str, fields: tuple[ir.Field, ...], module: str, cls: str
    ) -> Code:
        """Print the head of a strategy, with a parameter for the strategy of each field."""
        parameters = (self._parameter(field, module) for field in fields)
        tail = f") -> st.SearchStrategy[{self.use(module, cls)}]:"
        star = ("*",) if fields else ()
        return layout(Bracket(f"def {name}(", (*star, *parameters), tail), 0)

    def _parameter(self, field: ir.Field, module: str) -> Node:
        annotated = f"{field.name}: st.SearchStrategy["
        return Joined(
            Bracket(annotated, (self._annotated(field, module),), "]", comma=""),
            after(" = ", self._strategy(field)),
        )

    @staticmethod
    def _strategy(field: ir.Field) -> Node:
        printed = types.strategy(field.type)
        if field.optional and not types.scalar_row(field.type).nullable:
            return Bracket("st.optional(", (printed,), ")")
        return printed

    def _annotated(self, field: ir.Field, module: str) -> str:
        """Print the annotation of a field whose classes live in another module."""
        item = ir.item_of(field.type)
        if not isinstance(item, (ir.ScalarType, ir.UnresolvedType)):
            self.use(module, item.name)
        return self.annotation(field)

    @staticmethod
    def made_doc(name: str) -> Code:
        """Print the docstring of a strategy."""
        return docstring([f"Generate `{name}` values, some of them with unknown fields."], 4)

    @staticmethod
    def builds(class_name: str, fields: tuple[ir.Field, ...], unknown: str) -> Code:
        """Print the body of a strategy."""
        given = (f"{field.name}={field.name}" for field in fields)
        items = (class_name, *given, f"unknown=st.{unknown}()")
        return layout(Bracket("return st.builds(", items, ")"), 4)

    def union_signature(self, name: str, module: str) -> Code:
        """Print the head of a union's strategy, which has no parameters."""
        head = f"def {snake_case(name)}() -> st.SearchStrategy["
        return layout(Bracket(head, (self.use(module, name),), "]:", comma=""), 0)

    @staticmethod
    def made_union_doc(union: ir.Union) -> Code:
        """Print the docstring of a union's strategy."""
        said = f"Generate `{union.name}` values of every kind, unknown ones included."
        return docstring([said], 4)

    @staticmethod
    def unknown_variant(union: ir.Union, unknown: str) -> Code:
        """Print the body of the strategy of undeclared variants."""
        maker = "inline_variants" if union.inline else "variants"
        fields = Bracket(f"fields=st.{maker}(", (literal(union.tag), f"st.{unknown}()"), ")")
        return layout(Bracket("return st.builds(", (union.unknown, fields), ")"), 4)

    @staticmethod
    def any_variant(union: ir.Union) -> Code:
        """Print the body of a union's strategy."""
        printed = tuple(f"{snake_case(name)}()" for name in union.members)
        return layout(Bracket("return st.one_of(", printed, ")"), 4)

    @staticmethod
    def any_of(names: list[str]) -> Code:
        """Print the body of the strategy of any document."""
        return layout(Bracket("return st.one_of(", tuple(f"{n}()" for n in names), ")"), 4)

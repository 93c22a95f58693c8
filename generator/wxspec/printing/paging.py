"""Functions and methods that go through all pages of a call."""

from __future__ import annotations

from attrs import evolve

from wxspec import ir
from wxspec.code import Bracket, Code, Node, after, layout
from wxspec.names import local_name
from wxspec.printing.calls import CallPrinter
from wxspec.printing.documentation import arguments_text, deprecation, print_docstring

__all__ = ["PagePrinter"]


def _pages_of(endpoint: ir.Endpoint) -> ir.Pages:
    assert endpoint.pages is not None  # the callers have checked it
    return endpoint.pages


class PagePrinter(CallPrinter):
    """Prints the file of one module, pages included."""

    def pages_signature(self, endpoint: ir.Endpoint) -> Code:
        """Print the head of the function that goes through all pages."""
        pages = _pages_of(endpoint)
        self.use("wxruntime.pages", "Pages")
        item, page, cursor = self._types_of_pages(endpoint)
        parameters = tuple(self.parameter(field) for field in endpoint.parameters_of_pages)
        printed = f"{item}, {page}, {cursor}"
        if not parameters:
            return layout(Bracket(f"def {pages.name}() -> Pages[", (printed,), "]:", comma=""), 0)
        return layout(Bracket(f"def {pages.name}(", parameters, f") -> Pages[{printed}]:"), 0)

    def _types_of_pages(self, endpoint: ir.Endpoint) -> tuple[str, str, str]:
        """Print the types of an item, of a page and of the cursor."""
        name = _pages_of(endpoint).cursor
        cursor = next(field for field in endpoint.parameters if field.name == name)
        item = self._item_type(endpoint)
        return self.type(item), self._page(endpoint).name, self.type(cursor.type)

    def _item_type(self, endpoint: ir.Endpoint) -> ir.Type:
        name = _pages_of(endpoint).items
        items = next(field.type for field in self._page(endpoint).fields if field.name == name)
        assert isinstance(items, ir.ListType)  # the check pass has reported anything else
        return items.item

    def _page(self, endpoint: ir.Endpoint) -> ir.Model:
        returns = endpoint.returns
        assert returns is not None  # the check pass has reported anything else
        assert isinstance(returns.type, ir.ModelType)
        return self.models[returns.type.id]

    def pages_doc(self, endpoint: ir.Endpoint) -> Code:
        """Print the docstring of the function that goes through all pages."""
        return self._pages_doc(endpoint, "The pages; a client that reads them yields", 4)

    def pages_method_doc(self, endpoint: ir.Endpoint) -> Code:
        """Print the docstring of the method of a façade that goes through all pages."""
        return self._pages_doc(endpoint, "An iterator that requests pages as needed and yields", 8)

    def _pages_doc(self, endpoint: ir.Endpoint, returns: str, indent: int) -> Code:
        pages = _pages_of(endpoint)
        # The limits of one request do not bind a caller who goes through many of them.
        limit = "" if pages.most is None else f", 1 to {pages.most}"
        others: dict[str, str] = {pages.size: f"Items to ask for in one request{limit}."}
        if pages.split is not None:
            others[pages.split.until] = "End of the range; it may span any number of days."
        item = self.item_text(self._item_type(endpoint)) or "the items."
        return print_docstring(
            pages.doc,
            deprecation(endpoint),
            f"Raises the same errors as `{endpoint.name}`, after yielding every item already "
            "fetched.",
            indent=indent,
            arguments=arguments_text(
                evolve(field, doc=others[field.name], notes="", why="")
                if field.name in others
                else field
                for field in endpoint.parameters_of_pages
            ),
            returns=f"{returns} {item}",
            raises=self.errors_text(endpoint),
            source=endpoint.source,
        )

    def goes_through(self, endpoint: ir.Endpoint) -> Code:
        """Print the `Pages` that the function returns."""
        pages = _pages_of(endpoint)
        split = pages.split
        first = next(field for field in endpoint.parameters if field.name == pages.cursor)
        others = frozenset(field.name for field in endpoint.parameters_of_pages)
        cursor, span = local_name("cursor", others), local_name("span", others)
        times = {} if split is None else {split.since: "since", split.until: "until"}
        given: dict[str, str] = {name: f"{span}.{end}" for name, end in times.items()}
        given[pages.cursor] = cursor
        arguments = tuple(given.get(f.name, f.name) for f in endpoint.parameters)
        parameter = "_" if split is None else span
        read = Bracket("read=lambda page: (", (f"page.{pages.items}", f"page.{pages.found}"), ")")
        items: list[Node] = [
            after(
                f"ask=lambda {parameter}, {cursor}: ", Bracket(f"{endpoint.name}(", arguments, ")")
            ),
            read,
            f"first={self.default(first)}",
        ]
        if pages.size:
            items.append(f"size={pages.size}")
        if pages.most is not None:
            items.append(f"most={pages.most}")
        if pages.count:
            items.append(f"count=lambda page: page.{pages.count}")
        if split is not None:
            spans = (split.since, split.until, str(split.seconds))
            items.append(Bracket(f"spans={self.use('wxruntime.pages', 'split')}(", spans, ")"))
            items.append(f"time=lambda item: item.{split.time}")
        return layout(Bracket("return Pages(", tuple(items), ")"), 4)

    def pages_method(self, endpoint: ir.Endpoint, iterator: str) -> Code:
        """Print the head of the method of a façade that goes through all pages."""
        parameters = tuple(self.parameter(field) for field in endpoint.parameters_of_pages)
        returned = f"{self.use('collections.abc', iterator)}[{self._types_of_pages(endpoint)[0]}]"
        head = f"def {_pages_of(endpoint).name}("
        return layout(Bracket(head, ("self", *parameters), f") -> {returned}:"), 4)

    @staticmethod
    def sends_pages(endpoint: ir.Endpoint, how: str) -> Code:
        """Print the body of the method of a façade that goes through all pages."""
        arguments = tuple(field.name for field in endpoint.parameters_of_pages)
        tail = f").{how}(self._sender)"
        return layout(Bracket(f"return {_pages_of(endpoint).name}(", arguments, tail), 8)

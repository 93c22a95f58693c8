"""The functions and methods that go through pages."""

from __future__ import annotations

from wxspec import ir
from wxspec.code import Bracket, Code, Node, after, docstring, layout
from wxspec.names import local_name
from wxspec.printing.calls import CallPrinter
from wxspec.printing.models import sentence

__all__ = ["PagePrinter"]


def _pages_of(endpoint: ir.Endpoint) -> ir.Pages:
    assert endpoint.pages is not None  # who asks has looked
    return endpoint.pages


class PagePrinter(CallPrinter):
    """Prints the file of one module, pages included."""

    def pages_signature(self, endpoint: ir.Endpoint) -> Code:
        """Write the head of the function that goes through all pages."""
        pages = _pages_of(endpoint)
        self.use("wxruntime.pages", "Pages")
        item, page, cursor = self._types_of_pages(endpoint)
        parameters = tuple(self.parameter(field) for field in endpoint.parameters_of_pages)
        made = f"{item}, {page}, {cursor}"
        if not parameters:
            return layout(Bracket(f"def {pages.name}() -> Pages[", (made,), "]:", comma=""), 0)
        return layout(Bracket(f"def {pages.name}(", parameters, f") -> Pages[{made}]:"), 0)

    def _types_of_pages(self, endpoint: ir.Endpoint) -> tuple[str, str, str]:
        """Write the types of an item, of a page and of what says where one begins."""
        pages, page = _pages_of(endpoint), self._page(endpoint)
        items = next(field.type for field in page.fields if field.name == pages.items)
        assert isinstance(items, ir.ListType)  # the check pass said so
        cursor = next(field for field in endpoint.parameters if field.name == pages.cursor)
        return self.type(items.item), page.name, self.type(cursor.type)

    def _page(self, endpoint: ir.Endpoint) -> ir.Model:
        returns = endpoint.returns
        assert returns is not None  # the check pass said so
        assert isinstance(returns.type, ir.ModelType)
        return self.models[returns.type.id]

    def pages_doc(self, endpoint: ir.Endpoint) -> Code:
        """Write the docstring of the function that goes through all pages."""
        pages = _pages_of(endpoint)
        # What one call covers does not bind whoever goes through many of them.
        limit = "" if pages.most is None else f", 1 to {pages.most}"
        others: dict[str, str] = {pages.size: f"How many to ask for at once{limit}."}
        if pages.split is not None:
            others[pages.split.until] = "Until when, however late."
        said = {p.name: others.get(p.name, sentence(p)) for p in endpoint.parameters_of_pages}
        arguments = [f"{name}: {text}" for name, text in said.items() if text]
        paragraphs: list[str | tuple[str, list[str]]] = [pages.doc]
        paragraphs.append(f"Raises what `{endpoint.name}` raises; what came before has been given.")
        if arguments:
            paragraphs.append(("Args:", arguments))
        if endpoint.source:
            paragraphs.append(f"Source: {endpoint.source}")
        return docstring(paragraphs, 4)

    def goes_through(self, endpoint: ir.Endpoint) -> Code:
        """Write what goes through all pages, as data."""
        pages = _pages_of(endpoint)
        split = pages.split
        first = next(field for field in endpoint.parameters if field.name == pages.cursor)
        others = frozenset(field.name for field in endpoint.parameters_of_pages)
        cursor, span = local_name("cursor", others), local_name("span", others)
        times = {} if split is None else {split.since: "since", split.until: "until"}
        given: dict[str, str] = {name: f"{span}.{end}" for name, end in times.items()}
        given[pages.cursor] = cursor
        arguments = tuple(given.get(f.name, f.name) for f in endpoint.parameters)
        taken = "_" if split is None else span
        read = Bracket("read=lambda page: (", (f"page.{pages.items}", f"page.{pages.found}"), ")")
        items: list[Node] = [
            after(f"ask=lambda {taken}, {cursor}: ", Bracket(f"{endpoint.name}(", arguments, ")")),
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
        """Write the head of the method of a façade that goes through all pages."""
        parameters = tuple(self.parameter(field) for field in endpoint.parameters_of_pages)
        returned = f"{self.use('collections.abc', iterator)}[{self._types_of_pages(endpoint)[0]}]"
        head = f"def {_pages_of(endpoint).name}("
        return layout(Bracket(head, ("self", *parameters), f") -> {returned}:"), 4)

    @staticmethod
    def sends_pages(endpoint: ir.Endpoint, how: str) -> Code:
        """Write the one line of that method."""
        arguments = tuple(field.name for field in endpoint.parameters_of_pages)
        tail = f").{how}(self._sender)"
        return layout(Bracket(f"return {_pages_of(endpoint).name}(", arguments, tail), 8)

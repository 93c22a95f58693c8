"""What can be called by its name: every endpoint, and a function that goes through its pages."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from wxruntime.catalog import Catalog, Endpoint, Field, Paging, Type

__all__ = ["Operation", "is_needed", "module_of", "operations"]


@frozen
class Operation:
    """A function that a call names: one request, or a request for each page."""

    name: str
    """Its name: module, dot, function."""
    endpoint: Endpoint
    """The endpoint that is requested."""
    paging: Paging | None = None
    """How it goes through all pages of the endpoint; None when it sends one request."""

    @property
    def doc(self) -> str:
        """What it does."""
        return self.endpoint.doc if self.paging is None else self.paging.doc

    @property
    def parameters(self) -> tuple[Field, ...]:
        """What a caller gives."""
        paging = self.paging
        if paging is None:
            return self.endpoint.parameters
        # The limits of one request (24 hours, a cursor) do not apply to all pages.
        limit = "" if paging.most is None else f", 1 to {paging.most}"
        docs = {
            paging.size: f"How many items to ask for at once{limit}.",
            paging.until: "End of the time range, which may have any length.",
        }
        return tuple(
            evolve(field, doc=docs.get(field.name, field.doc))
            for field in self.endpoint.parameters
            if field.name != paging.cursor
        )

    @property
    def returns(self) -> Type | None:
        """The type of what it returns: an answer, or the items of all pages; None if nothing."""
        return self.endpoint.returns if self.paging is None else self.paging.items


def operations(catalog: Catalog) -> Mapping[str, Operation]:
    """Return everything that can be called, by its name; paging comes after its endpoint."""
    found: dict[str, Operation] = {}
    for name, endpoint in catalog.endpoints.items():
        found[name] = Operation(name, endpoint)
        if endpoint.paging is not None:
            paged = f"{module_of(name)}.{endpoint.paging.name}"
            found[paged] = Operation(paged, endpoint, endpoint.paging)
    return found


def module_of(operation: str) -> str:
    """Return the module in the name of an operation."""
    return operation.partition(".")[0]


def is_needed(field: Field) -> bool:
    """Return whether a parameter has to be given; a list has to, since an empty one is a slip."""
    return field.required or field.type.many

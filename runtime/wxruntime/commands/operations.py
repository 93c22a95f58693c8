"""What can be called: the endpoints of the catalog, and what goes through all pages of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from wxruntime.catalog import Catalog, Endpoint, Field, Paging

__all__ = ["is_needed", "is_paged", "module_of", "operations", "parameters"]


def operations(catalog: Catalog) -> Mapping[str, Endpoint]:
    """Return everything that can be called, by its name.

    What goes through all pages of an endpoint stands behind it, and looks like it but for the
    parameter that says where a page begins.
    """
    found: dict[str, Endpoint] = {}
    for operation, endpoint in catalog.endpoints.items():
        found[operation] = endpoint
        if endpoint.paging is not None:
            name = f"{module_of(operation)}.{endpoint.paging.name}"
            found[name] = _through_pages(name, endpoint, endpoint.paging)
    return found


def _through_pages(name: str, endpoint: Endpoint, pages: Paging) -> Endpoint:
    # What binds one call does not bind whoever goes through many of them.
    limit = "" if pages.most is None else f", 1 to {pages.most}"
    docs = {
        pages.size: f"How many to ask for at once{limit}.",
        pages.until: "Until when, however late.",
    }

    def rest(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        asked = (field for field in fields if field.name != pages.cursor)
        return tuple(evolve(field, doc=docs.get(field.name, field.doc)) for field in asked)

    return evolve(
        endpoint,
        operation=name,
        doc=pages.doc,
        query=rest(endpoint.query),
        body=rest(endpoint.body),
        returns=pages.items,
    )


def is_paged(endpoint: Endpoint) -> bool:
    """Say whether it goes through pages, and is not the endpoint that gives one."""
    pages = endpoint.paging
    return pages is not None and endpoint.operation.endswith(f".{pages.name}")


def module_of(operation: str) -> str:
    """Return the module of an operation."""
    return operation.partition(".")[0]


def parameters(endpoint: Endpoint) -> Iterator[Field]:
    """Return what a caller is asked for."""
    for field in (*endpoint.query, *endpoint.body, *endpoint.form, *endpoint.raw):
        if field.const is None and not field.count:
            yield field


def is_needed(field: Field) -> bool:
    """Say whether a parameter has to be given, as a list has to: an empty one is no accident."""
    return field.required or field.type.many

"""Pages of help that the catalog writes: lists of endpoints, and what one returns and raises."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from wxruntime.catalog import Catalog, Model
from wxruntime.commands.operations import Operation, module_of, operations

__all__ = ["about", "did_you_mean", "entries", "listing", "near"]

_WIDTH = 100


def listing(catalog: Catalog, module: str = "") -> str:
    """List what can be called and what it does, by module.

    Args:
        catalog: Has it.
        module: The only module to list; all of them if empty.
    """
    listed = {
        name: f"{operation.doc}{' (deprecated)' if operation.endpoint.deprecated else ''}"
        for name, operation in operations(catalog).items()
        if module in ("", module_of(name))
    }
    families: dict[str, list[str]] = {}
    for name, entry in zip(listed, entries(listed), strict=True):
        families.setdefault(module_of(name), []).append(entry)
    return "\n\n".join("\n".join(family) for family in families.values())


def entries(docs: Mapping[str, str]) -> Iterator[str]:
    """Write what things are behind their names, one below the other."""
    longest = max(map(len, docs), default=0)
    for name, doc in docs.items():
        yield textwrap.fill(
            doc, _WIDTH, initial_indent=f"  {name:<{longest}}  ",
            subsequent_indent=" " * (longest + 4), break_on_hyphens=False,
        )  # fmt: skip


def did_you_mean(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return a question about a mistyped name; empty if no name is similar.

    Args:
        name: What was typed.
        known: What could have been meant.
        prefix: What stands before either.
    """
    spellings: dict[str, list[str]] = {}
    for one in dict.fromkeys(known):
        spellings.setdefault(one.lower(), []).append(f"{prefix}{one}")
    near = get_close_matches(name.lower(), spellings)
    meant = [spelling for one in near for spelling in spellings[one]]
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def near(name: str, catalog: Catalog) -> str:
    """Return the same question about an endpoint; in a module that there is, about its own."""
    module, _, function = name.partition(".")
    own = [one.partition(".")[2] for one in operations(catalog) if module_of(one) == module]
    if not own:
        known = operations(catalog)
        return did_you_mean(name, (*known, *map(module_of, known)))
    return did_you_mean(function, own, f"{module}.")


def about(catalog: Catalog, operation: Operation) -> str:
    """Say what an endpoint returns and may be refused for, and where it is described."""
    return "\n\n".join("\n".join(_indented(part)) for part in _parts(catalog, operation))


def _indented(part: Sequence[str]) -> Iterator[str]:
    """Return the lines below a heading."""
    yield part[0]
    for line in part[1:]:
        yield textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent=" " * 6)


def _parts(catalog: Catalog, operation: Operation) -> Iterator[list[str]]:
    endpoint, returns = operation.endpoint, operation.returns
    if endpoint.deprecated:
        yield ["deprecated:", endpoint.deprecated]
    if returns is not None:
        yield [f"returns: {returns}", *_fields(catalog.models.get(returns.of))]
    known = [catalog.errors[code] for code in endpoint.errors if code in catalog.errors]
    if known:
        yield ["errors:", *(f"{error.code} {error.name}: {error.doc}" for error in known)]
    if endpoint.source:
        yield [f"source: {endpoint.source}"]


def _fields(model: Model | None) -> Iterator[str]:
    for field in () if model is None else model.fields:
        yield f"{field.name} ({field.type}): {field.doc}"

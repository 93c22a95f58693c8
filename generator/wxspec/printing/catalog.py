"""The specification as data."""

from __future__ import annotations

from collections.abc import Iterable

from wxspec import ir, types
from wxspec.code import Bracket, Code, Node, after, layout, literal
from wxspec.printing.models import Printer, sequence

__all__ = ["CatalogPrinter"]


class CatalogPrinter(Printer):
    """Prints the catalog."""

    def push(self, service: ir.Service) -> Code:
        """Write what every push has."""
        made = self._made(
            "Push",
            kind=literal(service.push_kind),
            event_kind=literal(service.push_event_kind),
            event=literal(service.push_event),
            header=literal(len(service.header)),
        )
        return layout(after("push=", made), 4, 1)

    def endpoints(self, modules: tuple[ir.Module, ...]) -> Code:
        """Write every endpoint."""
        found = [endpoint for module in modules for endpoint in module.endpoints]
        return self._table("endpoints", ((literal(e.id), self._endpoint(e)) for e in found))

    def events(self, modules: tuple[ir.Module, ...]) -> Code:
        """Write every event."""
        found = [event for module in modules for event in module.events]
        return self._table("events", ((literal(e.wire), self._event(e)) for e in found))

    def errors(self, errors: tuple[ir.ErrorCode, ...]) -> Code:
        """Write every error code."""
        return self._table("errors", ((literal(e.code), self._error(e)) for e in errors))

    @staticmethod
    def _table(name: str, entries: Iterable[tuple[Code, Node]]) -> Code:
        made = tuple(after(f"{key}: ", value) for key, value in entries)
        return layout(Bracket(f"{name}={{", made, "}"), 4, 1)

    def _endpoint(self, endpoint: ir.Endpoint) -> Node:
        returns = endpoint.returns
        return self._made(
            "Endpoint",
            operation=literal(endpoint.id),
            method=literal(endpoint.method),
            path=literal(endpoint.path),
            query=self._fields(endpoint.query),
            body=self._fields(endpoint.body),
            returns=literal("" if returns is None else types.type_name(returns.type)),
            token=literal(endpoint.token),
            idempotent=literal(endpoint.idempotent),
            errors=sequence(str(code) for code, _ in endpoint.errors),
            doc=literal(endpoint.doc),
            source=literal(endpoint.source),
        )

    def _event(self, event: ir.Event) -> Node:
        return self._made(
            "Event",
            name=literal(event.wire),
            class_name=literal(event.name),
            fields=self._fields(event.fields),
            doc=literal(event.doc),
            source=literal(event.source),
        )

    def _error(self, error: ir.ErrorCode) -> Node:
        self.use("wxruntime.catalog", "ErrorCode")
        items = (literal(error.code), literal(error.name), literal(error.doc))
        return Bracket("ErrorCode(", items, ")")

    def _fields(self, fields: tuple[ir.Field, ...]) -> Node:
        return sequence(self._field(field) for field in fields)

    def _field(self, field: ir.Field) -> Node:
        return self._made(
            "Field",
            name=literal(field.name),
            wire=literal(field.wire),
            type=literal(types.type_name(field.type)),
            required=literal(field.required),
            secret=literal(field.secret),
            const=literal(field.const),
            doc=literal(field.doc),
        )

    def _made(self, cls: str, **values: Node) -> Node:
        self.use("wxruntime.catalog", cls)
        return Bracket(f"{cls}(", tuple(after(f"{k}=", v) for k, v in values.items()), ")")

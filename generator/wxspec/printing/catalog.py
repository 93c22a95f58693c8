"""The specification as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wxspec import ir, types
from wxspec.code import Bracket, Code, Node, after, layout, literal
from wxspec.names import pascal_case
from wxspec.printing.models import Printer, sequence

__all__ = ["CatalogPrinter"]


class CatalogPrinter(Printer):
    """Prints the catalog."""

    def push(self, service: ir.Service) -> Code:
        """Print what every push has."""
        made = self._made(
            "Push",
            kind=literal(service.push.kind),
            event_kind=literal(service.push.event_kind),
            event=literal(service.push.event),
            header=literal(len(service.push.header)),
            receiver=_unless("", service.push.tag_of("receiver")),
            sender=_unless("", service.push.tag_of("sender")),
            time=_unless("", service.push.tag_of("time")),
            message_id=_unless("", service.push.message_id),
        )
        return layout(after("push=", made), 4, 1)

    def endpoints(self, whole: ir.Ir, service: ir.Service) -> Code:
        """Print every endpoint."""
        found = {endpoint.id: endpoint for module in whole.modules for endpoint in module.endpoints}
        models = {model.id: model for model in whole.models}
        credentials = _credentials(found[service.token.call])
        entries = (
            (literal(id), self._endpoint(endpoint, models, credentials))
            for id, endpoint in found.items()
        )
        return self._table("endpoints", entries)

    def events(self, modules: tuple[ir.Module, ...]) -> Code:
        """Print every event."""
        return self._documents("events", (e for module in modules for e in module.events))

    def messages(self, modules: tuple[ir.Module, ...]) -> Code:
        """Print every message."""
        return self._documents("messages", (m for module in modules for m in module.messages))

    def replies(self, modules: tuple[ir.Module, ...]) -> Code:
        """Print every reply."""
        return self._documents("replies", (r for module in modules for r in module.replies))

    def models(self, whole: ir.Ir) -> Code:
        """Print every model."""
        return self._table("models", ((literal(m.id), self._model(m)) for m in whole.models))

    def enums(self, whole: ir.Ir) -> Code:
        """Print every enumeration."""
        return self._table("enums", ((literal(e.id), self._enum(e)) for e in whole.enums))

    def unions(self, whole: ir.Ir) -> Code:
        """Print every union."""
        return self._table("unions", ((literal(u.id), self._union(u)) for u in whole.unions))

    def _documents(self, name: str, documents: Iterable[ir.Document]) -> Code:
        return self._table(name, ((literal(d.wire), self._document(d)) for d in documents))

    def errors(self, errors: tuple[ir.ErrorCode, ...]) -> Code:
        """Print every error code."""
        return self._table("errors", ((literal(e.code), self._error(e)) for e in errors))

    @staticmethod
    def _table(name: str, entries: Iterable[tuple[Code, Node]]) -> Code:
        made = tuple(after(f"{key}: ", value) for key, value in entries)
        return layout(Bracket(f"{name}={{", made, "}"), 4, 1)

    def _endpoint(
        self,
        endpoint: ir.Endpoint,
        models: Mapping[str, ir.Model],
        credentials: Mapping[str, str],
    ) -> Node:
        return self._made(
            "Endpoint",
            *map(literal, (endpoint.id, endpoint.method, endpoint.path, endpoint.doc)),
            query=self._fields(endpoint.query, credentials),
            body=self._fields(endpoint.body, credentials),
            form=self._fields(endpoint.form, credentials),
            raw=self._fields(endpoint.raw),
            returns=None if endpoint.returns is None else self._type(endpoint.returns.type),
            twin=_unless("", _twin(endpoint)),
            paging=self._paging(endpoint, models),
            deprecated=_unless("", endpoint.deprecated),
            token=_unless(True, endpoint.token),
            idempotent=_unless(False, endpoint.idempotent),
            errors=_listed(str(code) for code in endpoint.errors),
            source=_unless("", endpoint.source),
        )

    def _paging(self, endpoint: ir.Endpoint, models: Mapping[str, ir.Model]) -> Node | None:
        """Print how all pages of an endpoint are gone through, where it has any."""
        pages, returns = endpoint.pages, endpoint.returns
        if pages is None or returns is None:
            return None
        page = models[types.referenced_id(returns.type)]
        items = next(field.type for field in page.fields if field.name == pages.items)
        return self._made(
            "Paging",
            *map(literal, (pages.name, pages.doc)),
            self._type(items),
            literal(pages.cursor),
            size=_unless("", pages.size),
            most=_unless(None, pages.most),
            until=_unless("", "" if pages.split is None else pages.split.until),
        )

    def _model(self, model: ir.Model) -> Node:
        said = (literal(model.id), literal(model.doc))
        return self._made("Model", *said, fields=self._fields(model.written))

    def _enum(self, enum: ir.Enumeration) -> Node:
        values = (f"{literal(member.name)}: {literal(member.value)}" for member in enum.members)
        said = (literal(enum.id), literal(enum.doc))
        return self._made("Enumeration", *said, values=Bracket("{", tuple(values), "}"))

    def _union(self, union: ir.Union) -> Node:
        variants = tuple(
            f"{literal(variant.tag)}: {literal(types.referenced_id(variant.type))}"
            for variant in union.variants
        )
        return self._made(
            "Union",
            *map(literal, (union.id, union.doc, union.tag)),
            variants=Bracket("{", variants, "}"),
            inline=_unless(False, union.inline),
        )

    def _document(self, document: ir.Document) -> Node:
        return self._made(
            pascal_case(document.called),
            *map(literal, (document.wire, document.name, document.doc)),
            module=literal(document.module),
            kind=_unless("", document.kind),
            fields=self._fields((*document.header, *document.written)),
            source=_unless("", document.source),
        )

    def _error(self, error: ir.ErrorCode) -> Node:
        return self._made(
            "ErrorCode",
            *(literal(error.code), literal(error.name), literal(error.doc)),
            group=_unless("", error.group),
        )

    def _fields(
        self, fields: Iterable[ir.Written], credentials: Mapping[str, str] | None = None
    ) -> Node | None:
        return _listed(self._field(field, credentials or {}) for field in fields)

    def _field(self, field: ir.Written, credentials: Mapping[str, str]) -> Node:
        if isinstance(field, ir.Count):
            return self._made(
                "Field",
                literal(field.name),
                self._type(ir.ScalarType("integer")),
                literal(field.doc),
                wire=_unless(field.name, field.wire),
                within=_unless("", field.within),
                required="False",
                count=literal(field.of),
            )
        return self._made(
            "Field",
            literal(field.name),
            self._type(field.type),
            *([literal(field.doc)] if field.doc else ()),
            wire=_unless(field.name, field.wire),
            also=_listed(literal(wire) for wire in field.also),
            within=_unless("", field.within),
            bare=_unless("", field.bare),
            item=_unless("", field.item),
            as_text=_unless(False, field.as_text),
            required=_unless(True, field.required),
            default=_unless(None, field.default),
            secret=_unless(False, field.secret),
            credential=_unless("", credentials.get(field.name, "")),
            const=_unless(None, field.const),
        )

    def _type(self, type_: ir.Type) -> Node:
        """Print a type: its name, whether it is a list, and the id of what it names."""
        return self._made(
            "Type",
            literal(ir.item_of(type_).name),
            many=_unless(False, isinstance(type_, ir.ListType)),
            of=_unless("", types.referenced_id(type_)),
        )

    def _made(self, cls: str, *said: Node, **others: Node | None) -> Node:
        """Print an object; what is nothing special is left to its class."""
        self.use("wxruntime.catalog", cls)
        named = (after(f"{name}=", value) for name, value in others.items() if value is not None)
        return Bracket(f"{cls}(", (*said, *named), ")")


def _credentials(token_call: ir.Endpoint) -> Mapping[str, str]:
    """Return the names of the parameters that are credentials, and which credential each is.

    The call that fetches access tokens takes the two in this order; a parameter of another call
    that has one of these names takes the same.
    """
    names = (parameter.name for parameter in token_call.parameters)
    return dict(zip(names, ("app_id", "app_secret"), strict=False))


def _twin(endpoint: ir.Endpoint) -> str:
    return "" if endpoint.twin is None else f"{endpoint.twin.method} {endpoint.twin.path}"


def _unless(usual: ir.Literal | None, value: ir.Literal | None) -> Node | None:
    """Print a value, unless it is what it usually is."""
    return None if value == usual else literal(value)


def _listed(items: Iterable[Node]) -> Node | None:
    """Print a tuple, unless it is empty."""
    made = tuple(items)
    return sequence(made) if made else None

"""Resolve: references become what they name: types, counts, fills, roles, codes, groups, calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from attrs import evolve, frozen

from wxspec import ir
from wxspec.diagnostics import Report, Span, did_you_mean
from wxspec.types import SCALARS, scalar_row
from wxspec.values import Int

__all__ = ["resolve"]

D = TypeVar("D", bound=ir.Document)


def resolve(whole: ir.Ir, report: Report) -> ir.Ir:
    """Replace every reference by what it names, or report that nothing has the name."""
    codes: set[int] = {error.code for error in whole.errors}
    references = _References(report, whole.lost, whole.incomplete)
    _check_groups(whole, references)
    service = whole.service
    if service is not None:
        references.check_codes(service.token.dead, codes)
        references.check_codes(service.envelope.wrong_method, codes)
        _check_token_calls(whole, service, references)
        _check_roles(service, references)
        header = _Types({}, references).fields(service.push.header)
        service = evolve(service, push=evolve(service.push, header=header))
    modules = tuple(_module(module, codes, references) for module in whole.modules)
    return evolve(whole, service=service, modules=modules)


@frozen
class _References:
    """Reports references to nothing, except to what was wrong and left out."""

    _report: Report
    _lost: frozenset[str]
    _incomplete: bool

    def missing(
        self, span: Span, code: str, name: str, message: str, known: Iterable[str], *, local: bool
    ) -> None:
        """Report a reference to nothing.

        Args:
            span: The place of the reference.
            code: The code of the diagnostic.
            name: The name that the reference uses.
            message: The message of the diagnostic.
            known: The names that exist, for a suggestion.
            local: Whether the name would stand in the same file, so that no lost file can have it.
        """
        if name not in self._lost and (local or not self._incomplete):
            self._report.error(span, code, message, did_you_mean(name, known))

    def check_codes(self, used: Iterable[Int], codes: set[int]) -> None:
        """Report error codes that are not described, and those that are listed twice."""
        seen: set[int] = set()
        for code in used:
            if code in seen:
                self._report.error(code.span, "duplicate-code", f"the code {code} is named twice")
            seen.add(code)
            if code not in codes:
                self.missing(
                    code.span, "unknown-code", str(code),
                    f"the error code {code} is not described",
                    (), local=False,
                )  # fmt: skip


def _check_groups(whole: ir.Ir, references: _References) -> None:
    groups = {group.name for group in whole.groups}
    for error in whole.errors:
        if error.group and error.group not in groups:
            references.missing(
                error.group.span, "unknown-group", error.group,
                f"the group {error.group!r} is not described", groups, local=False,
            )  # fmt: skip


def _check_token_calls(whole: ir.Ir, service: ir.Service, references: _References) -> None:
    calls = {
        f"{module.name}.{endpoint.name}"
        for module in whole.modules
        for endpoint in module.endpoints
    }
    for call in service.token.calls:
        if call not in calls and call.split(".")[-1] not in whole.lost:
            references.missing(
                call.span, "unknown-call", call,
                f"the call {call!r} is not described", calls, local=False,
            )  # fmt: skip


def _check_roles(service: ir.Service, references: _References) -> None:
    header = [field.name for field in service.push.header]
    for role in service.push.roles:
        if role.field not in header:
            references.missing(
                role.field.span, "unknown-field", role.field,
                f"the header has no field {role.field!r}", header, local=True,
            )  # fmt: skip


@frozen
class _Types:
    """The types that fields of a module can name."""

    _named: Mapping[str, ir.ModelType | ir.EnumerationType | ir.UnionType]
    _references: _References

    def fields(self, fields: tuple[ir.Field, ...]) -> tuple[ir.Field, ...]:
        """Resolve the types of fields."""
        return tuple(self._field(field) for field in fields)

    def _field(self, field: ir.Field) -> ir.Field:
        type_ = self.type(field.type)
        return evolve(field, type=type_, optional=field.optional or scalar_row(type_).nullable)

    def type(self, type_: ir.Type) -> ir.Type:
        """Resolve a type; an unknown one stays as it is."""
        if isinstance(type_, ir.ListType):
            return ir.ListType(self._item(type_.item))
        return self._item(type_)

    def _item(self, type_: ir.ItemType) -> ir.ItemType:
        if not isinstance(type_, ir.UnresolvedType):
            return type_
        if type_.name in SCALARS:
            return ir.ScalarType(type_.name)
        if type_.name in self._named:
            return self._named[type_.name]
        if type_.name:
            self._references.missing(
                type_.name.span, "unknown-type", type_.name,
                f"the type {type_.name!r} is not known here", {*SCALARS, *self._named}, local=True,
            )  # fmt: skip
        else:
            self._references.missing(
                type_.name.span, "missing-key", "type",
                "expected the key 'type', which is not there", (), local=True,
            )  # fmt: skip
        return type_


def _module(module: ir.Module, codes: set[int], references: _References) -> ir.Module:
    named: dict[str, ir.ModelType | ir.EnumerationType | ir.UnionType] = {
        **{union.name: ir.UnionType(union.id, union.name, union.inline) for union in module.unions},
        **{
            enum.name: ir.EnumerationType(enum.id, enum.name, enum.of_text, enum.members)
            for enum in module.enums
        },
        **{model.name: ir.ModelType(model.id, model.name) for model in module.models},
    }
    types = _Types(named, references)
    resolved = [evolve(model, fields=types.fields(model.fields)) for model in module.models]
    models = {model.name: model for model in resolved}
    for endpoint in module.endpoints:
        references.check_codes(endpoint.errors, codes)
    for model in module.models:
        _check_counts(f"the model {model.name}", model.fields, model.counts, references)
    return evolve(
        module,
        models=tuple(resolved),
        unions=tuple(_union(union, models, references) for union in module.unions),
        endpoints=tuple(_endpoint(item, types, models, references) for item in module.endpoints),
        events=_documents(module.events, types, references),
        messages=_documents(module.messages, types, references),
        replies=_documents(module.replies, types, references),
    )


def _union(union: ir.Union, models: Mapping[str, ir.Model], references: _References) -> ir.Union:
    return evolve(union, variants=tuple(_variant(v, models, references) for v in union.variants))


def _variant(
    variant: ir.Variant, models: Mapping[str, ir.Model], references: _References
) -> ir.Variant:
    name = variant.type.name
    if name in models:
        return evolve(variant, type=ir.ModelType(models[name].id, name))
    if isinstance(variant.type, ir.UnresolvedType):
        references.missing(
            variant.type.name.span, "unknown-type", name,
            f"the model {name!r} is not known here", models, local=True,
        )  # fmt: skip
    return variant


def _documents(documents: tuple[D, ...], types: _Types, references: _References) -> tuple[D, ...]:
    for document in documents:
        owner = f"the {document.called} {document.wire}"
        _check_counts(owner, document.own, document.counts, references)
    return tuple(evolve(document, own=types.fields(document.own)) for document in documents)


def _check_counts(
    owner: str,
    fields: tuple[ir.Field, ...],
    counts: tuple[ir.Count, ...],
    references: _References,
) -> None:
    lists = [field.name for field in fields if isinstance(field.type, ir.ListType)]
    for count in counts:
        if count.of not in lists:
            references.missing(
                count.of.span, "unknown-list", count.of,
                f"{owner} has no list {count.of!r} to count", lists, local=True,
            )  # fmt: skip


def _endpoint(
    endpoint: ir.Endpoint,
    types: _Types,
    models: Mapping[str, ir.Model],
    references: _References,
) -> ir.Endpoint:
    returns = endpoint.returns
    if returns is not None:
        returns = evolve(returns, type=types.type(returns.type))
    resolved = evolve(
        endpoint,
        returns=returns,
        query=types.fields(endpoint.query),
        body=types.fields(endpoint.body),
        form=types.fields(endpoint.form),
        raw=types.fields(endpoint.raw),
    )
    fill = tuple(_fill(fill, resolved, models, references) for fill in endpoint.fill)
    return evolve(resolved, fill=fill)


def _fill(
    fill: ir.Fill, endpoint: ir.Endpoint, models: Mapping[str, ir.Model], references: _References
) -> ir.Fill:
    parameters = endpoint.query if fill.place == "query" else endpoint.body
    names = [field.name for field in parameters if field.const is None]
    if fill.parameter not in names:
        references.missing(
            fill.parameter.span, "unknown-parameter", fill.parameter,
            f"{endpoint.name} has no {fill.place} parameter {fill.parameter!r}", names, local=True,
        )  # fmt: skip
    fields = {field.name: field for field in _filled_fields(endpoint, models)}
    if _returns_unknown(endpoint):
        return fill  # which has been reported
    if fill.field not in fields:
        references.missing(
            fill.field.span, "unknown-field", fill.field,
            f"what {endpoint.name} returns has no field {fill.field!r} that could be filled",
            fields, local=True,
        )  # fmt: skip
        return fill
    return evolve(fill, wire=fields[fill.field].wire)


def _returns_unknown(endpoint: ir.Endpoint) -> bool:
    returns = endpoint.returns
    return returns is not None and not ir.is_resolved(returns.type)


def _filled_fields(endpoint: ir.Endpoint, models: Mapping[str, ir.Model]) -> tuple[ir.Field, ...]:
    """Return the fields of the returned model, or of the items of a list, that can be filled."""
    returns = endpoint.returns
    if returns is None:
        return ()
    if returns.key is not None and not isinstance(returns.type, ir.ListType):
        return ()  # one key of an answer is filled by the platform alone
    item = ir.item_of(returns.type)
    fields = models[item.name].fields if isinstance(item, ir.ModelType) else ()
    return tuple(field for field in fields if _has_one_place(field))


def _has_one_place(field: ir.Field) -> bool:
    """Return whether a field stands under one wire name, beside the others.

    A value inside of an element, or an element around a list, cannot be filled in from outside. A
    field with several wire names, or in parts, could be filled although the answer has its value.
    """
    return not (field.within or field.item or field.also or field.spread)

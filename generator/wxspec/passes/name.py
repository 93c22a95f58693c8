"""Name: text becomes a Python name, and in each scope a name stands for one thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve, frozen

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.names import (
    CLASS_SCOPE,
    EVENT_SCOPE,
    FIELD_SCOPE,
    FUNCTION_SCOPE,
    HEADER_SCOPE,
    MODULE_SCOPE,
    PACKAGE_SCOPE,
    PARAMETER_SCOPE,
    STRATEGY_SCOPE,
    ClassName,
    ConstantName,
    Identifier,
    ModuleName,
    Name,
    async_facade_name,
    facade_name,
    is_reserved,
    problem_with,
    snake_case,
)

__all__ = ["name"]

N = TypeVar("N", bound=Name)
D = TypeVar("D", bound=ir.Document)


def name(whole: ir.Ir, report: Report) -> ir.Ir:
    """Replace every text that has to be a name by a name, or report why it cannot be one."""
    naming = _Naming(report)
    service = whole.service
    if service is not None:
        service = evolve(
            service,
            name=naming.make(ModuleName, service.name, service.span, PACKAGE_SCOPE),
            push=evolve(service.push, header=naming.fields(service.push.header, HEADER_SCOPE)),
        )
    modules = tuple(_module(module, naming) for module in whole.modules)
    naming.unique((module.name, module.span) for module in modules)
    naming.unique((push.name, push.span) for module in modules for push in module.pushes)
    naming.unique((reply.name, reply.span) for module in modules for reply in module.replies)
    groups = tuple(
        evolve(group, name=naming.make(ClassName, group.name, group.span, CLASS_SCOPE))
        for group in whole.groups
    )
    errors = tuple(
        evolve(
            error,
            name=naming.make(ClassName, error.name, error.span, CLASS_SCOPE),
        )
        for error in whole.errors
    )
    naming.unique(
        (
            *((group.name, group.span) for group in groups),
            *((error.name, error.span) for error in errors),
        )
    )
    return evolve(whole, service=service, modules=modules, groups=groups, errors=errors)


@frozen
class _Naming:
    """Makes names, and reports texts that cannot be one."""

    _report: Report

    def make(
        self,
        kind: type[N],
        text: str,
        span: Span,
        reserved: frozenset[str],
        hint: str = "choose another name",
    ) -> N:
        """Make a name, and report a text that cannot be one."""
        problem = problem_with(kind, text, reserved)
        if problem is not None:
            self._report.error(span, problem.code, problem.message, hint)
        return kind(text, span)

    def check_strategy(self, made: Identifier, span: Span, reserved: frozenset[str]) -> None:
        """Report a reserved word that a strategy would be called."""
        if is_reserved(made, reserved):
            message = f"its strategy would be called {made!r}, which is a reserved word"
            self._report.error(span, "reserved-word", message, "choose another name")

    def fields(
        self, fields: tuple[ir.Field, ...], reserved: frozenset[str]
    ) -> tuple[ir.Field, ...]:
        """Make the names of fields or parameters."""
        hint = "choose another name here, and say the one on the wire with wire:"
        return tuple(
            evolve(field, name=self.make(Identifier, field.name, field.span, reserved, hint))
            for field in fields
        )

    def counts(self, counts: tuple[ir.Count, ...]) -> tuple[ir.Count, ...]:
        """Make the names of counts."""
        return tuple(
            evolve(
                count,
                name=self.make(Identifier, count.name, count.span, FIELD_SCOPE),
                of=Identifier(count.of),  # the name of one of the fields beside it
            )
            for count in counts
        )

    def unique(self, names: Iterable[tuple[str, Span]]) -> None:
        """Report every name that stands for a second thing."""
        first: dict[str, Span] = {}
        for text, span in names:
            if text in first:
                self._report.error(
                    span,
                    "name-taken",
                    f"the name {text!r} is taken",
                    f"by the one at {first[text]}",
                )
            first.setdefault(text, span)


def _module(module: ir.Module, naming: _Naming) -> ir.Module:
    facades = (facade_name(module.name), async_facade_name(module.name))
    taken = frozenset[str]() if CLASS_SCOPE.isdisjoint(facades) else {module.name}
    named = evolve(
        module,
        name=naming.make(ModuleName, module.name, module.span, MODULE_SCOPE | taken),
        models=tuple(_model(model, naming) for model in module.models),
        enums=tuple(_enumeration(enum, naming) for enum in module.enums),
        unions=tuple(_union(union, naming) for union in module.unions),
        endpoints=tuple(_endpoint(endpoint, naming) for endpoint in module.endpoints),
        events=_documents(module.events, naming, EVENT_SCOPE),
        messages=_documents(module.messages, naming),
        replies=_documents(module.replies, naming),
    )
    classes = [
        *((str(facade), module.span) for facade in facades),
        *((model.name, model.span) for model in named.models),
        *((union.name, union.span) for union in named.unions),
        *((enum.name, enum.span) for enum in named.enums),
    ]
    unknown = [(union.unknown, union.span) for union in named.unions]
    naming.unique((*classes, *unknown))
    # Strategies and codecs are named in snake case, where WaitCase and Waitcase may meet.
    taken_already = {text for text, _ in classes}
    coded: list[ir.Named] = [*named.models, *named.unions]
    naming.unique(
        (
            *((snake_case(node.name), node.span) for node in coded),
            *((snake_case(text), span) for text, span in unknown if text not in taken_already),
        )
    )
    return named


def _model(model: ir.Model, naming: _Naming) -> ir.Model:
    made = naming.make(ClassName, model.name, model.span, CLASS_SCOPE)
    naming.check_strategy(snake_case(made), model.span, STRATEGY_SCOPE)
    return evolve(
        model,
        name=made,
        fields=naming.fields(model.fields, FIELD_SCOPE),
        counts=naming.counts(model.counts),
    )


def _enumeration(enum: ir.Enumeration, naming: _Naming) -> ir.Enumeration:
    members = tuple(
        evolve(member, name=naming.make(ConstantName, member.name, member.span, frozenset()))
        for member in enum.members
    )
    return evolve(
        enum, name=naming.make(ClassName, enum.name, enum.span, CLASS_SCOPE), members=members
    )


def _union(union: ir.Union, naming: _Naming) -> ir.Union:
    made = naming.make(ClassName, union.name, union.span, CLASS_SCOPE)
    naming.check_strategy(snake_case(made), union.span, STRATEGY_SCOPE)
    return evolve(union, name=made, unknown=ClassName(union.unknown))


def _endpoint(endpoint: ir.Endpoint, naming: _Naming) -> ir.Endpoint:
    pages = endpoint.pages
    called = {endpoint.name} if pages is None else {endpoint.name, pages.name}
    reserved = PARAMETER_SCOPE | called
    named = evolve(
        endpoint,
        name=naming.make(Identifier, endpoint.name, endpoint.span, FUNCTION_SCOPE),
        query=naming.fields(endpoint.query, reserved),
        body=naming.fields(endpoint.body, reserved),
        form=naming.fields(endpoint.form, reserved),
        raw=naming.fields(endpoint.raw, reserved),
    )
    naming.unique((field.name, field.span) for field in named.sent)
    if pages is not None:
        made = naming.make(Identifier, pages.name, pages.span, FUNCTION_SCOPE)
        named = evolve(named, pages=evolve(pages, name=made))
    return named


def _documents(
    documents: tuple[D, ...], naming: _Naming, reserved: frozenset[str] = frozenset()
) -> tuple[D, ...]:
    return tuple(_document(document, naming, reserved) for document in documents)


def _document(document: D, naming: _Naming, reserved: frozenset[str]) -> D:
    # The names of class and constant are made from the stem, so the stem is checked.
    naming.make(Identifier, document.stem.lower(), document.span, reserved)
    return evolve(
        document,
        name=ClassName(document.name),
        constant=ConstantName(document.constant),
        own=naming.fields(document.own, FIELD_SCOPE),
        counts=naming.counts(document.counts),
    )

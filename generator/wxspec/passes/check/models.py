"""Models and enumerations: an object of a model can exist, and values differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wxspec import ir
from wxspec.diagnostics import Report, Span
from wxspec.values import plain_class

__all__ = ["check_models"]


def check_models(whole: ir.Ir, report: Report) -> None:
    """Report models that contain themselves without end, and wrong values of enumerations."""
    for module in whole.modules:
        _check_recursion(module, report)
        for enum in module.enums:
            _check_enumeration(enum, report)


def _check_recursion(module: ir.Module, report: Report) -> None:
    """Report every model that needs itself, so that no object of the model could be made."""
    needs = {
        model.name: {
            field.type.name: field.span
            for field in model.fields
            if isinstance(field.type, ir.ModelType) and field.required
        }
        for model in module.models
    }
    for model in module.models:
        for name, span in needs[model.name].items():
            if name == model.name or model.name in _needed(name, needs):
                report.error(
                    span, "endless-model",
                    f"the model {model.name} contains itself without end",
                    "make the field optional",
                )  # fmt: skip


def _needed(name: str, needs: Mapping[str, Mapping[str, Span]]) -> Iterator[str]:
    """Return every model that a model needs, however deep inside."""
    seen, todo = set[str](), [*needs.get(name, ())]
    while todo:
        model = todo.pop()
        if model not in seen:
            seen.add(model)
            todo.extend(needs.get(model, ()))
            yield model


def _check_enumeration(enum: ir.Enumeration, report: Report) -> None:
    if not enum.members:
        report.error(
            enum.span, "no-values", f"expected at least one value in {enum.name}, got none"
        )
    first: dict[ir.Literal, Span] = {}
    for member in enum.members:
        if plain_class(member.value) not in (str, int):
            message = f"expected text or a whole number, got {member.value!r}"
            report.error(member.span, "wrong-type", message)
        elif isinstance(member.value, str) != isinstance(enum.members[0].value, str):
            report.error(member.span, "wrong-type", "expected only text or only numbers, got both")
        elif member.value in first:
            report.error(
                member.span, "value-taken",
                f"the value {member.value!r} is taken", f"by the one at {first[member.value]}",
            )  # fmt: skip
        first.setdefault(member.value, member.span)

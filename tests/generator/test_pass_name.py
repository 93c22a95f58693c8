"""Name: text becomes names, and two things never share one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.specs import passed, small_spec
from wxspec.names import FIELD_SCOPE, FUNCTION_SCOPE, MODULE_SCOPE, ClassName, Identifier
from wxspec.passes.name import name

_CHAT = """\
module: {module}
title: {{en: Chat}}
models:
  {model}: {{doc: A model., fields: {{{field}: {{type: string, default: "a"}}}}}}
endpoints:
  {function}:
    doc: Get.
    request: GET /get
    query: {{{parameter}: {{type: string}}}}
events:
  {event}: {{doc: An event.}}
"""
_RIGHT = {
    "module": "chat",
    "model": "Session",
    "field": "openid",
    "function": "get",
    "parameter": "openid",
    "event": "entered",
}


def _wrong(tmp_path: Path, **changed: str) -> list[str]:
    return passed(small_spec(tmp_path, chat=_CHAT.format(**{**_RIGHT, **changed})), name)[1]


def test_names_are_typed(tmp_path: Path) -> None:
    """What has passed can be printed where a name belongs."""
    whole, wrong = passed(small_spec(tmp_path, chat=_CHAT.format(**_RIGHT)), name)
    model = whole.modules[1].models[0]

    assert wrong == []
    assert isinstance(model.name, ClassName)
    assert isinstance(model.fields[0].name, Identifier)
    assert whole.modules[1].events[0].name == "EnteredEvent"


@pytest.mark.parametrize("field", sorted(FIELD_SCOPE))
def test_no_field_hides_what_its_class_needs(field: str, tmp_path: Path) -> None:
    """It would break the class, its strategy or its codec."""
    assert _wrong(tmp_path, field=field) == ["4: reserved-word"]


@pytest.mark.parametrize("function", sorted(FUNCTION_SCOPE))
def test_no_function_hides_what_its_module_needs(function: str, tmp_path: Path) -> None:
    """An import, or a builtin that the code around it calls."""
    assert _wrong(tmp_path, function=function) == ["6: reserved-word"]


@pytest.mark.parametrize("module", sorted({*MODULE_SCOPE, "call", "codecs", "timestamp"}))
def test_no_module_hides_what_the_package_needs(module: str, tmp_path: Path) -> None:
    """A module of every package, what the client can do, or a class that is imported."""
    assert _wrong(tmp_path, module=module) == ["1: reserved-word"]


@pytest.mark.parametrize("model", ["Class", "From", "List", "Str", "St", "Annotations", "Int"])
def test_no_model_s_strategy_hides_what_it_needs(model: str, tmp_path: Path) -> None:
    """Its name in snake case is a function in a module of its own."""
    assert _wrong(tmp_path, model=model) == ["4: reserved-word"]


def test_a_parameter_is_not_called_like_its_function(tmp_path: Path) -> None:
    """The façade calls the one with the other."""
    assert _wrong(tmp_path, function="find", parameter="find") == ["9: reserved-word"]


def test_an_event_is_not_the_one_that_nobody_described(tmp_path: Path) -> None:
    """That class is there already."""
    assert _wrong(tmp_path, event="unknown") == ["11: reserved-word"]


def test_names_may_be_what_nobody_needs(tmp_path: Path) -> None:
    """Builtins that the generated code does not call, and soft keywords."""
    fields = ("type", "list", "str", "match", "id", "pop", "answer", "print")
    for number, field in enumerate(fields):
        folder = tmp_path / str(number)

        assert _wrong(folder, field=field, parameter=field if field != "str" else "x") == []

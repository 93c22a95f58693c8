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


_UNIONS = """\
module: chat
title: {{en: Chat}}
models:
  Text: {{doc: A text., fields: {{text: {{type: string}}}}}}
  Page: {{doc: A page., fields: {{items: {{type: [Text]}}, next: {{type: integer, default: 0}}}}}}
  {model}: {{doc: A model., fields: {{}}}}
enums:
  {enum}: {{doc: A kind., values: {{A: {{value: a}}}}}}
unions:
  {union}: {{doc: A union., tag: kind, inline: true, of: {{text: Text}}}}
endpoints:
  find:
    doc: Find.
    request: GET /find
    query: {{{parameter}: {{type: string}}, offset: {{type: integer, default: 0}}}}
    returns: Page
    pages: {{name: {pages}, doc: Find all., items: items, next: {{offset: next}}}}
"""
_ALL_RIGHT = {
    "model": "Session",
    "enum": "Level",
    "union": "Said",
    "parameter": "openid",
    "pages": "find_all",
}


def _wrong_unions(tmp_path: Path, **changed: str) -> list[str]:
    text = _UNIONS.format(**{**_ALL_RIGHT, **changed})
    return passed(small_spec(tmp_path, chat=text), name)[1]


@pytest.mark.parametrize("union", ["From", "List", "Pages", "Event", "St", "Timestamp", "Mapping"])
def test_no_union_hides_what_its_module_needs(union: str, tmp_path: Path) -> None:
    """Neither by its own name, nor by that of its strategy."""
    assert _wrong_unions(tmp_path, union=union) == ["10: reserved-word"]


@pytest.mark.parametrize("pages", ["while", *sorted(FUNCTION_SCOPE)])
def test_no_function_through_pages_hides_what_its_module_needs(pages: str, tmp_path: Path) -> None:
    """It stands beside the function of the call."""
    assert _wrong_unions(tmp_path, pages=pages) == ["17: reserved-word"]


def test_a_parameter_is_not_called_like_the_function_through_pages(tmp_path: Path) -> None:
    """The façade calls the one with the other."""
    assert _wrong_unions(tmp_path, parameter="find_all") == ["15: reserved-word"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"model": "UnknownSaid"}, ["10: name-taken"]),
        ({"model": "UNKNOWNSaid"}, ["10: name-taken"]),
        ({"model": "SAid", "union": "SAId"}, []),
        ({"enum": "UnknownSaid"}, ["10: name-taken"]),
        ({"union": "Chat"}, ["10: name-taken"]),
        ({"union": "AsyncChat"}, ["10: name-taken"]),
        ({"model": "Said2", "union": "SAID2"}, ["10: name-taken"]),
    ],
)
def test_a_union_and_what_nobody_described_of_it_have_names_of_their_own(
    changed: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    """In the module, and in snake case, where strategies and codecs are named."""
    assert _wrong_unions(tmp_path, **changed) == expected
